"""Action IDs, the commands of buttons without a form, and the error for outdated buttons."""

from enum import StrEnum
from typing import Final


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
    """The IDs of the candidates are in `target.element`, separated by commas."""
    ADD_PLACES = "add_places"
    """Likewise; the selection is the threat to which they are added."""
    REOPEN_CANDIDATE = "reopen_candidate"
    REOPEN_ROW = "reopen_row"
    CLOSE_ROUND = "close_round"
    EXTEND_ROUND = "extend_round"
    MARK_YARDSTICK = "mark_yardstick"
    UNMARK_YARDSTICK = "unmark_yardstick"
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
