"""Calls to a workspace in the same process that are answered without HTTP, which takes most of their time.

Only for what a test prepares with: the calls that it is about go over HTTP.
"""

import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from starlette.requests import Request

from bot.sandbox.api import Json, Sandbox
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.protocol.web_api_client import SlackApi


@contextmanager
def called_directly(sandbox: Sandbox, lookup: DirectoryLookup) -> Generator[None]:
    """Let look-ups call the workspace directly, unless calls are to fail or to take longer."""
    faults = sandbox.faults
    if any((faults.latency, faults._troubles, faults._held, faults._shares)):  # pyright: ignore[reportPrivateUsage]  nothing else tells whether there are any
        yield
    else:
        with patch.object(lookup, "api", DirectCalls(sandbox, lookup.api)):
            yield


class DirectCalls:
    """The Web API of a workspace as the client of a bot calls it."""

    def __init__(self, sandbox: Sandbox, over_http: SlackApi) -> None:
        self._web_api: Any = sandbox._api  # pyright: ignore[reportPrivateUsage]  it has no other door than HTTP
        self._over_http = over_http

    def call(self, method: str, **arguments: object) -> Json:
        """Call a method; one that is refused is called again over HTTP, for the errors of the client."""
        began = time.perf_counter()
        self._over_http._before(method)  # pyright: ignore[reportPrivateUsage]  it may refuse the call
        sent = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in arguments.items()
            if value is not None
        }
        headers = [
            (b"authorization", f"Bearer {self._over_http.token}".encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
        ]
        request = Request(
            {"type": "http", "method": "POST", "query_string": b"", "path": "", "headers": headers}
        )
        with self._web_api._answering:
            call = self._web_api._carried_out(method, request, urlencode(sent).encode())
            if call.answer["ok"]:
                self._web_api._note(began, call)
        return call.answer if call.answer["ok"] else self._over_http.call(method, **arguments)
