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
    """Kinds of buttons, as action ids; `action_id` adds a suffix where a block has several."""

    OPEN = "open"
    """Opens the form `target.what`."""
    SHOW = "show"
    """Shows the page `target.what`, on top of an open view if there is one."""
    TURN = "turn"
    """Shows the page `target.what` in place of the view that the button stands in."""
    CHOOSE = "choose"
    """Something was chosen in a form that shows the form anew; the option's value is the target."""
    DO = "do"
    """Does the deed `target.what` at once."""
    WORD = "word"
    """Does what the slash word `target.what` does, in `target.channel`, for `target.stream`."""
    LINK = "link"
    """Leads to an address; Slack tells the bot, which has nothing to do."""


class FormName(StrEnum):
    """Callback ids of forms."""

    START = "start"
    NAMES = "names"
    FLOWS = "flows"
    PLACE = "place"
    ELEMENT = "element"
    QUESTIONS = "questions"
    ASK = "ask"
    ASSUMPTION = "assumption"
    THREAT = "threat"
    DISMISS = "dismiss"
    CONSIDER = "consider"
    MERGE = "merge"
    OPEN_ROUND = "open_round"
    BALLOT = "ballot"
    SETTLE_ROUND = "settle_round"
    EXPLAIN = "explain"
    RESPOND = "respond"
    """What is done about the threat in `target.element`; the kind of response is in `target.deed`."""
    ACCEPT = "accept"
    """Like REASSIGN_APPROVAL, DECLINE and REFUSE, of the nudge in `target.deed` where one led there."""
    REASSIGN_APPROVAL = "reassign_approval"
    DECLINE = "decline"
    MITIGATION = "mitigation"
    """Plans one against the threat in `target.element`, or revises the mitigation in there."""
    IMPLEMENT = "implement"
    """Like REASSIGN, of the nudge in `target.deed` where a reminder led there."""
    REFUSE = "refuse"
    DROP = "drop"
    REASSIGN = "reassign"
    RESCHEDULE = "reschedule"
    SCOPE = "scope"
    PARTICIPANTS = "participants"
    TERMS = "terms"
    HAND_OVER = "hand_over"
    MOVE = "move"
    DECLINE_CLOSING = "decline_closing"
    HOURS = "hours"
    LOOK_BACK = "look_back"
    SNOOZE = "snooze"
    """Of the nudge in `target.deed`, about `target.element`."""
    RETROSPECTIVE = "retrospective"
    IMPORT = "import"
    """Of the file in `target.element`; once it was read, its SHA-256 is in `target.deed`."""


class PageName(StrEnum):
    """Callback ids of pages: modals that are only read, and whose buttons are pressed."""

    LISTS = "lists"
    REGISTER = "register"
    SEEN = "seen"
    THREATS = "threats"
    DISMISSED = "dismissed"
    COVERAGE = "coverage"
    BALLOTS = "ballots"
    PLAN = "plan"
    CLOSING = "closing"
    """A closing that waits for a second person."""
    RESPONSE = "response"
    """What is done about one threat: that in `target.element`, or that of the mitigation in there."""
    HISTORY = "history"
    ASSUMPTIONS = "assumptions"
    MORE = "more"
    SETTINGS = "settings"
    AS_OF = "as_of"
    RETROSPECTIVES = "retrospectives"
    WHY = "why"
    """Of the nudge in `target.deed`."""
    NOTICE = "notice"
    """A sentence in place of a view."""


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
    what: str = msgspec.field(default="", name="w")
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
