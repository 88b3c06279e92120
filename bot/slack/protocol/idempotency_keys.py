"""Idempotency keys: identify a request across repeated deliveries by Slack."""

from bot.commands.command_digests import command_digest
from bot.slack.protocol.requests import BlockAction, Request, ShortcutRequest, SlashCommand, ViewSubmission
from bot.store import CommandKey, EventStore
from domain.commands import Command
from domain.working_hours import ChooseWorkingHours
from domain.workspace_settings import ChooseWorkspaceSettings


def command_key(request: Request) -> CommandKey:
    """Return the key of the command that a request carries.

    Slack's own event ids are not enough: one message has been redelivered under different ones.
    """
    match request:
        case ViewSubmission():
            return CommandKey(f"view:{request.view_id}:{request.view_hash}")
        case BlockAction():
            where = request.message_ts or request.view_id
            what = f"{request.action_id}:{request.block_id}"
            return CommandKey(f"click:{where}:{what}:{request.person}:{request.action_ts}")
        case SlashCommand() | ShortcutRequest():
            return CommandKey(f"trigger:{request.trigger_id}")


def resubmission_key(
    store: EventStore, key: CommandKey, command: Command | ChooseWorkingHours | ChooseWorkspaceSettings
) -> CommandKey:
    """Return the key of a changed form that was submitted again under a used key."""
    # Keyed like the request itself: a plain digest would reveal a ballot to a reader of the file.
    return CommandKey(f"{key}:edited:{store.keyed(command_digest(command)).hex()}")
