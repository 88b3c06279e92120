"""Receiving from Socket Mode sessions; the SDK may receive from one with the state of another."""

from typing import cast

import structlog
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState

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
