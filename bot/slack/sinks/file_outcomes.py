"""Meaning of Slack's refusals and failures for a file, and for the messages about it."""

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
"""Slack's codes that are unrelated to the file: rate limits, and an app that may do nothing any longer."""

FILE_GONE: Final = {"file_not_found", "file_deleted"}
CANVAS_GONE: Final = {"canvas_not_found", "canvas_disabled_file_team"}
MESSAGE_GONE: Final = {"message_not_found", "cant_delete_message"}


class FileNotShown(Exception):
    """Error: a file cannot be created or never appeared; `why` is a sentence or a code."""

    def __init__(self, why: str, *, code: str = "") -> None:
        super().__init__(code or why)
        self.why = why
        self.code = code


def file_outcome(fault: Exception, suspension_codes: Collection[str]) -> SinkOutcome:
    """Return the meaning of a failed call; `suspension_codes` suspend everything in the channel."""
    match fault:
        case ApiUnreachable():
            return unreachable_outcome(fault)
        case ApiRefused(code=code) if code in NO_FAULT_OF_THE_FILE:
            return SinkOutcome.LATER
        case ApiRefused(code=code) if code in FILE_GONE | CANVAS_GONE | MESSAGE_GONE:
            return SinkOutcome.GONE
        case ApiRefused(code=code) if code in suspension_codes:
            return SinkOutcome.SUSPENDED
        case _:
            return SinkOutcome.REFUSED


def why_not_shown(fault: Exception) -> str:
    """Return Slack's code or the kind of failure because of which a file was given up."""
    match fault:
        case FileNotShown():
            return fault.code or fault.why
        case ApiRefused() | ApiUnreachable():
            return fault.code
        case _:
            return type(fault).__name__
