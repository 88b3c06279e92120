"""What Slack's refusals and failures mean for a file, and for what is told about one."""

from collections.abc import Collection
from typing import Final

from bot.delivery.slot_kinds import SinkOutcome
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.sinks.outcomes import unreachable_outcome

NO_FAULT_OF_THE_FILE: Final = {
    "ratelimited",
    "account_inactive",
    "invalid_auth",
    "not_authed",
    "token_expired",
    "token_revoked",
}
"""What Slack says that is no fault of the file: to wait, or that the bot may do nothing any more."""

FILE_GONE: Final = {"file_not_found", "file_deleted"}
CANVAS_GONE: Final = {"canvas_not_found", "canvas_disabled_file_team"}
MESSAGE_GONE: Final = {"message_not_found", "cant_delete_message"}


class FileNotShown(Exception):
    """A file is given up: it cannot be made, or it never arrived; `why` tells it in words or by a code."""

    def __init__(self, why: str, *, code: str = "") -> None:
        super().__init__(code or why)
        self.why = why
        self.code = code


def file_outcome(fault: Exception, resting: Collection[str]) -> SinkOutcome:
    """Return what a failed call means; `resting` are the codes of a place where nothing can be shown now."""
    match fault:
        case ApiUnreachable():
            return unreachable_outcome(fault)
        case ApiRefused(code=code) if code in NO_FAULT_OF_THE_FILE:
            return SinkOutcome.LATER
        case ApiRefused(code=code) if code in FILE_GONE | CANVAS_GONE | MESSAGE_GONE:
            return SinkOutcome.GONE
        case ApiRefused(code=code) if code in resting:
            return SinkOutcome.RESTING
        case _:
            return SinkOutcome.REFUSED
