"""auth.*, apps.*, team.*, bots.*, users.*: who is who."""

from bot.sandbox.api_methods import SPECIAL, TIER_2, TIER_3, TIER_4, Method, Parts, page
from bot.sandbox.api_methods.call_arguments import ApiError, Arguments
from bot.sandbox.api_objects.basic_objects import person_told
from bot.sandbox.api_objects.field_overrides import with_other_fields
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_ID, BOT_USER_ID
from bot.sandbox.workspace.seed_data import TEAM_DOMAIN, TEAM_ID, TEAM_NAME
from bot.sandbox.workspace.workspace_state import UnknownPerson


def auth_test(parts: Parts, arguments: Arguments) -> Json:
    """Answer auth.test."""
    del arguments
    enterprise = parts.workspace.behavior.enterprise
    return {
        **({"enterprise_id": enterprise} if enterprise else {}),
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": TEAM_NAME,
        "user": parts.workspace.app.name.lower(),
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def connections_open(parts: Parts, arguments: Arguments) -> Json:
    """Answer apps.connections.open."""
    del arguments
    return {"url": parts.socket_url()}


def team_info(parts: Parts, arguments: Arguments) -> Json:
    """Answer team.info."""
    del parts, arguments
    return {"team": {"id": TEAM_ID, "name": TEAM_NAME, "domain": TEAM_DOMAIN, "email_domain": ""}}


def bots_info(parts: Parts, arguments: Arguments) -> Json:
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


def users_info(parts: Parts, arguments: Arguments) -> Json:
    """Answer users.info."""
    try:
        person = parts.workspace.person(arguments.required("user"))
    except UnknownPerson as unknown:
        raise ApiError("user_not_found") from unknown
    told: Json = {"user": person_told(parts.workspace, person)}
    if person.is_bot or person.deleted or person.team != TEAM_ID:
        return told
    return with_other_fields(parts.workspace.behavior, "users.info", told)


def users_list(parts: Parts, arguments: Arguments) -> Json:
    """Answer users.list."""
    everybody = {person.id: person for person in parts.workspace.people}
    ids, metadata = page(parts, arguments, list(everybody), default=200)
    return {
        "members": [person_told(parts.workspace, everybody[one]) for one in ids],
        "cache_ts": int(parts.workspace.clock.now()),
        "response_metadata": metadata,
    }


METHODS = {
    "auth.test": Method(answer=auth_test, per_minute=SPECIAL),
    "apps.connections.open": Method(answer=connections_open, needs_app_token=True, per_minute=TIER_4),
    "team.info": Method(answer=team_info, scopes=("team:read",), per_minute=TIER_3),
    "bots.info": Method(answer=bots_info, scopes=("users:read",), per_minute=TIER_3),
    "users.info": Method(answer=users_info, scopes=("users:read",), per_minute=TIER_4),
    "users.list": Method(answer=users_list, scopes=("users:read",), per_minute=TIER_2),
}
