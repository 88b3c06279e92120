"""Meaning of Slack's refusals and failures: for a slot, for a file, and for the work that raised them."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from bot.delivery.call_budget import TooEarly
from bot.delivery.slot_kinds import SinkOutcome
from bot.delivery.work_kinds import Failure
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.store import StoreError

FAULTS: Final = (ApiRefused, ApiUnreachable, TooEarly)
"""The exceptions of Web API calls."""

NO_FAULT_OF_THE_FILE: Final = frozenset(
    {"ratelimited", "account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""Slack's codes that are unrelated to a file: rate limits, and an app that may do nothing any longer."""

PERMANENT_CODES: Final = NO_FAULT_OF_THE_FILE - {"ratelimited"} | {"missing_scope", "team_access_not_granted"}
"""Slack's codes for an app that may do nothing any longer; without posting it cannot notify anyone either."""

GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""Slack's codes for a message that does not exist and so cannot be edited."""

NOT_DELETED: Final = GONE | {"cant_delete_message"}
"""Slack's codes for a message that does not exist or belongs to someone else."""

FILE_GONE: Final = frozenset({"file_not_found", "file_deleted"})
CANVAS_GONE: Final = frozenset({"canvas_not_found", "canvas_disabled_file_team"})

TOO_MUCH: Final = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
"""Slack's codes for a message whose content it rejects on every try."""

OF_THE_CHANNEL: Final = {
    "channel_deleted": "channel_deleted",
    "channel_not_found": "not_in_channel",
    "is_archived": "is_archived",
    "is_inactive": "is_archived",
    "not_in_channel": "not_in_channel",
    "shared": "shared",
}
"""Slack's codes for a channel that cannot be written to, with the directory's reason, whose end it learns."""

OF_THE_CARD: Final = frozenset(
    {
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
    }
)
"""Slack's codes that suspend a card without an announcement of their end."""

OF_THE_THREAD: Final = frozenset(
    {"restricted_action_non_threadable_channel", "restricted_action_thread_locked"}
)
"""Those codes that concern only the thread: editing the card says nothing about them."""

NO_THREAD: Final = frozenset({"cannot_reply_to_message", "invalid_thread_ts", "thread_not_found"})
"""Slack's codes for a thread whose first message does not exist."""


class FileNotShown(Exception):
    """Error: a file cannot be created or never appeared; `why` is a sentence or a code."""

    def __init__(self, why: str, *, code: str = "") -> None:
        super().__init__(code or why)
        self.why = why
        self.code = code


class Outcomes(msgspec.Struct, frozen=True):
    """Meaning of Slack's codes for one kind of post; `otherwise` is the meaning of every other code."""

    codes: Mapping[str, SinkOutcome]
    otherwise: SinkOutcome

    def of(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call."""
        if isinstance(fault, ApiRefused):
            return self.codes.get(fault.code, self.otherwise)
        if isinstance(fault, ApiUnreachable):
            return SinkOutcome.NOTHING_DONE if fault.nothing_done else SinkOutcome.UNKNOWN
        # A file that was not shown is the only other exception that sinks declare.
        return SinkOutcome.LATER if isinstance(fault, TooEarly) else SinkOutcome.REFUSED


def _outcomes(otherwise: SinkOutcome, *meanings: tuple[Iterable[str], SinkOutcome]) -> Outcomes:
    return Outcomes({code: meaning for codes, meaning in meanings for code in codes}, otherwise)


CHANNEL_OUTCOMES: Final = _outcomes(
    SinkOutcome.LATER,
    (NOT_DELETED, SinkOutcome.GONE),
    (TOO_MUCH, SinkOutcome.TOO_LONG),
    ((*OF_THE_CHANNEL, *OF_THE_CARD), SinkOutcome.SUSPENDED),
    (NO_THREAD, SinkOutcome.NO_THREAD),
)
"""Outcomes for messages in channels: an unknown refusal is retried."""

DIRECT_OUTCOMES: Final = _outcomes(
    SinkOutcome.REFUSED,
    ((*PERMANENT_CODES, "ratelimited"), SinkOutcome.LATER),
    (GONE, SinkOutcome.GONE),
    (TOO_MUCH, SinkOutcome.TOO_LONG),
)
"""Outcomes for direct messages: an unknown refusal is final, because it affects no one else."""

FILE_OUTCOMES: Final = _outcomes(
    SinkOutcome.REFUSED,
    (NO_FAULT_OF_THE_FILE, SinkOutcome.LATER),
    ((*FILE_GONE, *CANVAS_GONE, "message_not_found", "cant_delete_message"), SinkOutcome.GONE),
    ((*OF_THE_CHANNEL, *OF_THE_CARD), SinkOutcome.SUSPENDED),
)
"""Outcomes for files in threads, and for the messages about them."""

CANVAS_OUTCOMES: Final = _outcomes(
    SinkOutcome.REFUSED, (NO_FAULT_OF_THE_FILE, SinkOutcome.LATER), (CANVAS_GONE, SinkOutcome.GONE)
)
"""Outcomes for canvases."""

HOME_OUTCOMES: Final = _outcomes(
    SinkOutcome.LATER,
    (("hash_conflict",), SinkOutcome.GONE),
    (("invalid_arguments", "not_enabled", "user_not_found", "view_too_large"), SinkOutcome.REFUSED),
)
"""Outcomes for Home tabs, some of which Slack rejects on every try."""


def why_not_shown(fault: Exception) -> str:
    """Return Slack's code or the kind of failure because of which a file was given up."""
    if isinstance(fault, FileNotShown):
        return fault.code or fault.why
    return fault.code if isinstance(fault, ApiRefused | ApiUnreachable) else type(fault).__name__


def classify_failure(fault: Exception) -> Failure:
    """Return the meaning of an exception raised by work.

    An outage is independent of the work: however long it lasts, the work is not parked.
    """
    match fault:
        case ApiRefused():
            return Failure(
                reason=fault.code,
                wait=fault.retry_after,
                counted=fault.code != "ratelimited",
                paced=fault.code == "ratelimited",
                fatal=fault.code in PERMANENT_CODES,
            )
        case ApiUnreachable():
            return Failure(reason=fault.code, counted=False)
        case TooEarly():
            return Failure(reason="pace of calls", own_wait=fault.seconds, counted=False, paced=True)
        case StoreError():
            return Failure(reason=type(fault).__name__, counted=False)
        case _:  # every other exception is a fault of the program, which its traceback shows
            return Failure(reason=type(fault).__name__, trace=True)
