"""The baselines: Bolt apps under the bot's own server; `python -m tests.bench.http_apps NAME FILE`."""

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request import BoltRequest

from bot.server_process import listening_socket, running_server, stop_requests, wait_for_stop
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead
from bot.slack.transport.http_server import Door
from bot.slack.transport.http_sites import LARGEST_BODY

YARDSTICKS = ("insert", "ack", "default")
"""One bare insert and commit, then the ack; the ack alone; the bare insert in Bolt's default mode."""


class BoltSite:
    """A Bolt app behind the bot's own server; Bolt itself verifies what it is given, on its thread."""

    def __init__(self, app: App) -> None:
        self._app = app

    def max_body_bytes(self, head: RequestHead) -> int:
        """Everything is read."""
        del head
        return LARGEST_BODY

    def admit(self, request: HttpRequest) -> Callable[[], HttpResponse]:
        """Everything is for the app."""
        return lambda: self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        head = request.head
        asked = BoltRequest(body=request.body.decode(), query=head.query, headers=dict(head.headers))
        answer = self._app.dispatch(asked)
        headers = answer.first_headers_without_set_cookie()
        return HttpResponse(status=answer.status, headers=headers, body=answer.body.encode(), keep_alive=True)


def baseline(name: str, path: Path) -> BoltSite:
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

    app.view("element")(save)  # pyright: ignore[reportUnknownMemberType]  Bolt's own gap
    return BoltSite(app)


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
    with (
        stop_requests() as asked,
        listening_socket("127.0.0.1", 0) as place,
        running_server(Door(baseline(sys.argv[1], Path(sys.argv[2])), place)) as server,
    ):
        print("listening at", server.address, flush=True)
        wait_for_stop(asked, server)
