"""One workspace of the sandbox, with the actions that tests and the page need."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from bot.sandbox.admin import WorkspaceAdmin
from bot.sandbox.api_methods import MethodContext
from bot.sandbox.open_views import ViewStacks
from bot.sandbox.payload_delivery.delivery_record import Delivery, Exchange, Exchanges, PayloadTransport
from bot.sandbox.payload_delivery.payload_sender import PayloadSender
from bot.sandbox.payload_delivery.socket_mode_server import SocketModeServer
from bot.sandbox.slack_client import SlackClient
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.web_api import ApiCall
from bot.sandbox.workspace.fault_injection import FaultInjector
from bot.sandbox.workspace.installed_places import InstalledPlaces, OAuthCodes
from bot.sandbox.workspace.trigger_ids import ResponseUrls, TriggerIds
from bot.sandbox.workspace.workspace_clock import WorkspaceClock
from bot.sandbox.workspace.workspace_state import Workspace

Transport = Literal["socket", "http"]


class SharedServices(Struct, kw_only=True, eq=False):
    """What all workspaces of a sandbox share: Slack itself, and the way to the bot."""

    clock: WorkspaceClock
    faults: FaultInjector
    exchanges: Exchanges
    installations: InstalledPlaces
    codes: OAuthCodes
    socket_mode: SocketModeServer
    transport: PayloadTransport
    delivery: Transport
    ack_seconds: float
    trigger_seconds: float
    event_retries: tuple[float, ...]
    calls: Callable[[], list[ApiCall]]
    """Returns the bot's Web API calls in all workspaces."""
    installed_again: Callable[[str], object]
    """Called after the app was installed in the workspace or organization with that ID."""
    install_url: str = ""
    """The address of the bot's page that begins an installation; empty if it has none."""


class SandboxWorkspace(WorkspaceAdmin):
    """One workspace: its people and administrators, and what the bot does there."""

    def __init__(self, shared: SharedServices, workspace: Workspace) -> None:
        self.clock = shared.clock
        self.faults = shared.faults
        self.delivery: Transport = shared.delivery
        self._shared = shared
        parts = MethodContext(
            workspace=workspace,
            views=ViewStacks(workspace),
            triggers=TriggerIds(shared.clock, shared.trigger_seconds),
            response_urls=ResponseUrls(shared.clock, workspace.kept),
            socket_url=shared.socket_mode.address,
            grants=shared.codes,
            installations=shared.installations,
            tell=lambda name, event: self.client.event(name, event, soon=True),
            uninstall=lambda: self.uninstall_in_background(),
            installed_again=shared.installed_again,
        )
        sender = PayloadSender(
            shared.transport,
            faults=shared.faults,
            exchanges=shared.exchanges,
            now=shared.clock.now,
            answered=shared.installations.notify_changed,
            installed=lambda: workspace.app.installed,
            ack_seconds=shared.ack_seconds,
            event_retries=shared.event_retries,
        )
        super().__init__(SlackClient(parts, sender))

    @property
    def bot_token(self) -> str:
        """The token for the Web API."""
        return self.tokens.bot

    @property
    def install_url(self) -> str:
        """The address of the bot's page that begins an installation; empty if it has none."""
        return self._shared.install_url

    # People and exchanges

    def person(self, who: str) -> SandboxPerson:
        """Return a person to act as, by handle, name or ID; raises UnknownPerson."""
        return SandboxPerson(self.client, self.workspace.person(who).id)

    @property
    def api_calls(self) -> list[ApiCall]:
        """The bot's Web API calls in this workspace, and those in none, in order, without tokens."""
        return [call for call in self._shared.calls() if call.team in (self.workspace.team.id, "")]

    def calls_of(self, method: str) -> list[ApiCall]:
        """Return the bot's calls of one method."""
        return [call for call in self.api_calls if call.method == method]

    @property
    def deliveries(self) -> list[Delivery]:
        """The payloads delivered to the bot, in order, including repetitions and retries."""
        return self.client.sender.deliveries

    @property
    def last_act(self) -> Delivery:
        """The last action of a person, as delivered to the bot; raises IndexError if there is none."""
        return [delivery for delivery in self.deliveries if delivery.kind != "events_api"][-1]

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges with the bot in all workspaces, newest last, at most five hundred, without tokens."""
        return self._shared.exchanges.all()

    def repeat(self, delivery: Delivery) -> Delivery:
        """Deliver the same payload again, with the same IDs; its response is not applied again."""
        return self.client.sender.resend(delivery)

    def drop_connections(self) -> None:
        """Drop the bot's Socket Mode connections without notice."""
        self._shared.socket_mode.drop()

    def ask_to_reconnect(self) -> None:
        """Ask the bot to reconnect over Socket Mode, as Slack does every few hours."""
        self._shared.socket_mode.disconnect()
