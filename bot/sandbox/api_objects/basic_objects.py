"""User, conversation, message and file objects."""

import struct
import time
from collections.abc import Iterator
from copy import deepcopy

from bot.sandbox.slack_json import ApiError, Json, json_objects
from bot.sandbox.workspace import zone_offsets
from bot.sandbox.workspace.installed_app import APP_ID, BOT_ID, BOT_USER_ID
from bot.sandbox.workspace.seed_data import (
    ENTERPRISE_NAME,
    PARTNER_TEAM_ID,
    SlackAccount,
    SlackChannel,
)
from bot.sandbox.workspace.uploaded_files import UploadedFile
from bot.sandbox.workspace.workspace_behavior import Behavior
from bot.sandbox.workspace.workspace_state import PostedMessage, UnknownPerson, Workspace

_PNG = b"\x89PNG\r\n\x1a\n"
_PRETTY = {
    "csv": "CSV",
    "json": "JSON",
    "md": "Markdown (raw)",
    "pdf": "PDF",
    "png": "PNG",
    "txt": "Plain Text",
}


def attached_file_object(workspace: Workspace, file_id: str) -> Json:
    """Return a file attached to a message, or its placeholder after deletion."""
    try:
        return file_object(workspace, workspace.files.file(file_id))
    except ApiError:
        return {"id": file_id, "mode": "tombstone"}


def file_object(workspace: Workspace, file: UploadedFile) -> Json:
    """Return a file object."""
    files = workspace.files
    address = files.address(file)
    ending = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    kind = file.snippet_type or {"txt": "text", "md": "markdown", "jpeg": "jpg"}.get(
        ending, ending or "binary"
    )
    shape: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": kind,
        "pretty_type": _PRETTY.get(ending, ending.upper() or "Binary"),
        "user": file.owner,
        "user_team": workspace.team.id,
        "editable": bool(file.snippet_type),
        "size": file.size,
        "mode": "snippet" if file.is_text else "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": not file.in_form,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": address,
        "url_private_download": f"{address}?download=1",
        "permalink": f"https://{workspace.team.domain}.slack.com/files/{file.owner}/{file.id}",
        "comments_count": 0,
        "is_starred": False,
        "file_access": "visible",
        "has_rich_preview": False,
        **_shared(workspace, file),
    }
    if file.alt_text:
        shape["alt_txt"] = file.alt_text
    if file.is_text:
        preview, more = files.preview(file.id)
        shape |= {"preview": preview, "lines": preview.count("\n") + 1 + more, "lines_more": more}
    if file.is_image:
        shape |= {"thumb_360": address, **_measured(files.content(file.id))}
    return shape


def _shared(workspace: Workspace, file: UploadedFile) -> Json:
    """Return the messages with a file, by kind of conversation."""
    fields: Json = {"channels": [], "groups": [], "ims": [], "shares": {"public": {}, "private": {}}}
    for channel in workspace.where_shared(file.id):
        kind = "ims" if channel.is_im else "groups" if channel.is_private else "channels"
        fields[kind].append(channel.id)
        messages = [message for message in workspace.messages(channel.id, None) if file.id in message.files]
        shares = [{"ts": one.ts, "thread_ts": one.thread, "channel_name": channel.name} for one in messages]
        fields["shares"]["public" if kind == "channels" else "private"][channel.id] = shares
    return fields


def _measured(content: bytes) -> Json:
    """Return the size of a picture, if its format is known."""
    if content.startswith(_PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return {"original_w": width, "original_h": height}
    return {}


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
        other = next((member for member in sorted(channel.members) if member != BOT_USER_ID), BOT_USER_ID)
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
        shape["files"] = [attached_file_object(workspace, file) for file in message.files]
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
            writers = list(dict.fromkeys(reply.author for reply in replies))
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


def permalink(workspace: Workspace, channel: str, message: PostedMessage) -> str:
    """Return the permalink of a message."""
    archives = f"https://{workspace.team.domain}.slack.com/archives"
    address = f"{archives}/{channel}/p{message.ts.replace('.', '')}"
    return f"{address}?thread_ts={message.thread}&cid={channel}" if message.thread else address


SOME_ID = "Xf0SANDBOX1"
"""Stands for any ID in a path with `*`."""


def with_field_overrides(behavior: Behavior, method: str, answer: Json) -> Json:
    """Return a method's response with the configured overrides."""
    other = behavior.fields.get(method)
    if other is None:
        return answer
    answer = deepcopy(answer)
    for path in other.missing:
        for parent, name in _places(answer, path):
            parent.pop(name.removesuffix("[]"), None)
    for path, kind in other.present.items():
        for parent, name in _places(answer, path):
            blank = _blank(kind)
            parent[name.removesuffix("[]")] = [blank] if name.endswith("[]") else blank
    return answer


def _places(answer: Json, path: str) -> Iterator[tuple[Json, str]]:
    """Yield every object that contains a path's last field, with that field's name."""
    *way, name = path.split(".")
    parents = [answer]
    for step in way:
        inner = [parent.get(step.removesuffix("[]")) for parent in parents]
        parents = [one for value in inner for one in json_objects(value if step.endswith("[]") else [value])]
    for parent in parents:
        yield parent, SOME_ID if name == "*" else name


def _blank(kind: str) -> object:
    blanks: Json = {"string": "", "number": 0, "boolean": False, "list": [], "object": {}}
    return blanks.get(kind)
