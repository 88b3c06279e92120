"""Interactions: callback ids, action ids, and the versioned value of a button, which holds only ids."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from bot.slack.protocol import slack_limits
from domain.kernel.elements import Kind

FORMAT: Final = 1
"""To be raised when the meaning of what a button carries changes; older buttons are then refused kindly."""


class ButtonKind(StrEnum):
    """Kinds of buttons, as action IDs; `action_id` adds a suffix where a block has several."""

    OPEN = "open"
    """Opens the form `target.name`."""
    SHOW = "show"
    """Opens the page `target.name`, on top of an open modal if there is one."""
    TURN = "turn"
    """Replaces the modal that contains the button with the form or page `target.name`."""
    CHOOSE = "choose"
    """Reloads a form for the selected option, whose value is the target."""
    DO = "do"
    """Executes the action `target.name`."""
    WORD = "word"
    """Runs the slash command `target.name` in `target.channel` for `target.stream`."""
    LINK = "link"
    """Opens a URL. Slack notifies the bot, which does nothing."""


NOTICE: Final = "notice"
"""Callback ID of a modal that shows one message in place of a form or page."""


class Action(StrEnum):
    """Commands without a form; the phase changes are also subjects of MOVE, in `target.deed`."""

    REMOVE = "remove"
    COMPLETE_REGISTER = "complete_register"
    REOPEN_REGISTER = "reopen_register"
    WITHDRAW_ASSUMPTION = "withdraw_assumption"
    WITHDRAW_THREAT = "withdraw_threat"
    CONFIRM = "confirm"
    """Of the candidates in `target.element`, by their ids with commas between."""
    REOPEN_CANDIDATE = "reopen_candidate"
    REOPEN_ROW = "reopen_row"
    CLOSE_ROUND = "close_round"
    EXTEND_ROUND = "extend_round"
    MARK_YARDSTICK = "mark_yardstick"
    UNMARK_YARDSTICK = "unmark_yardstick"
    APPROVE = "approve"
    """Like VERIFY, of the nudge in `target.deed` where a reminder led there."""
    START_MITIGATION = "start_mitigation"
    VERIFY = "verify"
    RESUME = "resume"
    MOVE_UP = "move_up"
    MOVE_DOWN = "move_down"
    UNDO = "undo"
    TAKE_OVER = "take_over"
    ALLOW_SHARING = "allow_sharing"
    """Also in `target.deed` of the form START: it said that other organisations will see the model."""
    BEGIN_ANALYSIS = "begin_analysis"
    BEGIN_REMEDIATION = "begin_remediation"
    RETURN_TO_COLLECTION = "return_to_collection"
    RETURN_TO_ANALYSIS = "return_to_analysis"
    CLOSE = "close"
    CONFIRM_CLOSING = "confirm_closing"
    WITHDRAW_CLOSING = "withdraw_closing"
    REOPEN = "reopen"
    ARCHIVE = "archive"


ALL: Final = "all"
"""As `target.deed` of the form PLACE: all components, not only those that are not placed yet."""


class StaleButton(Exception):
    """A button or form whose content cannot be read: of an old release, or forged."""

    sentence = (
        "This button is from an older version of the bot. “/threatmodel status” gives you a fresh card."
    )

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence or self.sentence
        super().__init__(self.sentence)


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Subject of a button, form or page: only ids, never text of users.

    `stream` is `T0123/TM-7`, or empty where there is no model yet; `what` names the form, page, deed or
    word, `deed` what a form is for (the move of MOVE, the round of BALLOT); `page` counts from 0; `round`
    counts how often an add form was kept open. `opened` is a random token, another one each time a form is
    shown; what its fields showed is remembered by it (`seen` was written by earlier releases and is no longer
    read). `proposed` is the moment of the proposal that a button agrees to. `day` the one to look back at,
    `until` the one to look at it from; `message` and `thread` are the moments that Slack names a message and
    its thread by; `back` is the page that a form was opened from, shown again once the form is handed in.
    `attempt` is the id of the post that a button stands in.
    """

    format: int = msgspec.field(default=0, name="v")
    name: str = msgspec.field(default="", name="w")
    stream: str = msgspec.field(default="", name="s")
    channel: str = msgspec.field(default="", name="c")
    element: str = msgspec.field(default="", name="e")
    deed: str = msgspec.field(default="", name="d")
    kind: Kind | None = msgspec.field(default=None, name="k")
    page: int = msgspec.field(default=0, name="p")
    round: int = msgspec.field(default=0, name="r")
    seen: int = msgspec.field(default=0, name="n")
    opened: str = msgspec.field(default="", name="o")
    proposed: datetime | None = msgspec.field(default=None, name="a")
    day: date | None = msgspec.field(default=None, name="y")
    until: date | None = msgspec.field(default=None, name="u")
    message: str = msgspec.field(default="", name="m")
    thread: str = msgspec.field(default="", name="t")
    back: str = msgspec.field(default="", name="b")
    attempt: str = msgspec.field(default="", name="x")

    @property
    def key(self) -> str:
        """The model's key, `TM-7`."""
        return self.stream.rpartition("/")[2]


def encode_target(target: Target) -> str:
    """Encode a target for a button's value, an option's value or a view's private_metadata."""
    return msgspec.json.encode(msgspec.structs.replace(target, format=FORMAT)).decode()


def decode_target(value: str | None) -> Target:
    """Decode such a text; raises StaleButton for anything else."""
    if not value or len(value) > slack_limits.BUTTON_VALUE:
        raise StaleButton
    try:
        target = msgspec.json.decode(value.encode(errors="replace"), type=Target)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise StaleButton from error
    if target.format != FORMAT or not _sane(target):
        raise StaleButton
    return msgspec.structs.replace(target, format=0)


def action_id(trigger: ButtonKind, suffix: str = "") -> str:
    """Return the action id of one button among several."""
    return f"{trigger}:{suffix}" if suffix else str(trigger)


def _sane(target: Target) -> bool:
    counts = 0 <= target.page < _MOST and 0 <= target.round < _MOST and target.seen >= 0
    return (
        counts
        and bool(_TOKEN.fullmatch(target.opened))
        and all(_MOMENT.fullmatch(one) for one in (target.message, target.thread) if one)
    )


_MOST = 100_000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{0,24}")
_MOMENT = re.compile(r"\d{1,12}\.\d{1,12}")
