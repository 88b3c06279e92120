"""The app installed in the workspace, as its manifest describes it."""

import secrets
from collections.abc import Mapping

from msgspec import Struct, convert, field
from msgspec.structs import replace

from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.workspace_behavior import Behavior

APP_ID = "A0THREATM"
BOT_ID = "B0THREATM"
BOT_USER_ID = "U0THREATM"
UNINSTALLED = "account_inactive"
"""Slack's code for the token of an app that is no longer installed."""


class AppCommand(Struct, frozen=True, kw_only=True):
    """A slash command of the manifest."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


class AppShortcut(Struct, frozen=True, kw_only=True):
    """A global or message shortcut of the manifest."""

    name: str
    type: str
    callback_id: str
    description: str = ""


class Tokens(Struct, frozen=True, kw_only=True):
    """The secrets of the app, and the bot token of one installation."""

    bot: str
    app: str
    signing_secret: str
    client_id: str = field(default_factory=lambda: f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))

    @classmethod
    def fresh(cls) -> "Tokens":
        """Return new random secrets in Slack's shapes."""
        return cls(
            bot=f"xoxb-{secrets.randbelow(10**11):011d}-{secrets.token_hex(12)}",
            app=f"xapp-1-{APP_ID}-{secrets.randbelow(10**11):011d}-{secrets.token_hex(24)}",
            signing_secret=secrets.token_hex(16),
        )


class InstalledApp(Struct, frozen=True, kw_only=True):
    """The installed app: its name, commands, shortcuts, scopes and events."""

    name: str
    tokens: Tokens
    commands: tuple[AppCommand, ...] = ()
    shortcuts: tuple[AppShortcut, ...] = ()
    scopes: frozenset[str] | None = None
    """None without a manifest: then every scope is granted."""
    optional_scopes: frozenset[str] = frozenset()
    """Scopes of the manifest that may be declined, as they are here; `extra_scopes` grants them."""
    events: frozenset[str] | None = None
    """None without a manifest: then every event is delivered."""
    is_written_to: bool = True
    """Whether people may write direct messages to it."""
    refusing: str | None = None
    """Slack's code with which the bot's token is refused, such as `token_revoked`."""
    unfurl_domains: tuple[str, ...] | None = None
    """Domains whose links the app previews, with their subdomains; None without a manifest: then all."""
    redirect_urls: tuple[str, ...] = ()
    """Permitted redirect URLs of the consent page; empty for any local address."""
    is_rotating: bool = False
    """Whether its tokens expire and are refreshed."""
    is_org_ready: bool = False
    """Whether it can be installed in an organization as a whole."""
    is_org_wide: bool = False
    """Whether it is installed in the organization of the workspace as a whole."""

    @property
    def installed(self) -> bool:
        """Whether it is installed in the workspace; otherwise nothing is delivered to it."""
        return self.refusing != UNINSTALLED

    @property
    def offered_commands(self) -> tuple[AppCommand, ...]:
        """The slash commands that people can choose in the workspace."""
        return self.commands if self.installed else ()

    @property
    def offered_shortcuts(self) -> tuple[AppShortcut, ...]:
        """The shortcuts that people can choose in the workspace."""
        return self.shortcuts if self.installed else ()

    def may(self, scope: str) -> bool:
        """Return whether the installation was granted a scope."""
        return self.scopes is None or scope in self.scopes

    def hears(self, event: str) -> bool:
        """Return whether the app subscribed to an event."""
        return self.events is None or event in self.events

    def unfurls(self, host: str) -> bool:
        """Return whether the app previews links to a host."""
        if self.unfurl_domains is None:
            return bool(host)
        return any(f".{host}".endswith(f".{domain}") for domain in self.unfurl_domains)

    def command(self, word: str) -> AppCommand | None:
        """Return the slash command of that name."""
        return next((one for one in self.commands if one.command == word), None)


class _Features(Struct, frozen=True):
    slash_commands: tuple[AppCommand, ...] = ()
    shortcuts: tuple[AppShortcut, ...] = ()
    bot_user: Mapping[str, object] = {}
    app_home: Mapping[str, object] = {}
    unfurl_domains: tuple[str, ...] = ()


class _Scopes(Struct, frozen=True):
    bot: tuple[str, ...] = ()
    bot_optional: tuple[str, ...] = ()


class _OAuth(Struct, frozen=True):
    scopes: _Scopes = _Scopes()
    redirect_urls: tuple[str, ...] = ()


class _Subscriptions(Struct, frozen=True):
    bot_events: tuple[str, ...] = ()


class _Settings(Struct, frozen=True):
    event_subscriptions: _Subscriptions = _Subscriptions()
    org_deploy_enabled: bool = False
    token_rotation_enabled: bool = False


class _Manifest(Struct, frozen=True):
    display_information: Mapping[str, object] = {}
    features: _Features = _Features()
    oauth_config: _OAuth = _OAuth()
    settings: _Settings = _Settings()


def granted(app: InstalledApp, behavior: Behavior | None) -> InstalledApp:
    """Return the app with the scopes that the workspace grants it; without a manifest, with every scope."""
    if app.scopes is None or behavior is None:
        return app
    return replace(app, scopes=app.scopes - behavior.missing_scopes | behavior.extra_scopes)


def install(manifest: Json | None, tokens: Tokens) -> InstalledApp:
    """Return the app that a manifest describes; without a manifest, one with all permissions.

    Raises msgspec.ValidationError, which names the field, for an invalid manifest.
    """
    if manifest is None:
        return InstalledApp(name="Bot", tokens=tokens)
    read = convert(manifest, _Manifest)
    name = read.features.bot_user.get("display_name") or read.display_information.get("name") or "Bot"
    return InstalledApp(
        name=str(name),
        tokens=tokens,
        commands=read.features.slash_commands,
        shortcuts=read.features.shortcuts,
        scopes=frozenset(read.oauth_config.scopes.bot) - frozenset(read.oauth_config.scopes.bot_optional),
        optional_scopes=frozenset(read.oauth_config.scopes.bot_optional),
        events=frozenset(read.settings.event_subscriptions.bot_events),
        is_written_to=not read.features.app_home.get("messages_tab_read_only_enabled"),
        unfurl_domains=read.features.unfurl_domains,
        redirect_urls=read.oauth_config.redirect_urls,
        is_rotating=read.settings.token_rotation_enabled,
        is_org_ready=read.settings.org_deploy_enabled,
    )
