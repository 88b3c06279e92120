"""Installations of the bot: one as Slack describes it at the start, or those of many workspaces."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from bot.settings import Secret, Settings
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.store.repositories.installations import InstallationState
from domain.kernel.elements import PersonId

log = structlog.get_logger()


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """Installation of the bot: its workspace and its user there.

    `enterprise` is the organization of the workspace, if any; `app` is the app's ID. `scopes` are the
    permissions that it was granted.
    """

    team: str
    url: str
    bot_user: PersonId
    bot_name: str
    bot_id: str = ""
    enterprise: str = ""
    app: str = ""
    scopes: frozenset[str] = frozenset()

    def is_meant_by(self, teams: Iterable[str]) -> bool:
        """Return whether a payload for some workspaces, or an organization, is for this installation."""
        return not {"", self.team, self.enterprise}.isdisjoint(teams)

    @property
    def invite(self) -> str:
        """Text to type to invite the bot into a channel."""
        return f"/invite @{self.bot_name}"


class InstalledWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """Workspace in which the app is or was installed, with the current token of its bot.

    `org_wide` if the token is that of the whole organization.
    """

    installation: Installation
    token: Secret
    state: InstallationState = "installed"
    installed_at: datetime | None = None
    org_wide: bool = False

    @property
    def tenant(self) -> str:
        """The workspace's ID, under which its data is stored."""
        return self.installation.team

    @property
    def bot_user(self) -> PersonId:
        """The bot's user in the workspace."""
        return self.installation.bot_user


class InstallationDirectory(Protocol):
    """Workspaces in which the app is installed; raises StoreUnavailable like every store.

    Both methods read the current state, at the cost of one statement or a few, and make no call to Slack.
    """

    def find(self, enterprise: str, team: str) -> InstalledWorkspace | None:
        """Return a workspace by its organization and its ID, either of which may be empty.

        The workspace's own installation precedes that of its organization. A request of an organization
        without a workspace finds its only workspace; None if there are several. Ask only for verified
        requests: a workspace of an organization may be recorded when it is first asked for.
        """
        ...

    def tenants(self) -> list[str]:
        """Return the IDs of the workspaces in which the app is installed at the moment, sorted."""
        ...


class ConfiguredInstallation:
    """The only workspace of a bot that is configured by SLACK_BOT_TOKEN."""

    def __init__(self, settings: Settings, installation: Installation) -> None:
        self._workspace = InstalledWorkspace(installation=installation, token=settings.bot_token)

    def find(self, enterprise: str, team: str) -> InstalledWorkspace | None:
        """Return the workspace, if it or its organization is meant."""
        meant = self._workspace.installation.is_meant_by((team,) if team else (enterprise,))
        return self._workspace if meant else None

    def tenants(self) -> list[str]:
        """Return the ID of the workspace."""
        return [self._workspace.tenant]


class CannotStart(Exception):
    """Error: Slack rejects the bot; the message names the setting and how to fix it."""


def make_slack_api(
    settings: Settings,
    *,
    token: Callable[[], str] | None = None,
    team: str = "",
    patient: bool = True,
    before: Callable[[str], None] = lambda _: None,
    limited: Callable[[str, float], None] = lambda _method, _seconds: None,
) -> SlackApi:
    """Return a Web API client with the configured URL, and the configured token unless another is given.

    With the token of an organization, `team` is the workspace that calls are about.
    """
    return SlackApi(
        token=token or settings.bot_token.reveal(),
        base_url=settings.api_url,
        team=team,
        patient=patient,
        before=before,
        limited=limited,
    )


def read_installation(api: SlackApi) -> Installation:
    """Read the installation from Slack; raises CannotStart."""
    try:
        told, scopes = api.call_for_header("auth.test", header="x-oauth-scopes")
    except ApiRefused as refused:
        raise CannotStart(_why(refused.code)) from refused
    except ApiUnreachable as fault:
        raise CannotStart(
            f"SLACK_API_URL: Slack cannot be reached at {api.base_url} ({fault.code}); "
            "check the address and the network"
        ) from fault
    bot_id = str(told.get("bot_id") or "")
    return Installation(
        team=str(told["team_id"]),
        url=str(told["url"]),
        bot_user=PersonId(str(told["user_id"])),
        bot_name=str(told["user"]),
        bot_id=bot_id,
        enterprise=str(told.get("enterprise_id") or ""),
        app=_app_of(api, bot_id) if bot_id else "",
        scopes=listed_scopes(scopes or ""),
    )


def listed_scopes(text: str) -> frozenset[str]:
    """Return the permissions in a list of Slack's, which are separated by commas."""
    return frozenset(scope for one in text.split(",") if (scope := one.strip()))


def _app_of(api: SlackApi, bot_id: str) -> str:
    """Return the app's ID; empty if Slack does not report it, because nothing depends on it alone."""
    try:
        return str(api.call("bots.info", bot=bot_id)["bot"].get("app_id") or "")
    except (ApiRefused, ApiUnreachable) as fault:
        log.info("the app's id is not known", fault=fault.code)
        return ""


def _why(code: str) -> str:
    if code in ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"):
        return (
            f"SLACK_BOT_TOKEN: Slack does not accept it ({code}); copy the Bot User OAuth Token (xoxb-…) "
            "from the app's page “OAuth & Permissions”"
        )
    if code == "ratelimited":
        return "SLACK_API_URL: Slack limits the calls of this app at the moment; start again in a minute"
    return f"SLACK_BOT_TOKEN: Slack refused auth.test ({code}); check the app's installation"
