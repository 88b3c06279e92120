"""The sandbox as one server in a thread, with the actions that tests need."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from msgspec.structs import replace
from starlette.applications import Starlette

from bot.sandbox.browser_endpoints import AppRedirect, FileEndpoints, OAuthPage
from bot.sandbox.payload_delivery.delivery_record import Exchanges
from bot.sandbox.payload_delivery.payload_sender import ACK_SECONDS, EVENT_RETRIES, HttpTransport, verify_url
from bot.sandbox.payload_delivery.socket_mode_server import SocketModeServer
from bot.sandbox.slack_json import Json
from bot.sandbox.threaded_server import ThreadedServer
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace, SharedServices, Transport
from bot.sandbox.web_api import WebApi
from bot.sandbox.workspace.fault_injection import FaultInjector
from bot.sandbox.workspace.installed_app import InstalledApp, granted, install
from bot.sandbox.workspace.installed_places import (
    InstalledPlaces,
    IssuedTokens,
    OAuthCodes,
    kept_app,
    kept_tokens,
)
from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.seed_data import FIRST_TEAM, Team, new_channels
from bot.sandbox.workspace.trigger_ids import TRIGGER_SECONDS
from bot.sandbox.workspace.workspace_behavior import Behavior
from bot.sandbox.workspace.workspace_clock import IdGenerator, WorkspaceClock
from bot.sandbox.workspace.workspace_state import Workspace


class Sandbox(SandboxWorkspace):
    """A local Slack with one workspace, or several; as a context manager it stops at the end.

    It is itself the first workspace. Without a manifest, every scope is granted and every event delivered.
    With a data directory, the workspaces resume their saved state. The app is installed in a new first
    workspace unless `installed` is false, and in `further` ones only later. Raises StorageUnusable.
    """

    def __init__(
        self,
        *,
        manifest: Json | None = None,
        delivery: Transport = "socket",
        bot_url: str | None = None,
        rate_limits: bool = False,
        ack_seconds: float = ACK_SECONDS,
        trigger_seconds: float = TRIGGER_SECONDS,
        event_retries: Sequence[float] = EVENT_RETRIES,
        data: Path | None = None,
        behavior: Behavior | None = None,
        further: Sequence[Team] = (),
        installed: bool = True,
    ) -> None:
        self.url_verified = False
        """Whether the bot's request URL has returned Slack's challenge."""
        self._ack_seconds = ack_seconds
        self._kept = RecordStorage(data)
        clock = WorkspaceClock.kept_in(self._kept)
        tokens = kept_tokens(self._kept)
        self.socket_mode = SocketModeServer()
        self.http = HttpTransport(signing_secret=tokens.signing_secret)
        self.http.bot_url = bot_url
        shared = SharedServices(
            clock=clock,
            faults=FaultInjector(),
            exchanges=Exchanges(),
            installations=InstalledPlaces(IssuedTokens(clock, self._kept)),
            codes=OAuthCodes(clock),
            socket_mode=self.socket_mode,
            transport=self.socket_mode if delivery == "socket" else self.http,
            delivery=delivery,
            ack_seconds=ack_seconds,
            trigger_seconds=trigger_seconds,
            event_retries=tuple(event_retries),
            calls=lambda: self._api.calls,
            installed_again=self._repeat_uninstallation,
        )
        app = granted(install(manifest, tokens), behavior)
        spaces = self._open_workspaces(shared, app, behavior, further, installed=installed)
        super().__init__(shared, spaces[0])
        self.workspaces: tuple[SandboxWorkspace, ...] = (
            self,
            *(SandboxWorkspace(shared, space) for space in spaces[1:]),
        )
        everywhere = [workspace.client.parts for workspace in self.workspaces]
        self._api = WebApi(
            everywhere, faults=shared.faults, exchanges=shared.exchanges, rate_limits=rate_limits
        )
        endpoints = (
            self._api,
            FileEndpoints(shared.installations),
            OAuthPage(shared.installations, shared.codes),
            AppRedirect(shared.installations),
            self.socket_mode,
        )
        self.app = Starlette(routes=[route for endpoint in endpoints for route in endpoint.routes()])
        self._base_url = ""
        self._server: ThreadedServer | None = None

    def start(self, port: int = 0) -> "Sandbox":
        """Serve in this process on loopback, and return the workspace; port 0 selects a free one.

        Raises OSError if the port is taken.
        """
        self._server = ThreadedServer(self.app, port)
        self.serves_at(self._server.url)
        self._server.start()
        return self

    def __enter__(self) -> "Sandbox":
        """Return the running sandbox."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    def stop(self) -> None:
        """Stop serving and delivering."""
        for workspace in self.workspaces:
            workspace.client.sender.stop()
        if self._server is not None:
            self._server.stop()
            self._server = None
        self._kept.close()

    def at(self, team: str) -> SandboxWorkspace:
        """Return the workspace with an ID; raises KeyError."""
        return {workspace.workspace.team.id: workspace for workspace in self.workspaces}[team]

    # Settings of the bot, which it otherwise gets from Slack's configuration pages

    @property
    def page_url(self) -> str:
        """The address of the page."""
        return self._base_url

    @property
    def url(self) -> str:
        """The Web API's address, for SLACK_API_URL."""
        return f"{self._base_url}/api/"

    @property
    def app_token(self) -> str:
        """The token for Socket Mode."""
        return self.tokens.app

    @property
    def signing_secret(self) -> str:
        """The secret that signs HTTP requests to the bot."""
        return self.tokens.signing_secret

    def deliver_to(self, bot_url: str) -> None:
        """Set the bot's request URL, such as http://127.0.0.1:3000/slack/events.

        It is verified by a challenge, which the exchanges show; payloads are sent there in either case.
        """
        self.http.bot_url = bot_url
        self.url_verified = verify_url(self.http, self._shared.exchanges, self.clock, self._ack_seconds)

    def install_at(self, install_url: str, redirect_url: str) -> None:
        """Set the addresses of the bot's page that begins an installation, and of the one that ends it."""
        self._shared.install_url = install_url
        for workspace in self.workspaces:
            workspace.workspace.app = replace(workspace.workspace.app, redirect_urls=(redirect_url,))
        self._shared.installations.notify_changed()

    def check_certificate(self) -> bool:
        """Send an unsigned request as Slack does to check the certificate; return whether it was accepted."""
        return self.http.check_certificate(self._ack_seconds)

    def serves_at(self, base_url: str) -> None:
        """Set the address at which another server serves `app`."""
        self._base_url = base_url
        for workspace in self.workspaces:
            workspace.workspace.files.base_url = base_url

    # Waiting in tests

    def wait_until(self, predicate: Callable[[], object], seconds: float = 60) -> None:
        """Wait until a predicate holds; raises AssertionError after the given time."""
        if not self.workspace.wait_until(lambda: bool(predicate()), seconds):
            raise AssertionError(f"not so within {seconds:g} s; last calls: {self._api.calls[-5:]}")

    def wait_for_connection(self, seconds: float = 60) -> None:
        """Wait until the bot holds a Socket Mode connection; raises AssertionError."""
        self.wait_until(lambda: self.socket_mode.connections, seconds)

    def _open_workspaces(
        self,
        shared: SharedServices,
        app: InstalledApp,
        behavior: Behavior | None,
        further: Sequence[Team],
        *,
        installed: bool,
    ) -> list[Workspace]:
        numbers = IdGenerator(shared.clock, self._kept)
        in_organization = behavior is not None and behavior.enterprise is not None
        opened: list[Workspace] = []
        for team in (FIRST_TEAM, *further):
            is_first = team == FIRST_TEAM
            kept = self._kept if is_first else self._kept.part(f"{team.id}/")
            described = app if is_first else replace(app, tokens=replace(app.tokens, bot=""))
            state = kept_app(kept, described, installed=installed and is_first)
            channels = new_channels(team, installed=state.installed, is_in_organization=in_organization)
            workspace = Workspace(
                state, shared.clock, kept, behavior, team=team, numbers=numbers, channels=channels
            )
            shared.installations.add(workspace)
            opened.append(workspace)
        return opened

    def _repeat_uninstallation(self, place: str) -> None:
        concerned = self._shared.installations.members(place)
        for workspace in self.workspaces:
            if workspace.workspace in concerned:
                workspace.client.repeat_uninstallation()


OnReady = Callable[[Sandbox], Callable[[], None] | None]
"""Called in its own thread once the Web API is available; may return a function that ends the work."""
