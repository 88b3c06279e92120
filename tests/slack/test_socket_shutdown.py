"""A Socket Mode connection ends, whatever the SDK's receiving thread is about to do."""

import logging
import threading

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from typing_extensions import override

from bot.manifest import build_manifest
from bot.sandbox.api import Sandbox
from bot.slack.transport.socket_connection import close_client


class Hesitant(logging.Logger):
    """Holds the receiving thread where it has found the session open and has not begun to receive."""

    client: SocketModeClient
    began = threading.Event()
    told_to_end = threading.Event()

    @override
    def info(self, msg: object, *args: object, **more: object) -> None:
        if str(msg).startswith("Starting to receive"):
            self.began.set()
            self.told_to_end.wait()


class Told:
    """The state of a session that says when it was told to end."""

    def __init__(self, heard: threading.Event) -> None:
        self._heard = heard
        self._terminated = False

    @property
    def terminated(self) -> bool:
        return self._terminated

    @terminated.setter
    def terminated(self, value: bool) -> None:
        self._terminated = value
        if value:
            self._heard.set()


def test_it_closes_though_the_receiving_thread_takes_back_the_word_to_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logger = Hesitant("hesitant")
    with Sandbox(manifest=build_manifest("socket")).start() as sandbox:
        monkeypatch.setattr(
            "slack_sdk.socket_mode.builtin.client.ConnectionState", lambda: Told(logger.told_to_end)
        )
        client = SocketModeClient(
            app_token=sandbox.app_token, web_client=WebClient(base_url=sandbox.url), logger=logger
        )
        first = client.current_session_state
        client.connect()
        assert isinstance(first, Told)
        logger.told_to_end.clear()  # `connect` ends the state of the session before
        assert logger.began.wait(30)
        closing = threading.Thread(target=close_client, args=(client,), daemon=True)
        closing.start()
        closing.join(30)
        assert not closing.is_alive()
        assert not client.current_session_runner.is_alive()
