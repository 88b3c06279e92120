"""What Slack's refusals and failures mean for a slot."""

from typing import Final

from bot.delivery.call_budget import TooEarly
from bot.delivery.slot_kinds import SinkOutcome
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable

FAULTS: Final = (ApiRefused, ApiUnreachable, TooEarly)
"""What calls of Slack's Web API raise."""

GONE: Final = {"message_not_found", "cant_update_message", "edit_window_closed"}
"""What Slack says of a message that is not there to be edited."""

NOT_DELETED: Final = {*GONE, "cant_delete_message"}
"""What Slack says of a message that is not there to be deleted, or is not ours."""

TOO_MUCH: Final = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
"""What Slack says of a message that it does not accept, whenever it is sent."""

OF_THE_CHANNEL: Final = {
    "channel_deleted": "channel_deleted",
    "channel_not_found": "not_in_channel",
    "is_archived": "is_archived",
    "is_inactive": "is_archived",
    "not_in_channel": "not_in_channel",
    "shared": "shared",
}
"""Why nothing can be shown in a channel, Slack's words first; the directory knows when that is over."""

OF_THE_CARD: Final = {
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
}
"""What Slack says of which nobody is told when it is over."""

OF_THE_THREAD: Final = {"restricted_action_non_threadable_channel", "restricted_action_thread_locked"}
"""Those of them that leave the card itself alone: that it is edited says nothing of its thread."""

NO_THREAD: Final = {"cannot_reply_to_message", "invalid_thread_ts", "thread_not_found"}
"""What Slack says of a thread whose first message it does not find."""


def channel_outcome(fault: Exception) -> SinkOutcome:
    """Return what a failed call about a message in a channel means; an unknown refusal is tried again."""
    if isinstance(fault, ApiUnreachable):
        return unreachable_outcome(fault)
    match fault:
        case ApiRefused(code=code) if code in NOT_DELETED:
            return SinkOutcome.GONE
        case ApiRefused(code=code) if code in TOO_MUCH:
            return SinkOutcome.TOO_LONG
        case ApiRefused(code=code) if code in OF_THE_CHANNEL or code in OF_THE_CARD:
            return SinkOutcome.RESTING
        case ApiRefused(code=code) if code in NO_THREAD:
            return SinkOutcome.NO_THREAD
        case _:
            return SinkOutcome.LATER


def unreachable_outcome(fault: ApiUnreachable) -> SinkOutcome:
    """Return what a call without a proper answer means."""
    return SinkOutcome.NOTHING_DONE if fault.nothing_done else SinkOutcome.UNKNOWN
