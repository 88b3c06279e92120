"""Meaning of Slack's refusals and failures for a slot."""

from typing import Final

from bot.delivery.call_budget import TooEarly
from bot.delivery.slot_kinds import SinkOutcome
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable

FAULTS: Final = (ApiRefused, ApiUnreachable, TooEarly)
"""The exceptions of Web API calls."""

GONE: Final = {"message_not_found", "cant_update_message", "edit_window_closed"}
"""Slack's codes for a message that does not exist and so cannot be edited."""

NOT_DELETED: Final = {*GONE, "cant_delete_message"}
"""Slack's codes for a message that does not exist or belongs to someone else."""

TOO_MUCH: Final = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
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

OF_THE_CARD: Final = {
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
}
"""Slack's codes that suspend a card without an announcement of their end."""

OF_THE_THREAD: Final = {"restricted_action_non_threadable_channel", "restricted_action_thread_locked"}
"""Those codes that concern only the thread: editing the card says nothing about them."""

NO_THREAD: Final = {"cannot_reply_to_message", "invalid_thread_ts", "thread_not_found"}
"""Slack's codes for a thread whose first message does not exist."""


def channel_outcome(fault: Exception) -> SinkOutcome:
    """Return the meaning of a failed call about a channel message; an unknown refusal is retried."""
    if isinstance(fault, ApiUnreachable):
        return unreachable_outcome(fault)
    match fault:
        case ApiRefused(code=code) if code in NOT_DELETED:
            return SinkOutcome.GONE
        case ApiRefused(code=code) if code in TOO_MUCH:
            return SinkOutcome.TOO_LONG
        case ApiRefused(code=code) if code in OF_THE_CHANNEL or code in OF_THE_CARD:
            return SinkOutcome.SUSPENDED
        case ApiRefused(code=code) if code in NO_THREAD:
            return SinkOutcome.NO_THREAD
        case _:
            return SinkOutcome.LATER


def unreachable_outcome(fault: ApiUnreachable) -> SinkOutcome:
    """Return the meaning of a call without a valid response."""
    return SinkOutcome.NOTHING_DONE if fault.nothing_done else SinkOutcome.UNKNOWN
