"""The workspace as one server in a thread."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Literal

import uvicorn
from msgspec.structs import replace
from starlette.applications import Starlette

from bot.sandbox.cast import TEAM_ID
from bot.sandbox.clock import Clock
from bot.sandbox.delivery import ACK_SECONDS, EVENT_RETRIES, Courier, Delivery
from bot.sandbox.desk import Desk
from bot.sandbox.dropping import HangUp
from bot.sandbox.faults import Faults
from bot.sandbox.http_delivery import HttpDelivery
from bot.sandbox.installed_app import BOT_USER_ID, Tokens, install
from bot.sandbox.kit import Json
from bot.sandbox.methods import Parts
from bot.sandbox.people import SandboxPerson
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.triggers import ResponseUrls, Triggers
from bot.sandbox.views import Views
from bot.sandbox.web_api import ApiCall, WebApi
from bot.sandbox.workspace import Workspace

Transport = Literal["socket", "http"]


class Sandbox:
    """A stand-in Slack workspace; as a context manager it stops at the end."""

    def __init__(
        self,
        *,
        manifest: Json | None = None,
        delivery: Transport = "socket",
        bot_url: str | None = None,
        rate_limits: bool = False,
        ack_seconds: float = ACK_SECONDS,
        event_retries: Sequence[float] = EVENT_RETRIES,
        tokens: Tokens | None = None,
    ) -> None:
        self.delivery: Transport = delivery
        self.clock = Clock()
        self.faults = Faults()
        self._tokens = tokens or Tokens.fresh()
        self.workspace = Workspace(install(manifest, self._tokens), self.clock)
        self.socket_mode = SocketMode()
        self.http = HttpDelivery(signing_secret=self._tokens.signing_secret, now=self.clock.now)
        self.http.bot_url = bot_url
        parts = Parts(
            workspace=self.workspace,
            views=Views(self.workspace),
            triggers=Triggers(self.clock),
            response_urls=ResponseUrls(self.clock),
            socket_url=self.socket_mode.address,
        )
        self._api = WebApi(parts, faults=self.faults, rate_limits=rate_limits)
        self._courier = Courier(
            self.socket_mode if delivery == "socket" else self.http,
            faults=self.faults,
            told=self.workspace.touch,
            ack_seconds=ack_seconds,
            event_retries=event_retries,
        )
        self.desk = Desk(parts, self._courier, base_url=lambda: self._base_url)
        self.app = Starlette(routes=[*self._api.routes(), *self.socket_mode.routes()])
        self._base_url = ""
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    def start(
        cls,
        *,
        manifest: Json | None = None,
        delivery: Transport = "socket",
        bot_url: str | None = None,
        port: int = 0,
        rate_limits: bool = False,
        ack_seconds: float = ACK_SECONDS,
        event_retries: Sequence[float] = EVENT_RETRIES,
    ) -> "Sandbox":
        """Start a workspace in this process on loopback; port 0 takes a free one.

        Without a manifest every scope is granted and every event delivered. Raises OSError if the port is
        taken.
        """
        sandbox = cls(
            manifest=manifest,
            delivery=delivery,
            bot_url=bot_url,
            rate_limits=rate_limits,
            ack_seconds=ack_seconds,
            event_retries=event_retries,
        )
        sandbox._serve(port)
        return sandbox

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

    # What the bot is configured with

    @property
    def url(self) -> str:
        """The Web API's address, for SLACK_API_URL."""
        return f"{self._base_url}/api/"

    @property
    def bot_token(self) -> str:
        """The token for the Web API."""
        return self._tokens.bot

    @property
    def app_token(self) -> str:
        """The token for Socket Mode."""
        return self._tokens.app

    @property
    def signing_secret(self) -> str:
        """The secret that signs HTTP requests to the bot."""
        return self._tokens.signing_secret

    def deliver_to(self, bot_url: str) -> None:
        """Say at which address the bot takes HTTP requests, such as http://127.0.0.1:3000/slack/events."""
        self.http.bot_url = bot_url

    def serves_at(self, base_url: str) -> None:
        """Say at which address somebody else serves `app`."""
        self._base_url = base_url

    # What tests do

    def person(self, who: str) -> SandboxPerson:
        """Return a person to act as, by handle, name or id; raises UnknownPerson."""
        return SandboxPerson(self.desk, self.workspace.person(who).id)

    @property
    def api_calls(self) -> list[ApiCall]:
        """What the bot has asked of the Web API, in order, tokens left out."""
        return self._api.calls

    def calls_of(self, method: str) -> list[ApiCall]:
        """Return what the bot has asked of one method."""
        return [call for call in self._api.calls if call.method == method]

    @property
    def deliveries(self) -> list[Delivery]:
        """What was brought to the bot, in order, repeats and retries included."""
        return self._courier.deliveries

    def repeat(self, delivery: Delivery) -> Delivery:
        """Bring the same payload once more, ids and all; what its answer asks is not done again."""
        return self._courier.repeat(delivery)

    def wait_until(self, predicate: Callable[[], object], seconds: float = 15) -> None:
        """Wait until something holds; raises AssertionError if it does not in so many seconds."""
        if not self.workspace.wait_until(lambda: bool(predicate()), seconds):
            raise AssertionError(f"not so within {seconds:g} s; last calls: {self._api.calls[-5:]}")

    def wait_for_connection(self, seconds: float = 15) -> None:
        """Wait until the bot holds a Socket Mode connection; raises AssertionError."""
        self.wait_until(lambda: self.socket_mode.connections, seconds)

    def invite_bot(self, where: str) -> None:
        """Make the bot a member of a channel."""
        channel = self.workspace.channel(where)
        if self.workspace.join(channel.id, BOT_USER_ID):
            self._bot_membership(
                "member_joined_channel",
                channel.id,
                user=BOT_USER_ID,
                channel_type="G" if channel.is_private else "C",
                team=TEAM_ID,
            )

    def remove_bot(self, where: str) -> None:
        """Throw the bot out of a channel."""
        channel = self.workspace.channel(where)
        if self.workspace.leave(channel.id, BOT_USER_ID):
            self._bot_membership("group_left" if channel.is_private else "channel_left", channel.id)

    def deactivate(self, who: str) -> None:
        """Deactivate a person's account."""
        self.workspace.change_person(replace(self.workspace.person(who), deleted=True))

    def change_channel(
        self,
        where: str,
        *,
        name: str | None = None,
        is_archived: bool | None = None,
        is_private: bool | None = None,
        is_ext_shared: bool | None = None,
    ) -> None:
        """Rename, archive, make private or share a channel."""
        channel = self.workspace.channel(where)
        changes = {
            "name": name,
            "is_archived": is_archived,
            "is_private": is_private,
            "is_ext_shared": is_ext_shared,
        }
        changed = replace(channel, **{key: value for key, value in changes.items() if value is not None})
        self.workspace.change_channel(changed)

    def stop(self) -> None:
        """Stop serving and delivering."""
        self._courier.stop()
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(5)
            self._server = None

    def _bot_membership(self, name: str, channel: str, **more: str) -> None:
        event: Json = {"type": name, "channel": channel, "event_ts": self.workspace.new_ts(), **more}
        self.desk.event(name, event, soon=True)

    def _serve(self, port: int) -> None:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        self._base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            HangUp(self.app),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            ws_max_size=2**24,
        )
        server = uvicorn.Server(config)
        self._server = server
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}, name="sandbox", daemon=True
        )
        self._thread.start()
        while not server.started and self._thread.is_alive():
            time.sleep(0.002)
