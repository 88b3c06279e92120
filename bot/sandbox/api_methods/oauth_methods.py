"""oauth.*: exchange of a code for a token."""

import hmac

from bot.sandbox.api_methods import SPECIAL, ApiMethod, MethodContext
from bot.sandbox.api_methods.call_arguments import ApiArguments, ApiError
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_USER_ID
from bot.sandbox.workspace.oauth_codes import OAuthCodeRefused
from bot.sandbox.workspace.token_state import grant_token


def access(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer oauth.v2.access."""
    app = parts.workspace.app
    if arguments.text("grant_type") not in (None, "authorization_code"):
        raise ApiError("invalid_grant_type")
    if arguments.text("client_id") != app.tokens.client_id:
        raise ApiError("invalid_client_id")
    if not hmac.compare_digest(arguments.text("client_secret") or "", app.tokens.client_secret):
        raise ApiError("bad_client_secret")
    try:
        grant = parts.grants.redeem(arguments.text("code") or "", arguments.text("redirect_uri"))
    except OAuthCodeRefused as refused:
        raise ApiError(str(refused)) from refused
    return {
        "access_token": grant_token(parts.workspace).bot,
        "token_type": "bot",
        "scope": ",".join(sorted(app.scopes or ())),
        "bot_user_id": BOT_USER_ID,
        "app_id": APP_ID,
        "team": {"id": parts.workspace.team.id, "name": parts.workspace.team.name},
        "enterprise": None,
        "authed_user": {"id": grant.person},
        "is_enterprise_install": False,
    }


METHODS = {"oauth.v2.access": ApiMethod(answer=access, needs_token=False, per_minute=SPECIAL)}
