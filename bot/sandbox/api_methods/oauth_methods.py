"""oauth.*, auth.revoke, apps.uninstall: tokens exchanged for codes, refreshed, and given back."""

import hmac

from bot.sandbox.api_methods import SPECIAL, TIER_3, ApiMethod, MethodContext
from bot.sandbox.api_methods.call_arguments import ApiArguments
from bot.sandbox.slack_json import ApiError, Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_USER_ID
from bot.sandbox.workspace.installed_places import TOKEN_SECONDS, IssuedToken
from bot.sandbox.workspace.seed_data import ENTERPRISE_NAME


def access(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer oauth.v2.access, for a code or a refresh token."""
    kind = arguments.text("grant_type") or "authorization_code"
    if kind not in ("authorization_code", "refresh_token"):
        raise ApiError("invalid_grant_type")
    _authenticate(parts, arguments)
    if kind == "refresh_token":
        return _refreshed(parts, arguments)
    grant = parts.grants.redeem(arguments.text("code") or "", arguments.text("redirect_uri"))
    if parts.installations.is_covered(grant.place):
        raise ApiError("cannot_install_an_org_installed_app")
    issued = parts.installations.install(grant.place)
    parts.installed_again(grant.place)
    return {**_granted(parts, issued), "authed_user": {"id": grant.person}}


def exchange(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer oauth.v2.exchange: an expiring token for one that does not expire."""
    _authenticate(parts, arguments)
    if not parts.installations.app.is_rotating:
        raise ApiError("token_rotation_not_enabled")
    issued = parts.installations.tokens.exchange(parts.token)
    parts.installations.apply(issued)
    return _granted(parts, issued)


def revoke(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer auth.revoke; without its only token, the app is no longer installed."""
    if arguments.flag("test"):
        return {"revoked": False}
    parts.uninstall()
    return {"revoked": True}


def uninstall(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer apps.uninstall."""
    _authenticate(parts, arguments)
    parts.uninstall()
    return {}


def _authenticate(parts: MethodContext, arguments: ApiArguments) -> None:
    tokens = parts.installations.app.tokens
    if arguments.text("client_id") != tokens.client_id:
        raise ApiError("invalid_client_id")
    if not hmac.compare_digest(arguments.text("client_secret") or "", tokens.client_secret):
        raise ApiError("bad_client_secret")


def _refreshed(parts: MethodContext, arguments: ApiArguments) -> Json:
    issued = parts.installations.tokens.refresh(arguments.text("refresh_token") or "")
    parts.installations.apply(issued)
    return _granted(parts, issued)


def _granted(parts: MethodContext, issued: IssuedToken) -> Json:
    installations = parts.installations
    workspace = installations.members(issued.place)[0]
    wide = issued.place != workspace.team.id
    enterprise = workspace.behavior.enterprise
    expiring: Json = {"expires_in": TOKEN_SECONDS, "refresh_token": issued.refresh_token}
    return {
        "access_token": issued.token,
        "token_type": "bot",
        "scope": ",".join(sorted(workspace.app.scopes or ())),
        "bot_user_id": BOT_USER_ID,
        "app_id": APP_ID,
        **({} if issued.expires_at is None else expiring),
        "team": None if wide else {"id": workspace.team.id, "name": workspace.team.name},
        "enterprise": {"id": enterprise, "name": ENTERPRISE_NAME} if enterprise else None,
        "is_enterprise_install": wide,
    }


METHODS = {
    "oauth.v2.access": ApiMethod(access, SPECIAL, needs_token=False),
    "oauth.v2.exchange": ApiMethod(exchange, SPECIAL),
    "auth.revoke": ApiMethod(revoke, TIER_3),
    "apps.uninstall": ApiMethod(uninstall, TIER_3),
}
