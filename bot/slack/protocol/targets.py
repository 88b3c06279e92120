"""Subjects of buttons and forms: what they do, and about what."""

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self, TypeVar

import msgspec

from bot.slack.protocol import slack_limits
from domain.dread.metrics import Metric
from domain.kernel.elements import Kind
from domain.kernel.threat import ResponseKind
from domain.kernel.voting_round import RoundId, RoundKind


class ButtonKind(StrEnum):
    """Kinds of buttons, as action IDs; `action_id` adds a suffix where a block has several."""

    OPEN = "open"
    """Opens the form `target.name`."""
    SHOW = "show"
    """Opens the page `target.name`, on top of an open modal if there is one."""
    TURN = "turn"
    """Replaces the modal that contains the button with the form or page `target.name`."""
    FILTER = "filter"
    """Shows the page that contains the menu again, as the options chosen in it say."""
    CHOOSE = "choose"
    """Reloads a form for the selected option, whose value is the target."""
    DO = "do"
    """Executes the action `target.name`."""
    DRAFT = "draft"
    """Keeps the ticks of a page of a draft, and shows it with other ticks, or another page."""
    TRACKER = "tracker"
    """Acts on the tracker `target.element` of the workspace, as `target.name` says."""
    WORD = "word"
    """Runs the slash command `target.name` in `target.channel` for `target.stream`."""
    LINK = "link"
    """Opens a URL. Slack notifies the bot, which does nothing."""


NOTICE: Final = "notice"
"""Callback ID of a modal that shows one message in place of a form or page."""


class Action(StrEnum):
    """Commands of buttons without a form; the form “move” asks for the reason of a phase change."""

    REMOVE = "remove"
    COMPLETE_REGISTER = "complete_register"
    REOPEN_REGISTER = "reopen_register"
    WITHDRAW_ASSUMPTION = "withdraw_assumption"
    ADOPT_CATALOG = "adopt_catalog"
    WITHDRAW_THREAT = "withdraw_threat"
    CONFIRM = "confirm"
    """The IDs of the suggested threats are in `target.element`, separated by commas."""
    ADD_PLACES = "add_places"
    """Likewise; the selection is the threat to which they are added."""
    REOPEN_SUGGESTED_THREAT = "reopen_suggested_threat"
    REOPEN_ROW = "reopen_row"
    NOTHING_HERE = "nothing_here"
    CLOSE_ROUND = "close_round"
    EXTEND_ROUND = "extend_round"
    TAKE_MEDIANS = "take_medians"
    MARK_REFERENCE_THREAT = "mark_reference_threat"
    UNMARK_REFERENCE_THREAT = "unmark_reference_threat"
    APPROVE = "approve"
    START_MITIGATION = "start_mitigation"
    VERIFY = "verify"
    RESUME = "resume"
    UNLINK = "unlink"
    DISMISS_ISSUE = "dismiss_issue"
    """What the issue of a mitigation proposes is dismissed; likewise below for the issue itself."""
    REQUEST_ISSUE = "request_issue"
    UNLINK_ISSUE = "unlink_issue"
    MOVE_UP = "move_up"
    MOVE_DOWN = "move_down"
    UNDO = "undo"
    TAKE_OVER = "take_over"
    ALLOW_SHARING = "allow_sharing"
    BEGIN_ANALYSIS = "begin_analysis"
    BEGIN_REMEDIATION = "begin_remediation"
    RETURN_TO_COLLECTION = "return_to_collection"
    RETURN_TO_ANALYSIS = "return_to_analysis"
    CLOSE = "close"
    CONFIRM_CLOSING = "confirm_closing"
    CONFIRM_SCREENING = "confirm_screening"
    WITHDRAW_CLOSING = "withdraw_closing"
    REOPEN = "reopen"
    ARCHIVE = "archive"


class StaleButton(Exception):
    """A button or form whose content cannot be read: of an old release, or forged."""

    sentence = (
        "This button is from an earlier version of the bot. Type “/threatmodel status” for a current card."
    )

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence or self.sentence
        super().__init__(self.sentence)


def action_id(trigger: ButtonKind, suffix: str = "") -> str:
    """Return the action id of one button among several."""
    return f"{trigger}:{suffix}" if suffix else str(trigger)


FORMAT: Final = 1
"""Raise it when a key changes its meaning; older buttons are then refused with a message."""

FILES: Final = "files"
"""Selection of the form “draft”: the files in `element`, separated by commas, before they were read."""

ALL: Final = "all"
"""Selection of the form “place”: all components, not only those without a place."""

TYPED: Final = "typed"
"""Selection of the form “place”: also what the catalog does not have of the lines that were typed."""


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Subject of a button, form or page, with the fields that all types share: only IDs, no text of users.

    `name` is that of the form, page, action or slash command. `stream` is `T0123/TM-7`, or empty where there
    is no model yet. `element` is the ID of the element, threat, mitigation, round or file in question.
    `page` counts from 0. `round` counts how often an add form was kept open. `opened` is a random token,
    generated each time a form is shown; the values that its fields showed are stored under it. `back` is the
    page that a form was opened from, shown again after the submission; if it was another form, `behind` is
    that one's `opened`. `attempt` is the ID of the post that contains the button.
    """

    format: int = msgspec.field(default=0, name="v")
    name: str = msgspec.field(default="", name="w")
    stream: str = msgspec.field(default="", name="s")
    channel: str = msgspec.field(default="", name="c")
    element: str = msgspec.field(default="", name="e")
    kind: Kind | None = msgspec.field(default=None, name="k")
    page: int = msgspec.field(default=0, name="p")
    round: int = msgspec.field(default=0, name="r")
    opened: str = msgspec.field(default="", name="o")
    back: str = msgspec.field(default="", name="b")
    behind: str = msgspec.field(default="", name="f")
    attempt: str = msgspec.field(default="", name="x")

    @property
    def key(self) -> str:
        """The model's key, `TM-7`."""
        return self.stream.rpartition("/")[2]

    @property
    def from_message(self) -> bool:
        """Whether it is about a Slack message that was picked."""
        return False

    @classmethod
    def of(cls, target: "Target") -> Self:
        """Return a target as this type, with the fields that both have; raises StaleButton."""
        if type(target) is cls:
            return target
        shared = {field: getattr(target, field) for field in cls.__struct_fields__ if hasattr(target, field)}
        try:
            return cls(**shared)
        except TypeError as missing:
            raise StaleButton from missing


class PhaseTarget(Target, frozen=True, kw_only=True):
    """A phase change, before its reason is entered."""

    move: Action = msgspec.field(name="d")


class ThreatResponseTarget(Target, frozen=True, kw_only=True):
    """A response to the threat in `element`."""

    response: ResponseKind = msgspec.field(name="d")


class SelectionTarget(Target, frozen=True, kw_only=True):
    """A form that lists a selection of the open items; the selections are constants beside the form."""

    selection: str = msgspec.field(default="", name="d")


class AccountTarget(Target, frozen=True, kw_only=True):
    """An account of a person in the tracker `element`, by a digest of both."""

    account: str = msgspec.field(default="", name="d")


class StartTarget(Target, frozen=True, kw_only=True):
    """A new model; `shown_warning` is ALLOW_SHARING once the form named the other organizations."""

    shown_warning: Action | None = msgspec.field(default=None, name="d")


class ImportTarget(Target, frozen=True, kw_only=True):
    """The import of the file in `element`; `sha256` is known once the file was read."""

    sha256: str = msgspec.field(default="", name="d")


class DraftTarget(Target, frozen=True, kw_only=True):
    """The draft in `element`, such as `D-3`; with FILES, the files in it are to be read.

    On a button, `selection` is what it does: all or none of a group, or the previous or next page.
    """

    selection: str = msgspec.field(default="", name="d")

    @property
    def files(self) -> tuple[str, ...]:
        """The IDs of the files to read."""
        return tuple(self.element.split(",")) if self.selection == FILES and self.element else ()


class OpenRoundTarget(Target, frozen=True, kw_only=True):
    """A voting round that is to be opened."""

    round_kind: RoundKind = msgspec.field(default=RoundKind.INITIAL, name="d")


class VotingTarget(Target, frozen=True, kw_only=True):
    """A voting round and, on a ballot, the threat in `element`."""

    voting_round: RoundId = msgspec.field(default=RoundId(""), name="d")


class RatingTarget(Target, frozen=True, kw_only=True):
    """A person's rating of the threat in `element`: `RD-1/damage`."""

    rating: str = msgspec.field(default="", name="d")

    @property
    def voting_round(self) -> RoundId:
        """The round."""
        return RoundId(self.rating.partition("/")[0])

    @property
    def metric(self) -> Metric:
        """The metric; raises StaleButton for an unknown one."""
        try:
            return Metric(self.rating.partition("/")[2])
        except ValueError as unknown:
            raise StaleButton from unknown


class ReminderTarget(Target, frozen=True, kw_only=True):
    """The subject of a reminder; `reminder` is its key, empty where no reminder led there."""

    reminder: str = msgspec.field(default="", name="d")


class ProposalTarget(ReminderTarget, frozen=True, kw_only=True):
    """A proposal that a button approves, with the moment at which it was made."""

    proposed: datetime | None = msgspec.field(default=None, name="a")


class LinkTarget(Target, frozen=True, kw_only=True):
    """The mitigation in `element`, and one of the threats that it serves."""

    threat: str = msgspec.field(default="", name="d")


LAST_CLOSING: Final = -1


class DayTarget(Target, frozen=True, kw_only=True):
    """A day in the past, or a version; LAST_CLOSING is the version at which the model was closed last."""

    day: date | None = msgspec.field(default=None, name="y")
    version: int = msgspec.field(default=0, name="j")


class MessageTarget(Target, frozen=True, kw_only=True):
    """A Slack message and its thread, by the timestamps that Slack identifies them with."""

    message: str = msgspec.field(default="", name="m")
    thread: str = msgspec.field(default="", name="t")

    @property
    def from_message(self) -> bool:
        """Whether it is about a Slack message that was picked."""
        return bool(self.message)


class WordTarget(Target, frozen=True, kw_only=True):
    """A slash command with what a button can carry of its text.

    `argument` is a format, a chart or a voting round; `day` and `until` limit a report; `thread` is the one
    that the command was typed in.
    """

    argument: str = msgspec.field(default="", name="d")
    day: date | None = msgspec.field(default=None, name="y")
    until: date | None = msgspec.field(default=None, name="u")
    thread: str = msgspec.field(default="", name="t")


def encode_target(target: Target) -> str:
    """Encode a target for a button's value, an option's value or a view's private_metadata."""
    return msgspec.json.encode(msgspec.structs.replace(target, format=FORMAT)).decode()


_SomeTarget = TypeVar("_SomeTarget", bound=Target)


def decode_target(
    value: str | None, type_of: Callable[[str], type[_SomeTarget]] = lambda _: Target
) -> _SomeTarget:
    """Decode such a text as the type that is declared for its name; raises StaleButton for anything else."""
    encoded = _encoded(value)
    fields = _checked_fields(encoded)
    try:
        target = msgspec.json.decode(encoded, type=type_of(fields.name))
    except msgspec.ValidationError as error:
        raise StaleButton from error
    return msgspec.structs.replace(target, format=0)


def mark_attempt(value: str, attempt: str) -> str:
    """Return the value of a button with the ID of the attempt that posts it; raises StaleButton."""
    fields = _checked_fields(_encoded(value))
    return msgspec.json.encode(msgspec.structs.replace(fields, attempt=attempt)).decode()


class _Fields(Target, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of all types; a value that holds any other one is forged, or of a later release."""

    detail: str = msgspec.field(default="", name="d")
    proposed: datetime | None = msgspec.field(default=None, name="a")
    day: date | None = msgspec.field(default=None, name="y")
    until: date | None = msgspec.field(default=None, name="u")
    message: str = msgspec.field(default="", name="m")
    thread: str = msgspec.field(default="", name="t")


def _encoded(value: str | None) -> bytes:
    """Return a value as it is decoded; what no text can hold, such as half a character, is replaced."""
    if not value or len(value) > slack_limits.BUTTON_VALUE:
        raise StaleButton
    return value.encode(errors="replace")


def _checked_fields(encoded: bytes) -> _Fields:
    try:
        fields = msgspec.json.decode(encoded, type=_Fields)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise StaleButton from error
    if fields.format != FORMAT or not _is_plausible(fields):
        raise StaleButton
    return fields


def _is_plausible(fields: _Fields) -> bool:
    counts = 0 <= fields.page < _MAX_COUNT and 0 <= fields.round < _MAX_COUNT
    timestamps = [one for one in (fields.message, fields.thread) if one]
    return counts and bool(_TOKEN.fullmatch(fields.opened)) and all(map(_TIMESTAMP.fullmatch, timestamps))


_MAX_COUNT = 100_000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{0,24}")
_TIMESTAMP = re.compile(r"\d{1,12}\.\d{1,12}")
