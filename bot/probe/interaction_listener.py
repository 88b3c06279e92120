"""Listener for interactions during the probe, over Socket Mode."""

import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final, cast

import msgspec
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import classify_error
from bot.slack.transport.socket_connection import close_client

MINE: Final = "probe_"
"""The prefix of the ids of the probe's buttons and forms."""


_SILENT: Final = logging.getLogger("bot.probe.interaction_listener")
"""The SDK prints tracebacks where a connection is closed while something arrives."""
_SILENT.disabled = True


class ListenerFailed(Exception):
    """Socket Mode did not open; the message says why."""


class ReceivedInteraction(msgspec.Struct, frozen=True, kw_only=True):
    """One payload: `press` of a button, `submission` of a form, or `mention` in a channel."""

    kind: str
    payload: Json

    @property
    def action(self) -> Json:
        """The button that was pressed."""
        return self.payload["actions"][0]

    @property
    def person(self) -> str:
        """The id of the person."""
        user: Json = self.payload.get("user") or {}
        event: Json = self.payload.get("event") or {}
        return str(user.get("id") or event.get("user", ""))


class InteractionListener:
    """A connection to Slack; requests for others stay unacknowledged, so that Slack sends them again."""

    def __init__(self, *, app_token: str, api_url: str, connect_seconds: float) -> None:
        """Connect; raises ListenerFailed."""
        self.connections = 0
        """How many connections the app holds, this one included, as Slack says."""
        self._heard: queue.SimpleQueue[ReceivedInteraction] = queue.SimpleQueue()
        self._greeted = threading.Event()
        self._client = SocketModeClient(
            app_token=app_token,
            web_client=WebClient(base_url=api_url, retry_handlers=[]),
            logger=_SILENT,
            auto_reconnect_enabled=True,
        )
        self._client.on_message_listeners.append(self._greet)
        self._client.socket_mode_request_listeners.append(self._take)
        try:
            self._client.connect()
        except SlackApiError as refused:
            self.close()
            raise ListenerFailed(classify_error(refused).code) from refused
        except (SlackClientError, OSError) as fault:
            self.close()
            raise ListenerFailed(type(fault).__name__) from fault
        if not self._greeted.wait(connect_seconds):
            self.close()
            raise ListenerFailed("no greeting")

    def wait_for(
        self, wanted: Callable[[ReceivedInteraction], bool], seconds: float
    ) -> ReceivedInteraction | None:
        """Return the next payload of that kind, or None when the time is over; others are passed over."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                heard = self._heard.get(timeout=left)
            except queue.Empty:
                return None
            if wanted(heard):
                return heard
        return None

    def close(self) -> None:
        """Close the connection."""
        close_client(self._client)

    def _greet(self, message: str) -> None:
        try:
            said: Any = json.loads(message)
        except ValueError:
            return
        if isinstance(said, dict) and cast("Json", said).get("type") == "hello":
            self.connections = int(cast("Json", said).get("num_connections") or 1)
            self._greeted.set()

    def _take(self, client: Any, request: SocketModeRequest) -> None:
        heard = _read(cast("Json", request.payload))
        if heard is not None:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
            self._heard.put(heard)


def _read(payload: Json) -> ReceivedInteraction | None:
    match payload.get("type"):
        case "block_actions" if str(payload["actions"][0].get("action_id")).startswith(MINE):
            return ReceivedInteraction(kind="press", payload=payload)
        case "view_submission" if str(payload["view"].get("callback_id")).startswith(MINE):
            return ReceivedInteraction(kind="submission", payload=payload)
        case "event_callback" if payload["event"].get("type") == "app_mention":
            return ReceivedInteraction(kind="mention", payload=payload)
        case _:
            return None
