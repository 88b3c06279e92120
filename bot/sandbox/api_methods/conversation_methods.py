"""conversations.*, users.*, team.*, auth.*: channels and identities."""

from bot.sandbox.api_methods import (
    SPECIAL,
    TIER_2,
    TIER_3,
    TIER_4,
    ApiMethod,
    MethodContext,
    paginate,
    visible_conversation,
)
from bot.sandbox.api_methods.call_arguments import ApiArguments
from bot.sandbox.api_objects.basic_objects import (
    conversation_object,
    message_object,
    visible_user_object,
    with_field_overrides,
)
from bot.sandbox.slack_json import ApiError, Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_ID, BOT_USER_ID
from bot.sandbox.workspace.seed_data import ENTERPRISE_DOMAIN, ENTERPRISE_NAME, SlackChannel
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
        "channels": [conversation_object(parts.workspace, found[id]) for id in ids],
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
    shapes = [message_object(parts.workspace, inside[id]) for id in ids]
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


def auth_test(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer auth.test."""
    del arguments
    workspace = parts.workspace
    enterprise, team = workspace.behavior.enterprise, workspace.team
    issued, _ = parts.installations.check(parts.token)
    answer: Json = {
        **({"enterprise_id": enterprise} if enterprise else {}),
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": workspace.app.name.lower(),
        "team_id": team.id,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": workspace.app.is_org_wide,
    }
    if workspace.app.is_org_wide:
        answer |= {"url": f"https://{ENTERPRISE_DOMAIN}.enterprise.slack.com/"}
        answer |= {"team": ENTERPRISE_NAME, "team_id": enterprise}
    if issued.expires_at is not None:
        answer["expires_in"] = int(issued.expires_at - workspace.clock.now())
    return answer


def teams_list(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer auth.teams.list: the workspaces for which a token is valid."""
    _, valid = parts.installations.check(parts.token)
    names = {one.team.id: one.team.name for one in valid}
    ids, metadata = paginate(arguments, list(names), default=100)
    return {"teams": [{"id": id, "name": names[id]} for id in ids], "response_metadata": metadata}


def connections_open(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer apps.connections.open."""
    del arguments
    return {"url": parts.socket_url()}


def team_info(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer team.info."""
    del arguments
    team = parts.workspace.team
    enterprise = parts.workspace.behavior.enterprise
    organization = {"enterprise_id": enterprise, "enterprise_name": ENTERPRISE_NAME}
    fields: Json = {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": ""}
    return {"team": fields | organization if enterprise else fields}


def bots_info(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer bots.info."""
    if arguments.text("bot") not in (None, BOT_ID):
        raise ApiError("bot_not_found")
    return {
        "bot": {
            "id": BOT_ID,
            "deleted": False,
            "name": parts.workspace.app.name,
            "updated": 1_790_000_000,
            "app_id": APP_ID,
            "user_id": BOT_USER_ID,
        }
    }


def users_info(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer users.info."""
    try:
        person = parts.workspace.person(arguments.required("user"))
    except UnknownPerson as unknown:
        raise ApiError("user_not_found") from unknown
    response: Json = {"user": visible_user_object(parts.workspace, person)}
    if person.is_bot or person.deleted or person.team != parts.workspace.team.id:
        return response
    return with_field_overrides(parts.workspace.behavior, "users.info", response)


def users_list(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer users.list."""
    accounts = {person.id: person for person in parts.workspace.people}
    ids, metadata = paginate(arguments, list(accounts), default=200)
    return {
        "members": [visible_user_object(parts.workspace, accounts[id]) for id in ids],
        "cache_ts": int(parts.workspace.clock.now()),
        "response_metadata": metadata,
    }


METHODS = {
    "conversations.info": ApiMethod(info, TIER_3, "channels:read groups:read im:read mpim:read"),
    "conversations.list": ApiMethod(list_all, TIER_2, "channels:read groups:read im:read"),
    "conversations.members": ApiMethod(members, TIER_4, "channels:read groups:read im:read"),
    "conversations.open": ApiMethod(open_direct, TIER_3, "im:write"),
    "conversations.history": ApiMethod(history, TIER_3, "channels:history groups:history im:history"),
    "conversations.replies": ApiMethod(replies, TIER_3, "channels:history groups:history im:history"),
    "auth.test": ApiMethod(auth_test, SPECIAL),
    "auth.teams.list": ApiMethod(teams_list, TIER_2),
    "apps.connections.open": ApiMethod(connections_open, TIER_4, needs_app_token=True),
    "team.info": ApiMethod(team_info, TIER_3, "team:read"),
    "bots.info": ApiMethod(bots_info, TIER_3, "users:read"),
    "users.info": ApiMethod(users_info, TIER_4, "users:read"),
    "users.list": ApiMethod(users_list, TIER_2, "users:read"),
}
