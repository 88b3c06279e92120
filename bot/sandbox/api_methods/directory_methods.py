"""auth.*, apps.*, team.*, bots.*, users.*: identities."""

from bot.sandbox.api_methods import SPECIAL, TIER_2, TIER_3, TIER_4, ApiMethod, MethodContext, paginate
from bot.sandbox.api_methods.call_arguments import ApiArguments, ApiError
from bot.sandbox.api_objects.basic_objects import visible_user_object
from bot.sandbox.api_objects.field_overrides import with_field_overrides
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_ID, BOT_USER_ID
from bot.sandbox.workspace.seed_data import ENTERPRISE_DOMAIN, ENTERPRISE_NAME
from bot.sandbox.workspace.workspace_state import UnknownPerson


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
    return {"teams": [{"id": one, "name": names[one]} for one in ids], "response_metadata": metadata}


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
        "members": [visible_user_object(parts.workspace, accounts[one]) for one in ids],
        "cache_ts": int(parts.workspace.clock.now()),
        "response_metadata": metadata,
    }


METHODS = {
    "auth.test": ApiMethod(answer=auth_test, per_minute=SPECIAL),
    "auth.teams.list": ApiMethod(answer=teams_list, per_minute=TIER_2),
    "apps.connections.open": ApiMethod(answer=connections_open, needs_app_token=True, per_minute=TIER_4),
    "team.info": ApiMethod(answer=team_info, scopes=("team:read",), per_minute=TIER_3),
    "bots.info": ApiMethod(answer=bots_info, scopes=("users:read",), per_minute=TIER_3),
    "users.info": ApiMethod(answer=users_info, scopes=("users:read",), per_minute=TIER_4),
    "users.list": ApiMethod(answer=users_list, scopes=("users:read",), per_minute=TIER_2),
}
