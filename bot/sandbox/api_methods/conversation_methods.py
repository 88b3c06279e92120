"""conversations.*: channels, members, history."""

from bot.sandbox.api_methods import (
    TIER_2,
    TIER_3,
    TIER_4,
    ApiMethod,
    MethodContext,
    paginate,
    visible_conversation,
)
from bot.sandbox.api_methods.call_arguments import ApiArguments, ApiError
from bot.sandbox.api_objects.basic_objects import conversation_object, message_object
from bot.sandbox.api_objects.field_overrides import with_field_overrides
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackChannel
from bot.sandbox.workspace.workspace_state import PostedMessage, UnknownPerson

_KINDS = {"public_channel", "private_channel", "im", "mpim"}


def info(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer conversations.info."""
    channel = visible_conversation(parts, arguments)
    _may_read(parts, channel, "read")
    shape = conversation_object(parts.workspace, channel)
    if arguments.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    if channel.is_im:
        return {"channel": shape}
    return with_field_overrides(parts.workspace.behavior, "conversations.info", {"channel": shape})


def list_all(parts: MethodContext, arguments: ApiArguments) -> Json:
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
    ids, metadata = paginate(arguments, list(found), default=100)
    return {
        "channels": [conversation_object(parts.workspace, found[one]) for one in ids],
        "response_metadata": metadata,
    }


def members(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer conversations.members."""
    channel = visible_conversation(parts, arguments)
    _may_read(parts, channel, "read")
    ids, metadata = paginate(arguments, sorted(channel.members), default=100)
    response: Json = {"members": ids, "response_metadata": metadata}
    return with_field_overrides(parts.workspace.behavior, "conversations.members", response)


def open_direct(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer conversations.open."""
    who = arguments.text("users")
    if who is None:
        return {"channel": conversation_object(parts.workspace, visible_conversation(parts, arguments))}
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
        return {"channel": conversation_object(parts.workspace, channel)}
    return {"channel": {"id": channel.id}}


def history(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer conversations.history, newest first."""
    channel = visible_conversation(parts, arguments)
    _may_read(parts, channel, "history")
    response = [
        message
        for message in parts.workspace.messages(channel.id, None)
        if message.thread is None or message.broadcast
    ]
    return _excerpt(parts, arguments, list(reversed(response)))


def replies(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer conversations.replies, oldest first."""
    channel = visible_conversation(parts, arguments)
    _may_read(parts, channel, "history")
    ts = arguments.required("ts")
    response = parts.workspace.thread(channel.id, ts, None)
    if not response:
        raise ApiError("thread_not_found")
    return _excerpt(parts, arguments, response)


def _excerpt(parts: MethodContext, arguments: ApiArguments, response: list[PostedMessage]) -> Json:
    oldest, latest = arguments.text("oldest") or "0", arguments.text("latest") or "inf"
    inclusive = arguments.flag("inclusive")
    inside = {
        message.ts: message
        for message in response
        if float(oldest) < float(message.ts) < float(latest) or (inclusive and message.ts in (oldest, latest))
    }
    ids, metadata = paginate(arguments, list(inside), default=100)
    with_metadata = arguments.flag("include_all_metadata") and parts.workspace.behavior.metadata_in_history
    shapes = [message_object(parts.workspace, inside[one]) for one in ids]
    if not with_metadata:
        for shape in shapes:
            shape.pop("metadata", None)
    answer: Json = {"messages": shapes, "has_more": bool(metadata["next_cursor"]), "pin_count": 0}
    if metadata["next_cursor"]:
        answer["response_metadata"] = metadata
    return answer


def _kind(channel: SlackChannel) -> str:
    if channel.is_im:
        return "im"
    if channel.is_mpim:
        return "mpim"
    return "private_channel" if channel.is_private else "public_channel"


def _may_read(parts: MethodContext, channel: SlackChannel, what: str) -> None:
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
    "conversations.info": ApiMethod(
        answer=info, scopes=("channels:read", "groups:read", "im:read", "mpim:read"), per_minute=TIER_3
    ),
    "conversations.list": ApiMethod(
        answer=list_all, scopes=("channels:read", "groups:read", "im:read"), per_minute=TIER_2
    ),
    "conversations.members": ApiMethod(
        answer=members, scopes=("channels:read", "groups:read", "im:read"), per_minute=TIER_4
    ),
    "conversations.open": ApiMethod(answer=open_direct, scopes=("im:write",), per_minute=TIER_3),
    "conversations.history": ApiMethod(
        answer=history, scopes=("channels:history", "groups:history", "im:history"), per_minute=TIER_3
    ),
    "conversations.replies": ApiMethod(
        answer=replies, scopes=("channels:history", "groups:history", "im:history"), per_minute=TIER_3
    ),
}
