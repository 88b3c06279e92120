"""Socket Mode: the bot's connection to Slack."""

import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from typing import cast

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState
from slack_sdk.socket_mode.builtin.frame_header import FrameHeader
from slack_sdk.socket_mode.builtin.internals import _build_data_frame_for_sending as data_frame
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.logs import request_context
from bot.slack.handlers.thread_pool import DeferredWork

log = structlog.get_logger()


class SessionState:
    """State of receiving from one session: it ends with the session, and when the client closes.

    The SDK keeps the state of the current session beside the session and replaces the two one after the
    other. A thread that begins to receive in between has the state of the session before, which is never
    ended: the client can then neither be closed nor receive from a later session. This state is computed
    instead.
    """

    def __init__(self, client: SocketModeClient, session: Connection) -> None:
        self._client = client
        self._session = session
        self._ended = False

    @property
    def terminated(self) -> bool:
        """Whether the receiving thread must leave this session."""
        return self._ended or self._client.closed or self._client.current_session is not self._session

    @terminated.setter
    def terminated(self, value: bool) -> None:
        self._ended = value


def receive_with_own_states(client: SocketModeClient) -> None:
    """Have a client that is not connected yet receive from each session with a state of its own."""

    def receive() -> None:
        session = client.current_session
        if session is None or not session.is_active():
            return
        try:
            session.run_until_completion(cast("ConnectionState", SessionState(client, session)))
        except Exception:
            # The edge of a thread: without it nothing more would be received.
            log.exception("session can no longer receive")

    client.current_session_runner.target = receive


EVERY_SECONDS = 0.05

NORMAL_CLOSURE = struct.pack("!H", 1000)
"""Payload of the close frame, RFC 6455, section 7.4.1."""


def has_unread_data(session: Connection | None) -> bool | None:
    """Return whether received bytes wait to be read; None once the other side has closed the connection."""
    try:
        if session is None or session.sock is None:
            return None
        waiting = select.poll()
        waiting.register(session.sock, select.POLLIN)
        if not waiting.poll(0):
            return False
        with socket.socket(fileno=os.dup(session.sock.fileno())) as stream:
            return True if stream.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) else None
    except BlockingIOError:
        return False
    except (OSError, ValueError):  # closed already
        return None


def perform_closing_handshake(client: SocketModeClient, seconds: float) -> bool:
    """Send a close frame and wait for Slack's; return whether it came within `seconds`.

    Without one, Slack may count the connection as open for minutes and send requests there (python-slack-sdk
    issue 1940). Nothing can be acknowledged afterwards: an endpoint sends no data after its close frame
    (RFC 6455, section 5.5.1).
    """
    client.auto_reconnect_enabled = False
    session = client.current_session
    if session is None:
        return False
    try:
        with session.sock_send_lock:
            if session.sock is None:
                return False
            session.sock.sendall(data_frame(NORMAL_CLOSURE, FrameHeader.OPCODE_CLOSE))
    except OSError:  # gone already
        return False
    end = time.monotonic() + seconds
    # The SDK ends the session when it reads the other side's close frame.
    while session.is_active() and time.monotonic() < end:
        time.sleep(EVERY_SECONDS / 10)
    return not session.is_active()


def close_client(client: SocketModeClient) -> None:
    """Close a client without waiting for further messages.

    The SDK's own `close` sits through its waits, some four seconds. It also waits forever when its receiving
    thread has just found the session open, because the thread then takes back the word to end. So the word is
    repeated here until the thread has ended.
    """
    client.closed = True
    client.auto_reconnect_enabled = False
    client.message_queue.put(None)  # pyright: ignore[reportUnknownMemberType]  (an untyped queue)
    receiving = client.current_session_runner
    receiving.event.set()
    while receiving.is_alive():
        client.current_session_state.terminated = True
        session = client.current_session
        if session is not None and session.sock is not None:
            with suppress(OSError):  # gone already
                session.sock.shutdown(socket.SHUT_RDWR)
        receiving.thread.join(EVERY_SECONDS)
    client.close()


CONCURRENCY = 32

QUIET_SECONDS = 900.0
"""Seconds without a message after which the connection is considered dead and renewed."""

CLOSE_SECONDS = 1.0
"""Seconds in which Slack confirms a close; it keeps the TCP connection open after that."""

QUIET_LOOK_SECONDS = 0.01
"""Seconds between two looks for unanswered requests: bytes that the SDK has not read yet raise no event."""


class SocketConnection(SocketModeHandler):
    """Socket Mode connection; follow-ups start once the answer has been sent."""

    def __init__(
        self,
        app: App,
        app_token: str,
        deferred_work: DeferredWork,
        *,
        connected: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(app, app_token, concurrency=CONCURRENCY)
        receive_with_own_states(self.client)
        self._deferred_work = deferred_work
        self._connected = connected
        self._clock = clock
        self._heard = clock()
        self._received = 0
        self._finished = 0
        self._in_hand = 0
        self._idle = threading.Condition()
        self._closing = False
        self._refusing = False
        self.client.on_message_listeners.append(self._hear)
        # The SDK also opens new connections itself, and would print a traceback if that fails.
        self._open = self.client.connect_to_new_endpoint
        self.client.connect_to_new_endpoint = self._open_new

    @property
    def problem(self) -> str:
        """Why the connection to Slack is down, as a sentence; empty while it is up."""
        if self._closing or self._ended():
            return "no connection to Slack"
        if self.quiet_seconds >= 2 * QUIET_SECONDS:
            # A connection may stand and bring nothing; not even a new one was heard to begin.
            minutes = int(self.quiet_seconds // 60)
            return f"nothing received from Slack for {minutes} minutes: check the network"
        return ""

    @property
    def quiet_seconds(self) -> float:
        """Seconds since Slack's last message over the connection."""
        return self._clock() - self._heard

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:
        """Answer one envelope."""
        with request_context():
            self._handle(client, req)

    def _handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:
        with self._idle:
            if self._refusing:
                return  # not acked: Slack sends it over another connection, or the user sees that it failed
            self._in_hand += 1
        try:
            began = time.time()
            send_response(client, req, run_bolt_app(self.app, req), began)
        finally:
            self._deferred_work.start()
            with self._idle:
                self._in_hand -= 1
                self._finished += 1
                self._idle.notify_all()

    def renew_if_deaf(self) -> None:
        """Open a new connection if the current one has ended, or has been quiet for too long."""
        session, ended = self.client.current_session, self._ended()
        if self._closing or session is None or not (ended or self.quiet_seconds >= QUIET_SECONDS):
            return
        log.info("opening a new connection", ended=ended, quiet_seconds=int(self.quiet_seconds))
        if ended:
            session.disconnect()  # else the SDK goes on reading from it, in a tight loop
        self._heard = self._clock()
        self._open_new(force=True)

    def stop(self, seconds: float) -> None:
        """Answer what Slack has sent, finish within `seconds`, and close the connection at a quiet moment.

        Slack sends until it reads the close frame, after which nothing can be acknowledged. If everything
        received has been answered by then, only requests still on their way are left to other connections.
        """
        self._closing = True
        end = time.monotonic() + seconds
        quiet = self._wait_until_quiet(end - seconds / 2)
        with self._idle:
            self._refusing = True
            done = self._idle.wait_for(lambda: not self._in_hand, end - time.monotonic())
        if not done:
            log.warning("some requests were not answered in time", requests=self._in_hand)
        closed = perform_closing_handshake(self.client, min(CLOSE_SECONDS, seconds))
        log.info("connection to Slack closed", quiet=quiet, confirmed=closed)
        close_client(self.client)

    def _wait_until_quiet(self, end: float) -> bool:
        """Wait until two looks in a row find nothing unanswered; return whether they did in time."""
        looks = 0
        while looks < 2:
            with self._idle:
                answered = not self._in_hand and self._finished >= self._received
            if answered and not has_unread_data(self.client.current_session):
                looks += 1
            elif time.monotonic() >= end:
                return False
            else:
                looks = 0
            time.sleep(QUIET_LOOK_SECONDS)
        return True

    def _open_new(self, force: bool = False) -> None:  # noqa: FBT001, FBT002  (the SDK's signature)
        """Open a new connection; after a failure the next check tries again."""
        try:
            self._open(force)
        except (SlackApiError, SlackClientError, OSError, HTTPException) as fault:
            log.warning("no new connection", fault=type(fault).__name__)

    def _ended(self) -> bool:
        """Return whether there is no connection, or the other side has closed it silently.

        The SDK notices the end of the stream only after five failed pings, almost a minute.
        """
        return has_unread_data(self.client.current_session) is None

    def _hear(self, message: str) -> None:
        self._heard = self._clock()
        if '"envelope_id"' in message:
            self._received += 1  # only this thread counts
        if '"type": "hello"' in message[:400] or '"type":"hello"' in message[:400]:
            log.info("connected to Slack")
            self._connected()
