"""Reliable shutdown of a Socket Mode connection, which the SDK does not guarantee."""

import socket
from contextlib import suppress

from slack_sdk.socket_mode.builtin.client import SocketModeClient

EVERY_SECONDS = 0.05


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
