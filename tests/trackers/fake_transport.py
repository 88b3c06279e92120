"""A transport without a network: answers by a function, and remembers what was asked."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
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


START = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)


class FakeService:
    """The issues of one project in a tracker without a server; a change takes a minute."""

    moment = "updated_at"
    """The field that says when an issue was changed last."""
    author = "author"
    plain: ClassVar[Mapping[str, Any]]
    """The fields of a new issue."""

    def __init__(self) -> None:
        self.issues: dict[Any, dict[str, Any]] = {}
        self.comments: list[Any] = []
        self.now = START

    def change(self, key: Any, /, **fields: object) -> None:
        """What a person does in the browser."""
        self.now += timedelta(minutes=1)
        self.issues[key] |= {**fields, self.moment: self.now}

    def open(self, title: str, *, by: Any = None, **fields: object) -> Any:
        """Create an issue as a person."""
        self.now += timedelta(minutes=1)
        number = len(self.issues) + 1
        new = {**deepcopy({**self.plain}), "title": title, self.moment: self.now, **fields}
        self.issues[number] = new if by is None else {**new, self.author: by}
        return number


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
