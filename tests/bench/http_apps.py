"""The yardsticks: Bolt apps under the bot's own server; `python -m tests.bench.http_apps NAME FILE`."""

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult

from bot.manifest import EVENTS_PATH
from bot.serving import Served, serve_http
from bot.slack.kit.triggers import FormName

YARDSTICKS = ("insert", "ack", "default")
"""One bare insert and commit, then the ack; the ack alone; the bare insert in Bolt's default mode."""


def served(name: str, path: Path) -> Served:
    """One of the apps, as the server wants it."""
    app = App(
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        # Known from the start, as the bot knows it: no call to Slack while somebody waits.
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-unused"),
        process_before_response=name != "default",
    )
    keep = _nothing if name == "ack" else _inserting(path)

    def save(view: dict[str, Any], ack: Ack) -> None:
        keep(view)
        ack()

    app.view(FormName.ELEMENT)(save)  # pyright: ignore[reportUnknownMemberType]  Bolt's own gap
    return SlackRequestHandler(app, path=EVENTS_PATH), lambda: None


def _nothing(view: dict[str, Any]) -> None:
    del view


def _inserting(path: Path) -> Callable[[dict[str, Any]], None]:
    """One row inserted and committed, as durably as ours; threads take turns, as sleeping would be slower."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, view TEXT NOT NULL, data TEXT NOT NULL)")
    turn = threading.Lock()

    def insert(view: dict[str, Any]) -> None:
        said = json.dumps(view["state"]["values"])
        with turn:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO rows (view, data) VALUES (?, ?)", (view["id"], said))
            connection.execute("COMMIT")

    return insert


if __name__ == "__main__":
    serve_http(lambda: served(sys.argv[1], Path(sys.argv[2])), host="127.0.0.1", port=0)
