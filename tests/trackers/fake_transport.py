"""A transport without a network: answers by a function, and remembers what was asked."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.settings import Secret
from bot.trackers.tracker_http import TrackerAnswer, TrackerRequest

TOKEN = "tok-0123456789-secret"


class Asked:
    """A request as a test reads it."""

    def __init__(self, request: TrackerRequest) -> None:
        parts = urlsplit(request.url)
        self.url = request.url
        self.method = request.method
        self.path = parts.path
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.content: Any = json.loads(request.body) if request.body else None
        self.headers = {
            name.lower(): one.reveal() if isinstance(one, Secret) else one
            for name, one in request.headers.items()
        }

    @property
    def line(self) -> str:
        """The method and the path."""
        return f"{self.method} {self.path}"


class FakeTransport:
    """Answers each request by the function `answer`; `asked` are all requests."""

    def __init__(self, answer: Callable[[Asked], TrackerAnswer]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []

    def send(self, request: TrackerRequest) -> TrackerAnswer:
        self.asked.append(Asked(request))
        return self.answer(self.asked[-1])


def answer(content: object = None, *, status: int = 200, headers: Mapping[str, str] = {}) -> TrackerAnswer:
    """An answer in JSON, or of bytes as they are."""
    body = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
    return TrackerAnswer(status=status, headers=headers, body=body)


def answers(*given: TrackerAnswer | Exception) -> FakeTransport:
    """A transport that gives these answers, one after the other."""
    left = list(given)

    def next_one(_: Asked) -> TrackerAnswer:
        first = left.pop(0)
        if isinstance(first, Exception):
            raise first
        return first

    return FakeTransport(next_one)
