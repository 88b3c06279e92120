"""Event objects for changes in the workspace."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.sandbox.api_objects.basic_objects import message_object, visible_user_object
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import PARTNER_TEAM_ID, SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import PostedMessage, Workspace


def channel_event(name: str, channel: SlackChannel, **more: object) -> Json:
    """Return an event that identifies a channel, such as channel_left."""
    return {"type": name, "channel": channel.id, **more}


def channel_renamed(channel: SlackChannel) -> Json:
    """Return channel_rename, or group_rename for a private channel."""
    fields: Json = {"id": channel.id, "name": channel.name, "created": channel.created}
    fields |= {"name_normalized": channel.name, "is_channel": not channel.is_private, "is_mpim": False}
    return {"type": f"{channel_family(channel)}_rename", "channel": fields}


def channel_id_changed(before: SlackChannel, now: SlackChannel) -> Json:
    """Return channel_id_changed."""
    return {"type": "channel_id_changed", "old_channel_id": before.id, "new_channel_id": now.id}


def channel_archived(channel: SlackChannel, by: str) -> Json:
    """Return channel_archive or channel_unarchive, or the group variant, for the channel's current state."""
    word = "archive" if channel.is_archived else "unarchive"
    return {"type": f"{channel_family(channel)}_{word}", "channel": channel.id, "user": by}


def channel_shared(channel: SlackChannel) -> Json:
    """Return channel_shared or channel_unshared for the channel's state, also for private channels."""
    if channel.is_ext_shared:
        return {"type": "channel_shared", "connected_team_id": PARTNER_TEAM_ID, "channel": channel.id}
    return {
        "type": "channel_unshared",
        "previously_connected_team_id": PARTNER_TEAM_ID,
        "channel": channel.id,
        "is_ext_shared": False,
    }


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


def message_edited(
    workspace: Workspace, channel: SlackChannel, before: PostedMessage, now: PostedMessage, ts: str
) -> Json:
    """Return the message event of an edit, whose own timestamp is `ts`."""
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": channel.id,
        "ts": ts,
        "message": message_object(workspace, now),
        "previous_message": message_object(workspace, before),
        "channel_type": channel_type(channel),
        "event_ts": ts,
    }


def file_shared(channel: SlackChannel, message: PostedMessage, file_id: str) -> Json:
    """Return file_shared."""
    fields: Json = {"type": "file_shared", "file_id": file_id, "file": {"id": file_id}}
    return {**fields, "user_id": message.author, "channel_id": channel.id, "event_ts": message.ts}


def message_deleted(workspace: Workspace, channel: SlackChannel, message: PostedMessage, ts: str) -> Json:
    """Return the message event of a deletion, whose own timestamp is `ts`."""
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "channel": channel.id,
        "ts": ts,
        "deleted_ts": message.ts,
        "previous_message": message_object(workspace, message),
        "channel_type": channel_type(channel),
        "event_ts": ts,
    }


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


def person_changed(workspace: Workspace, person: SlackAccount) -> Json:
    """Return user_change."""
    fields = visible_user_object(workspace, person)
    return {"type": "user_change", "user": fields, "cache_ts": int(workspace.clock.now())}


def person_joined(workspace: Workspace, person: SlackAccount) -> Json:
    """Return team_join."""
    return {"type": "team_join", "user": visible_user_object(workspace, person)}


def tokens_revoked() -> Json:
    """Return tokens_revoked of the bot's token."""
    return {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER_ID]}}


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
