"""Reliable shutdown of a Socket Mode connection, which the SDK does not guarantee."""

import os
import select
import socket
import struct
import time
from contextlib import suppress

from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection
from slack_sdk.socket_mode.builtin.frame_header import FrameHeader
from slack_sdk.socket_mode.builtin.internals import (
    _build_data_frame_for_sending as data_frame,  # pyright: ignore[reportPrivateUsage]  (nothing public sends a close frame)
)

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
