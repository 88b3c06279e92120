"""A tracker that survives the processes that call it: a server in this process, and its client for others."""

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from bot.trackers.tracker import (
    Account,
    Issue,
    IssueContent,
    IssueMissing,
    Project,
    Tracker,
    TrackerBusy,
    TrackerUnreachable,
)
from domain.kernel.tracked_issue import TrackerKind
from tests.trackers.fake_tracker import FakeTracker

TIMEOUT = 20.0

Hook = Callable[[str, int], bool]


class TrackerStandIn:
    """Serves a tracker in memory over HTTP.

    `before` is called with the name of each call and the process that makes it, before it is carried out, and
    `after` before it is answered; each returns whether to go on: otherwise there is no answer. `lock` is held
    during each call.
    """

    def __init__(self, tracker: FakeTracker) -> None:
        self.tracker = tracker
        self.before: Hook = lambda _call, _process: True
        self.after: Hook = lambda _call, _process: True
        self.lock = threading.Lock()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                given = self.rfile.read(int(self.headers["content-length"]))
                answer = stand_in._answer(json.loads(given))
                if answer is None:
                    self.close_connection = True
                    return
                status, body = answer
                try:
                    self.send_response(status)
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the process that called was killed

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name of the library)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def __enter__(self) -> "TrackerStandIn":
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, given: dict[str, Any]) -> tuple[int, bytes] | None:
        call, arguments, process = given["call"], given["arguments"], given["process"]
        try:
            if not self.before(call, process):
                return None
            with self.lock:
                found = self._call(call, arguments)
        except IssueMissing as missing:
            return 404, str(missing).encode()
        except TrackerBusy as busy:
            return 429, str(busy.wait).encode()
        return (200, msgspec.json.encode(found)) if self.after(call, process) else None

    def _call(self, call: str, arguments: list[Any]) -> object:
        match call:
            case "create":
                return self.tracker.create(arguments[0], msgspec.convert(arguments[1], IssueContent))
            case "update":
                content = msgspec.convert(arguments[2], IssueContent)
                return self.tracker.update(arguments[0], arguments[1], content)
            case "changed":
                return list(self.tracker.changed(datetime.fromisoformat(arguments[0])))
            case _:
                return getattr(self.tracker, call)(*arguments)


class RemoteTracker(Tracker):
    """Client of the stand-in."""

    kind = TrackerKind.REDMINE

    def __init__(self, port: int, *, search_delay: float) -> None:
        self.search_delay = search_delay
        self._port = port

    def project(self) -> Project:
        return self._call("project", Project)

    def find(self, mark: str) -> Sequence[Issue]:
        return self._call("find", list[Issue], mark)

    def create(self, mark: str, content: IssueContent) -> Issue:
        return self._call("create", Issue, mark, content)

    def read(self, key: str) -> Issue:
        return self._call("read", Issue, key)

    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        return self._call("update", Issue, key, mark, content)

    def close_duplicate(self, key: str, original: str) -> None:
        self._call("close_duplicate", None, key, original)

    def changed(self, since: datetime) -> Iterator[Issue]:
        yield from self._call("changed", list[Issue], since)

    def accounts(self, text: str) -> Sequence[Account]:
        return self._call("accounts", list[Account], text)

    def key_of(self, typed: str) -> str | None:
        return typed if typed.startswith("#") else None

    def _call(self, call: str, shape: Any, *arguments: object) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        try:
            given = {"call": call, "arguments": arguments, "process": os.getpid()}
            connection.request("POST", "/", msgspec.json.encode(given))
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException) as fault:
            raise TrackerUnreachable(f"no answer ({type(fault).__name__})") from None
        finally:
            connection.close()
        match answer.status:
            case 404:
                raise IssueMissing(body.decode())
            case 429:
                raise TrackerBusy("slow down", wait=float(body))
            case _:
                return msgspec.json.decode(body, type=shape)
