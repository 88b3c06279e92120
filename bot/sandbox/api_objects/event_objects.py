"""Event objects for changes in the workspace."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.sandbox.api_objects.basic_objects import message_object
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import PostedMessage, Workspace


def membership_changed(
    workspace: Workspace, name: str, channel: SlackChannel, person: SlackAccount, inviter: str | None = None
) -> Json:
    """Return member_joined_channel or member_left_channel."""
    fields: Json = {"type": name, "user": person.id, "channel": channel.id}
    fields |= {"channel_type": "G" if channel.is_private else "C", "team": workspace.team.id}
    return {**fields, "inviter": inviter} if inviter else fields


def message_posted(workspace: Workspace, channel: SlackChannel, message: PostedMessage) -> Json:
    """Return the message event of a person's message."""
    return {
        **message_object(workspace, message),
        "channel": channel.id,
        "channel_type": channel_type(channel),
        "event_ts": message.ts,
    }


def message_replaced(
    workspace: Workspace, channel: SlackChannel, before: PostedMessage, now: PostedMessage | None = None
) -> Json:
    """Return the message event of an edit, or of a deletion, with a timestamp of its own."""
    ts = workspace.new_ts()
    change: Json = {"subtype": "message_deleted", "deleted_ts": before.ts}
    if now is not None:
        change = {"subtype": "message_changed", "message": message_object(workspace, now)}
    return {
        "type": "message",
        **change,
        "hidden": True,
        "channel": channel.id,
        "ts": ts,
        "previous_message": message_object(workspace, before),
        "channel_type": channel_type(channel),
        "event_ts": ts,
    }


def file_shared(channel: SlackChannel, message: PostedMessage, file_id: str) -> Json:
    """Return file_shared."""
    fields: Json = {"type": "file_shared", "file_id": file_id, "file": {"id": file_id}}
    return {**fields, "user_id": message.author, "channel_id": channel.id, "event_ts": message.ts}


def link_shared(channel: SlackChannel, message: PostedMessage, urls: Sequence[str], *, member: bool) -> Json:
    """Return link_shared for links of a posted message; `member` says whether the bot is in the channel."""
    fields: Json = {"type": "link_shared", "user": message.author, "channel": channel.id}
    fields |= {"message_ts": message.ts, **({"thread_ts": message.thread} if message.thread else {})}
    links = [{"url": url, "domain": urlsplit(url).hostname} for url in urls]
    return {
        **fields,
        "links": links,
        "source": "conversations_history",
        "unfurl_id": f"{channel.id}.{message.ts}.{len(urls)}",
        "is_bot_user_member": member,
        "event_ts": message.ts,
    }


TOKENS_REVOKED: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER_ID]}}
"""The event about the bot's token."""


def channel_family(channel: SlackChannel) -> str:
    """Return the prefix of the names of a channel's events."""
    return "group" if channel.is_private else "channel"


def channel_type(channel: SlackChannel) -> str:
    """Return a conversation's type as used in message events."""
    if channel.is_im or channel.is_mpim:
        return "im" if channel.is_im else "mpim"
    return "group" if channel.is_private else "channel"


def message_subscription(channel: SlackChannel) -> str:
    """Return the name under which an app subscribes to a conversation's messages."""
    kind = channel_type(channel)
    return f"message.{kind}" if kind in ("im", "mpim") else f"message.{kind}s"
