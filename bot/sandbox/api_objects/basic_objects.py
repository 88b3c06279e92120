"""User, conversation and message objects."""

import time

from bot.sandbox.api_objects.file_objects import attached_file_object
from bot.sandbox.block_kit.element_state import state_values
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace import zone_offsets
from bot.sandbox.workspace.installed_app import APP_ID, BOT_ID, BOT_USER_ID
from bot.sandbox.workspace.seed_data import (
    ENTERPRISE_NAME,
    PARTNER_TEAM_ID,
    SlackAccount,
    SlackChannel,
)
from bot.sandbox.workspace.workspace_state import PostedMessage, UnknownPerson, Workspace


def visible_user_object(workspace: Workspace, person: SlackAccount) -> Json:
    """Return a user object as the bot sees it; a person without a shared channel is a stranger."""
    shape = user_object(person, workspace.clock.now())
    own = person.team == workspace.team.id
    if workspace.app.may("users:read.email") and own and not (person.is_bot or person.deleted):
        shape["profile"]["email"] = f"{person.handle}@example.org"
    enterprise = workspace.behavior.enterprise
    if enterprise and person.team != PARTNER_TEAM_ID:
        shape["enterprise_user"] = {
            "id": person.id,
            "enterprise_id": enterprise,
            "enterprise_name": ENTERPRISE_NAME,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "teams": list(dict.fromkeys((person.team, workspace.team.id))),
        }
        return shape
    if person.team != workspace.team.id:
        both = {person.id, BOT_USER_ID}
        shape["is_stranger"] = not any(both <= channel.members for channel in workspace.channels)
    return shape


def user_object(person: SlackAccount, at: float | None = None) -> Json:
    """Return a user object at a time in seconds since 1970 (default: now by the machine's clock)."""
    at = time.time() if at is None else at
    profile: Json = {
        "real_name": person.name,
        "real_name_normalized": person.name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "status_text": "",
        "status_emoji": "",
        "team": person.team,
    }
    if person.is_bot:
        profile |= {"api_app_id": APP_ID, "bot_id": BOT_ID}
    shape: Json = {
        "id": person.id,
        "team_id": person.team,
        "name": person.handle,
        "deleted": person.deleted,
        "color": person.colour.removeprefix("#"),
        "real_name": person.name,
        "tz": person.tz,
        "tz_label": zone_offsets.label(person.tz, at),
        "tz_offset": person.offset_at(at),
        "profile": profile,
        "is_admin": person.is_admin,
        "is_owner": person.is_admin,
        "is_primary_owner": person.is_admin,
        "is_restricted": person.is_restricted or person.is_ultra_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": person.updated,
    }
    if person.deleted:
        # Slack drops these for deactivated accounts.
        for key in ("tz", "tz_label", "tz_offset", "is_admin", "is_owner", "is_primary_owner"):
            del shape[key]
    return shape


def conversation_object(workspace: Workspace, channel: SlackChannel) -> Json:
    """Return a conversation object as the bot sees it."""
    if channel.is_im:
        other = next((one for one in sorted(channel.members) if one != BOT_USER_ID), BOT_USER_ID)
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_org_shared": False,
            "is_archived": False,
            "user": other,
            "is_user_deleted": False,
            "is_open": True,
            "priority": 0,
        }
    shape: Json = {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": channel.is_mpim,
        "is_private": channel.is_private,
        "created": channel.created,
        "creator": "U0ANA0001",
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "unlinked": 0,
        "is_shared": channel.is_ext_shared,
        "is_frozen": False,
        "is_org_shared": False,
        "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": workspace.team.id,
        "shared_team_ids": [workspace.team.id, *([PARTNER_TEAM_ID] if channel.is_ext_shared else [])],
        "pending_connected_team_ids": [],
        "is_member": BOT_USER_ID in channel.members,
        "topic": {"value": channel.topic, "creator": "U0ANA0001", "last_set": channel.created},
        "purpose": {"value": channel.purpose, "creator": "U0ANA0001", "last_set": channel.created},
        "previous_names": [],
        "updated": channel.created * 1000,
    }
    if channel.is_ext_shared:
        # The workspace in which it was created; here always the other one.
        shape["conversation_host_id"] = PARTNER_TEAM_ID
    rules = {
        "is_read_only": channel.is_read_only,
        "is_thread_only": channel.is_thread_only,
        "is_non_threadable": channel.is_non_threadable,
    }
    return shape | {name: True for name, so in rules.items() if so}


def message_object(workspace: Workspace, message: PostedMessage) -> Json:
    """Return a message object, with the state of its thread."""
    shape: Json = {"type": "message", "user": message.author, "text": message.text, "ts": message.ts}
    if message.subtype:
        shape["subtype"] = message.subtype
    if message.author == BOT_USER_ID:
        shape |= {
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "team": workspace.team.id,
            "bot_profile": {
                "id": BOT_ID,
                "app_id": APP_ID,
                "name": workspace.app.name,
                "team_id": workspace.team.id,
                "deleted": False,
                "updated": 1_790_000_000,
            },
        }
    else:
        shape |= _teams(workspace, message.author)
    if message.blocks:
        shape["blocks"] = list(message.blocks)
    if message.files:
        shape["files"] = [attached_file_object(workspace, one) for one in message.files]
        shape |= {"upload": True, "display_as_bot": False}
    if message.attachments:
        shape["attachments"] = list(message.attachments)
    if message.edited:
        shape["edited"] = {
            "user": BOT_ID if message.author == BOT_USER_ID else message.author,
            "ts": message.edited,
        }
    if message.metadata:
        shape["metadata"] = message.metadata
    if message.thread:
        shape |= {"thread_ts": message.thread}
        first = workspace.message(message.channel, message.thread)
        if first is not None:
            shape["parent_user_id"] = first.author
        if message.broadcast:
            shape["subtype"] = "thread_broadcast"
    else:
        replies = [one for one in workspace.thread(message.channel, message.ts, None) if one.ts != message.ts]
        if replies:
            writers = list(dict.fromkeys(one.author for one in replies))
            shape |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users_count": len(writers),
                "reply_users": writers[:5],
                "latest_reply": replies[-1].ts,
                "is_locked": message.locked,
                "subscribed": False,
            }
    return shape


def _teams(workspace: Workspace, author: str) -> Json:
    try:
        team = workspace.person(author).team
    except UnknownPerson:
        team = workspace.team.id
    enterprise = workspace.behavior.enterprise
    if enterprise and team != PARTNER_TEAM_ID:
        # In an organization, a message names it instead of the workspace.
        return {"team": enterprise}
    if team == workspace.team.id:
        return {"team": team}
    return {"team": team, "user_team": team, "source_team": team}


def message_state(message: PostedMessage, held: dict[tuple[str, str], Json]) -> Json:
    """Return the state of a message's interactive elements."""
    return {"values": state_values(list(message.blocks), held)}


def permalink(workspace: Workspace, channel: str, message: PostedMessage) -> str:
    """Return the permalink of a message."""
    archives = f"https://{workspace.team.domain}.slack.com/archives"
    address = f"{archives}/{channel}/p{message.ts.replace('.', '')}"
    return f"{address}?thread_ts={message.thread}&cid={channel}" if message.thread else address
