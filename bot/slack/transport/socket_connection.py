"""Socket Mode: the bot's connection to Slack."""

import threading
import time
from collections.abc import Callable
from http.client import HTTPException

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.logs import request_context
from bot.slack.handlers.deferred import DeferredWork
from bot.slack.transport.socket_sessions import receive_with_own_states
from bot.slack.transport.socket_shutdown import close_client, has_unread_data, perform_closing_handshake

CONCURRENCY = 32

QUIET_SECONDS = 900.0
"""Seconds without a message after which the connection is considered dead and renewed."""

CLOSE_SECONDS = 1.0
"""Seconds in which Slack confirms a close; it keeps the TCP connection open after that."""

QUIET_LOOK_SECONDS = 0.01
"""Seconds between two looks for unanswered requests: bytes that the SDK has not read yet raise no event."""

log = structlog.get_logger()


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
