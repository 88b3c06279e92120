"""What makes a request the same one, however often Slack brings it."""

from bot.commands.command_handler import digest_of
from bot.slack.protocol.requests import Asked, Click, Shortcut, Slash, Submission
from bot.store import CommandKey, EventStore
from domain.commands import Command
from domain.working_hours import ChooseWorkingHours


def key_of(asked: Asked) -> CommandKey:
    """The key of the command that a request carries.

    Slack's own event ids are not enough: one message has been redelivered under different ones.
    """
    match asked:
        case Submission():
            return CommandKey(f"view:{asked.view_id}:{asked.view_hash}")
        case Click():
            where = asked.message_ts or asked.view_id
            what = f"{asked.action_id}:{asked.block_id}"
            return CommandKey(f"click:{where}:{what}:{asked.person}:{asked.action_ts}")
        case Slash() | Shortcut():
            return CommandKey(f"trigger:{asked.trigger_id}")


def edited(store: EventStore, key: CommandKey, command: Command | ChooseWorkingHours) -> CommandKey:
    """The key of what somebody changed and sent again under a key that was used already."""
    # Keyed like the request itself: a plain digest would reveal a ballot to a reader of the file.
    return CommandKey(f"{key}:edited:{store.keyed(digest_of(command)).hex()}")
