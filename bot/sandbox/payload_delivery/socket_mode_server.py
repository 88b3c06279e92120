"""Socket Mode: payloads over a websocket that the bot opened, and connections that break off."""

import asyncio
import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from typing import cast

from msgspec import Struct
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.payload_delivery.delivery_record import DeliveryFailed, OutgoingPayload
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import APP_ID

_KEY = "sandbox.hang_up"


class DropConnections:
    """Middleware that lets responses drop the connection; requires uvicorn."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward everything, with a function that closes the connection."""
        # ASGI has no message for this; uvicorn's `send` is bound to the object that holds the connection.
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope[_KEY] = transport.abort
        await self.app(scope, receive, send)


def drop_connection(scope: Scope) -> None:
    """Close the connection of a request or websocket without a response."""
    cast("Callable[[], None]", scope[_KEY])()


class DroppedResponse(Response):
    """A response that closes the connection instead of answering."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close the connection."""
        del receive, send
        drop_connection(scope)
        # The server must see that the connection is closed, or it sends an error response itself.
        await asyncio.sleep(0.01)


MAX_CONNECTIONS = 10
TICKET_SECONDS = 30.0
CLOSED_BY_THE_BOT = 1000
"""Code of a close frame that says all is well; what breaks off has another code."""


class _Link(Struct, frozen=True, eq=False, kw_only=True):
    socket: WebSocket
    loop: asyncio.AbstractEventLoop

    def drop(self) -> None:
        """Close the connection without a close frame."""
        drop_connection(self.socket.scope)


class _Ack:
    def __init__(self, link: _Link) -> None:
        self.link = link
        self.came = threading.Event()
        """Set by the acknowledgment, or by the end of the connection."""
        self.acknowledged = False
        self.payload: Json | None = None


class SocketModeServer:
    """Server for the bot's connections, which sends each payload over exactly one of them."""

    def __init__(self) -> None:
        self._tickets: dict[str, float] = {}
        self._links: list[_Link] = []
        self._acks: dict[str, _Ack] = {}
        self._lock = threading.Lock()
        self._turn = 0

    def routes(self) -> list[WebSocketRoute]:
        """Return the routes of the server."""
        return [WebSocketRoute("/link/", self._serve)]

    @property
    def connections(self) -> int:
        """The number of the bot's open connections."""
        return len(self._links)

    def address(self) -> str:
        """Return the path of one new connection, usable once within half a minute."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            self._tickets[ticket] = time.monotonic()
        return f"/link/?ticket={ticket}&app_id={APP_ID}"

    def send(self, outgoing: OutgoingPayload, seconds: float) -> Json | None:
        """Send a payload over one connection; return the acknowledgment's payload; raises DeliveryFailed.

        Where the bot closes the connection before it acknowledges, another one is tried: Slack's engineers
        say that ending one of several connections does not matter (bolt-python issue 1071). A connection
        that breaks off leaves the payload unacknowledged.
        """
        envelope_id = str(uuid.uuid4())
        envelope: Json = {
            "envelope_id": envelope_id,
            "payload": outgoing.payload,
            "type": outgoing.kind,
            "accepts_response_payload": outgoing.kind != "events_api",
        }
        if outgoing.kind == "events_api":
            envelope |= {"retry_attempt": outgoing.retry_num, "retry_reason": outgoing.retry_reason}
        text, end = json.dumps(envelope), time.monotonic() + seconds
        while True:
            ack = self._choose(envelope_id)
            try:
                sending = asyncio.run_coroutine_threadsafe(ack.link.socket.send_text(text), ack.link.loop)
                if not ack.came.wait(end - time.monotonic()):
                    sending.cancel()
                    raise DeliveryFailed("timeout")
            finally:
                with self._lock:
                    del self._acks[envelope_id]
            if ack.acknowledged:
                return ack.payload

    def _choose(self, envelope_id: str) -> _Ack:
        """Return a place for the acknowledgment of an envelope, with the connection whose turn it is."""
        with self._lock:
            if not self._links:
                raise DeliveryFailed("connection_failed")
            link = self._links[self._turn % len(self._links)]
            self._turn += 1
            ack = self._acks[envelope_id] = _Ack(link)
        return ack

    def disconnect(self) -> None:
        """Ask the bot to reconnect, as Slack does every few hours, and close every connection."""
        for link in list(self._links):
            asyncio.run_coroutine_threadsafe(_part(link.socket), link.loop)

    def drop(self) -> None:
        """Close every connection without notice."""
        for link in list(self._links):
            link.loop.call_soon_threadsafe(link.drop)

    async def _serve(self, socket: WebSocket) -> None:
        with self._lock:
            issued = self._tickets.pop(socket.query_params.get("ticket", ""), None)
            full = len(self._links) >= MAX_CONNECTIONS
        if issued is None or time.monotonic() - issued > TICKET_SECONDS:
            await socket.close(code=4401)
            return
        await socket.accept()
        if full:
            await _part(socket, reason="too_many_websockets")
            return
        link = _Link(socket=socket, loop=asyncio.get_running_loop())
        hello = json.dumps(self._hello())
        # Before the greeting: a bot that has read it can be sent a payload at once. The greeting still goes
        # first, because payloads are sent by this loop, too.
        with self._lock:
            self._links.append(link)
        closed = False
        try:
            await socket.send_text(hello)
            while True:
                self._take(await socket.receive_text())
        except WebSocketDisconnect as end:
            closed = end.code == CLOSED_BY_THE_BOT
        finally:
            with self._lock:
                self._links.remove(link)
                for ack in self._acks.values():
                    if closed and ack.link is link:
                        ack.came.set()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._links) + 1,
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": APP_ID},
        }

    def _take(self, text: str) -> None:
        try:
            frame: Json = json.loads(text)
        except json.JSONDecodeError:
            return
        with self._lock:
            ack = self._acks.get(str(frame.get("envelope_id")))
        # An ack after three seconds is ignored, as in Slack.
        if ack is not None and not ack.came.is_set():
            payload = frame.get("payload")
            ack.payload = cast("Json", payload) if isinstance(payload, dict) else None
            ack.acknowledged = True
            ack.came.set()


async def _part(socket: WebSocket, *, reason: str = "refresh_requested") -> None:
    goodbye = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
    try:
        await socket.send_text(json.dumps(goodbye))
        await socket.close()
    except (RuntimeError, WebSocketDisconnect):
        # It was closed in the meantime, as intended.
        return
