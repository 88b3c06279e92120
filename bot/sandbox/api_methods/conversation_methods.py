"""conversations.*: channels, members, history."""

from bot.sandbox.api_methods import TIER_2, TIER_3, TIER_4, Method, Parts, conversation, page
from bot.sandbox.api_methods.call_arguments import ApiError, Arguments
from bot.sandbox.api_objects.basic_objects import channel_shape, message_shape
from bot.sandbox.api_objects.field_overrides import with_other_fields
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import Channel
from bot.sandbox.workspace.workspace_state import Message, UnknownPerson

_KINDS = {"public_channel", "private_channel", "im", "mpim"}


def info(parts: Parts, arguments: Arguments) -> Json:
    """Answer conversations.info."""
    channel = conversation(parts, arguments)
    _may_read(parts, channel, "read")
    shape = channel_shape(channel)
    if arguments.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    if channel.is_im:
        return {"channel": shape}
    return with_other_fields(parts.workspace.behavior, "conversations.info", {"channel": shape})


def list_all(parts: Parts, arguments: Arguments) -> Json:
    """Answer conversations.list."""
    wanted = {kind.strip() for kind in (arguments.text("types") or "public_channel").split(",")}
    if wanted - _KINDS:
        raise ApiError("invalid_types")
    found = {
        channel.id: channel
        for channel in (*parts.workspace.channels, *parts.workspace.direct_of(BOT_USER_ID))
        if _kind(channel) in wanted
        and (not channel.is_private or BOT_USER_ID in channel.members)
        and not (arguments.flag("exclude_archived") and channel.is_archived)
    }
    ids, metadata = page(parts, arguments, list(found), default=100)
    return {"channels": [channel_shape(found[one]) for one in ids], "response_metadata": metadata}


def members(parts: Parts, arguments: Arguments) -> Json:
    """Answer conversations.members."""
    channel = conversation(parts, arguments)
    _may_read(parts, channel, "read")
    ids, metadata = page(parts, arguments, sorted(channel.members), default=100)
    told: Json = {"members": ids, "response_metadata": metadata}
    return with_other_fields(parts.workspace.behavior, "conversations.members", told)


def open_direct(parts: Parts, arguments: Arguments) -> Json:
    """Answer conversations.open."""
    who = arguments.text("users")
    if who is None:
        return {"channel": channel_shape(conversation(parts, arguments))}
    if "," in who:
        raise ApiError("too_many_users")
    try:
        person = parts.workspace.person(who)
    except UnknownPerson as unknown:
        raise ApiError("user_not_found") from unknown
    if person.is_bot:
        raise ApiError("cannot_dm_bot")
    if person.deleted:
        raise ApiError("user_disabled")
    channel = parts.workspace.direct(person.id)
    if arguments.flag("return_im"):
        return {"channel": channel_shape(channel)}
    return {"channel": {"id": channel.id}}


def history(parts: Parts, arguments: Arguments) -> Json:
    """Answer conversations.history, newest first."""
    channel = conversation(parts, arguments)
    _may_read(parts, channel, "history")
    told = [
        message
        for message in parts.workspace.messages(channel.id, None)
        if message.thread is None or message.broadcast
    ]
    return _excerpt(parts, arguments, list(reversed(told)))


def replies(parts: Parts, arguments: Arguments) -> Json:
    """Answer conversations.replies, oldest first."""
    channel = conversation(parts, arguments)
    _may_read(parts, channel, "history")
    ts = arguments.required("ts")
    told = parts.workspace.thread(channel.id, ts, None)
    if not told:
        raise ApiError("thread_not_found")
    return _excerpt(parts, arguments, told)


def _excerpt(parts: Parts, arguments: Arguments, told: list[Message]) -> Json:
    oldest, latest = arguments.text("oldest") or "0", arguments.text("latest") or "inf"
    inclusive = arguments.flag("inclusive")
    inside = {
        message.ts: message
        for message in told
        if float(oldest) < float(message.ts) < float(latest) or (inclusive and message.ts in (oldest, latest))
    }
    ids, metadata = page(parts, arguments, list(inside), default=100)
    with_metadata = arguments.flag("include_all_metadata") and parts.workspace.behavior.metadata_in_history
    shapes = [message_shape(parts.workspace, inside[one]) for one in ids]
    if not with_metadata:
        for shape in shapes:
            shape.pop("metadata", None)
    answer: Json = {"messages": shapes, "has_more": bool(metadata["next_cursor"]), "pin_count": 0}
    if metadata["next_cursor"]:
        answer["response_metadata"] = metadata
    return answer


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    if channel.is_mpim:
        return "mpim"
    return "private_channel" if channel.is_private else "public_channel"


def _may_read(parts: Parts, channel: Channel, what: str) -> None:
    kind = _kind(channel)
    family = {"private_channel": "groups", "public_channel": "channels"}.get(kind, kind)
    scope = f"{family}:{what}"
    app = parts.workspace.app
    opened = kind == "im" and what == "read" and not parts.workspace.behavior.direct_info_takes_scope
    if not (app.may(scope) or (opened and app.may("im:write"))):
        raise ApiError("missing_scope", needed=scope)
    if what == "history" and BOT_USER_ID not in channel.members:
        raise ApiError("not_in_channel")


METHODS = {
    "conversations.info": Method(
        answer=info, scopes=("channels:read", "groups:read", "im:read", "mpim:read"), per_minute=TIER_3
    ),
    "conversations.list": Method(
        answer=list_all, scopes=("channels:read", "groups:read", "im:read"), per_minute=TIER_2
    ),
    "conversations.members": Method(
        answer=members, scopes=("channels:read", "groups:read", "im:read"), per_minute=TIER_4
    ),
    "conversations.open": Method(answer=open_direct, scopes=("im:write",), per_minute=TIER_3),
    "conversations.history": Method(
        answer=history, scopes=("channels:history", "groups:history", "im:history"), per_minute=TIER_3
    ),
    "conversations.replies": Method(
        answer=replies, scopes=("channels:history", "groups:history", "im:history"), per_minute=TIER_3
    ),
}
