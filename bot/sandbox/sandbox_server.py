"""The sandbox as one server in a thread, with the actions that tests need."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal

from starlette.applications import Starlette

from bot.sandbox.admin.installation_admin import InstallationAdmin
from bot.sandbox.api_methods import MethodContext
from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.http_endpoints.file_endpoints import FileEndpoints
from bot.sandbox.http_endpoints.oauth_page import OAuthPage
from bot.sandbox.http_endpoints.web_api import ApiCall, WebApi
from bot.sandbox.open_views.view_stacks import ViewStacks
from bot.sandbox.payload_delivery.delivery_record import Delivery
from bot.sandbox.payload_delivery.http_transport import HttpTransport
from bot.sandbox.payload_delivery.payload_sender import ACK_SECONDS, EVENT_RETRIES, PayloadSender
from bot.sandbox.payload_delivery.socket_mode_server import SocketModeServer
from bot.sandbox.payload_delivery.url_verification import verify_url
from bot.sandbox.slack_json import Json
from bot.sandbox.threaded_server import ThreadedServer
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.exchanges import Exchange, Exchanges
from bot.sandbox.workspace.fault_injection import FaultInjector
from bot.sandbox.workspace.installed_app import granted, install
from bot.sandbox.workspace.oauth_codes import OAuthCodes
from bot.sandbox.workspace.record_storage import FileStorage, NullStorage
from bot.sandbox.workspace.token_state import kept_tokens
from bot.sandbox.workspace.trigger_ids import TRIGGER_SECONDS, ResponseUrls, TriggerIds
from bot.sandbox.workspace.workspace_behavior import Behavior
from bot.sandbox.workspace.workspace_clock import WorkspaceClock
from bot.sandbox.workspace.workspace_state import Workspace

Transport = Literal["socket", "http"]


class Sandbox(InstallationAdmin):
    """A local Slack workspace; as a context manager it stops at the end.

    Without a manifest, every scope is granted and every event delivered. With a data directory, the workspace
    resumes its saved state. Raises StorageUnusable.
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
    ) -> None:
        self.delivery: Transport = delivery
        self.faults = FaultInjector()
        self.url_verified = False
        """Whether the bot's request URL has returned Slack's challenge."""
        self._ack_seconds = ack_seconds
        self._kept = NullStorage() if data is None else FileStorage(data)
        self.clock = WorkspaceClock.kept_in(self._kept)
        tokens, refusing = kept_tokens(self._kept)
        app = granted(install(manifest, tokens, refusing=refusing), behavior)
        self.workspace = Workspace(app, self.clock, self._kept, behavior)
        self.socket_mode = SocketModeServer()
        self.http = HttpTransport(signing_secret=tokens.signing_secret)
        self.http.bot_url = bot_url
        self._exchanges = Exchanges()
        parts = MethodContext(
            workspace=self.workspace,
            views=ViewStacks(self.workspace),
            triggers=TriggerIds(self.clock, trigger_seconds),
            response_urls=ResponseUrls(self.clock, self._kept),
            socket_url=self.socket_mode.address,
            grants=OAuthCodes(self.clock),
            tell=lambda name, event: self.client.event(name, event, soon=True),
        )
        self._api = WebApi(parts, faults=self.faults, exchanges=self._exchanges, rate_limits=rate_limits)
        sender = PayloadSender(
            self.socket_mode if delivery == "socket" else self.http,
            faults=self.faults,
            exchanges=self._exchanges,
            now=self.clock.now,
            answered=self.workspace.notify_changed,
            installed=lambda: self.workspace.app.installed,
            ack_seconds=ack_seconds,
            event_retries=event_retries,
        )
        super().__init__(SlackClient(parts, sender, base_url=lambda: self._base_url))
        endpoints = (self._api, FileEndpoints(self.workspace), OAuthPage(parts), self.socket_mode)
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
        self.client.sender.stop()
        if self._server is not None:
            self._server.stop()
            self._server = None
        self._kept.close()

    # Settings of the bot

    @property
    def url(self) -> str:
        """The Web API's address, for SLACK_API_URL."""
        return f"{self._base_url}/api/"

    @property
    def bot_token(self) -> str:
        """The token for the Web API."""
        return self.tokens.bot

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
        self.url_verified = verify_url(self.http, self._exchanges, self.clock, self._ack_seconds)

    def check_certificate(self) -> bool:
        """Send an unsigned request as Slack does to check the certificate; return whether it was accepted."""
        return self.http.check_certificate(self._ack_seconds)

    def serves_at(self, base_url: str) -> None:
        """Set the address at which another server serves `app`."""
        self._base_url = base_url
        self.workspace.files.base_url = base_url

    # People and exchanges

    def person(self, who: str) -> SandboxPerson:
        """Return a person to act as, by handle, name or ID; raises UnknownPerson."""
        return SandboxPerson(self.client, self.workspace.person(who).id)

    @property
    def api_calls(self) -> list[ApiCall]:
        """The bot's Web API calls, in order, without tokens."""
        return self._api.calls

    def calls_of(self, method: str) -> list[ApiCall]:
        """Return the bot's calls of one method."""
        return [call for call in self._api.calls if call.method == method]

    @property
    def deliveries(self) -> list[Delivery]:
        """The payloads delivered to the bot, in order, including repetitions and retries."""
        return self.client.sender.deliveries

    @property
    def last_act(self) -> Delivery:
        """The last action of a person, as delivered to the bot; raises IndexError if there is none."""
        return [one for one in self.deliveries if one.kind != "events_api"][-1]

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges with the bot, newest last, at most five hundred, without tokens."""
        return self._exchanges.all()

    def repeat(self, delivery: Delivery) -> Delivery:
        """Deliver the same payload again, with the same IDs; its response is not applied again."""
        return self.client.sender.resend(delivery)

    def drop_connections(self) -> None:
        """Drop the bot's Socket Mode connections without notice."""
        self.socket_mode.drop()

    def ask_to_reconnect(self) -> None:
        """Ask the bot to reconnect over Socket Mode, as Slack does every few hours."""
        self.socket_mode.disconnect()

    # Waiting in tests

    def wait_until(self, predicate: Callable[[], object], seconds: float = 60) -> None:
        """Wait until a predicate holds; raises AssertionError after the given time."""
        if not self.workspace.wait_until(lambda: bool(predicate()), seconds):
            raise AssertionError(f"not so within {seconds:g} s; last calls: {self._api.calls[-5:]}")

    def wait_for_connection(self, seconds: float = 60) -> None:
        """Wait until the bot holds a Socket Mode connection; raises AssertionError."""
        self.wait_until(lambda: self.socket_mode.connections, seconds)
