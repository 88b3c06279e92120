"""Calls to a tracker's HTTP interface: JSON in and out, faults by their kind, no token in any text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote, urlencode, urljoin

import msgspec

from bot.settings import Secret
from bot.trackers.tracker import (
    IssueMissing,
    TrackerBusy,
    TrackerFault,
    TrackerRefused,
    TrackerUnreachable,
)
from bot.trackers.tracker_addresses import origin_of
from bot.trackers.tracker_transport import TrackerAnswer, TrackerRequest, Transport
from bot.version import version

Shape = TypeVar("Shape")
Query = Mapping[str, str | int]

_NO_QUERY: Final[Query] = {}

USUAL_WAIT: Final = 60.0
"""Seconds to wait if a busy tracker does not say how long."""
LONGEST_WAIT: Final = 3_600.0

_REDIRECTS: Final = 3
_TEXT: Final = 300
_KEPT_METHOD: Final = (307, 308)
_MOVED: Final = (301, 302, 303, *_KEPT_METHOD)
_WHY: Final = ("message", "error_description", "error", "errors", "errorMessages")
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of decoding JSON; the last one means that it is nested too deeply."""
_INVISIBLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\s]+")


class TrackerHttp:
    """The HTTP interface of one tracker, called by one account.

    `base` is the address of the interface without a final slash. `secrets` are the headers that carry the
    token, and `token` is the token itself, which is removed from what the tracker says.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        product: str,
        base: str,
        token: Secret,
        secrets: Mapping[str, Secret],
        headers: Mapping[str, str] = {},
    ) -> None:
        self._transport = transport
        self._product = product
        self._base = base.rstrip("/")
        self._token = token
        self._headers: dict[str, str | Secret] = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"threatmodel-bot/{version()}",
            **headers,
            **secrets,
        }

    def __repr__(self) -> str:
        return f"TrackerHttp({self._product}, {self._base})"

    def get(self, path: str, shape: type[Shape], *, query: Query = _NO_QUERY, issue: str = "") -> Shape:
        """Return what a path shows; `issue` is the key of the issue that it is about; raises TrackerFault."""
        return self.decode(self.call("GET", path, query=query, issue=issue), shape)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query = _NO_QUERY,
        content: object = None,
        issue: str = "",
        expected: Sequence[int] = (),
    ) -> TrackerAnswer:
        """Return the answer to JSON: a successful one, or one with an expected status.

        Raises IssueMissing if the tracker does not find the issue that the path is about, TrackerBusy,
        TrackerRefused with the status, and TrackerUnreachable: then the call may have succeeded.
        """
        answer = self._followed(method, self._address(path, query), content)
        if 200 <= answer.status < 300 or answer.status in expected:
            return answer
        raise self._fault(answer, issue)

    def decode(self, answer: TrackerAnswer, shape: type[Shape]) -> Shape:
        """Return the JSON of an answer; raises TrackerUnreachable for any other content."""
        try:
            return msgspec.json.decode(answer.body, type=shape)
        except msgspec.ValidationError as fault:
            why = self.cleaned(str(fault))
            raise TrackerUnreachable(f"The answer of {self._product} cannot be read: {why}.") from None
        except _UNREADABLE:
            # A page of a proxy or of a sign-in has the status 200, too.
            raise TrackerUnreachable(f"The answer of {self._product} cannot be read.") from None

    def busy(self, answer: TrackerAnswer, why: str = "") -> TrackerBusy:
        """Return the fault of a rate limit, with the wait that the answer asks for."""
        said = f"{self._product} limits the rate of calls. {why}".strip()
        return TrackerBusy(said, wait=wait_of(answer.headers))

    def refused(self, said: str, *, status: int = 0, unauthorized: bool = False) -> TrackerRefused:
        """Return the fault of a refusal, with the tracker's own words."""
        words = f": {self.cleaned(said)}" if said else "."
        return TrackerRefused(
            f"{self._product} refused the call{words}", status=status, unauthorized=unauthorized
        )

    def cleaned(self, said: str) -> str:
        """Return a text of the tracker on one line, short and without the token."""
        for secret in (self._token, *(one for one in self._headers.values() if isinstance(one, Secret))):
            if secret:
                said = said.replace(secret.reveal(), "…")
        line = _INVISIBLE.sub(" ", said).strip()
        return line if len(line) <= _TEXT else f"{line[: _TEXT - 1]}…"

    def _address(self, path: str, query: Query) -> str:
        return f"{self._base}{path}{'?' if query else ''}{urlencode(query)}"

    def _followed(self, method: str, url: str, content: object) -> TrackerAnswer:
        """Return the answer, after redirects within the tracker, as of a renamed project."""
        body = b"" if content is None else msgspec.json.encode(content)
        headers = {**self._headers, "Content-Type": "application/json"} if body else self._headers
        for _ in range(_REDIRECTS):
            answer = self._transport.send(TrackerRequest(method=method, url=url, headers=headers, body=body))
            if answer.status not in _MOVED:
                return answer
            if method != "GET" and answer.status not in _KEPT_METHOD:
                break
            target = urljoin(url, answer.headers.get("location", ""))
            try:
                same = origin_of(target) == origin_of(self._base)
            except ValueError:
                same = False
            if not same:
                break
            url = target
        raise TrackerRefused(
            f"{self._product} redirects to another address. Connect the tracker by its current address."
        )

    def _fault(self, answer: TrackerAnswer, issue: str) -> TrackerFault:
        status, why = answer.status, explanation(answer)
        if _limits_rate(answer, why):
            return self.busy(answer)
        if status in (404, 410) and issue:
            return IssueMissing(f"{self._product} has no issue {issue}, or the account cannot read it.")
        if status in (408, 425) or status >= 500:
            return TrackerUnreachable(f"{self._product} failed: HTTP {status}.")
        said = f"HTTP {status} {why}".strip()
        return self.refused(said, status=status, unauthorized=status == 401)


def path_part(text: str) -> str:
    """Return a text as one part of a path; raises TrackerRefused for one that leads elsewhere."""
    if text.strip(".") == "":
        raise TrackerRefused("The project is invalid.")
    return quote(text, safe="")


def explanation(answer: TrackerAnswer) -> str:
    """Return why a call failed, in the tracker's words; empty without any."""
    try:
        said: object = msgspec.json.decode(answer.body)
    except _UNREADABLE:
        return ""
    return "; ".join(dict.fromkeys(_sentences(said, depth=3)))


def wait_of(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait that the headers of an answer ask for.

    Moments are compared with the clock of the tracker, not with the one of this machine.
    """
    wait = _seconds(headers, "retry-after")
    for name in ("x-ratelimit-reset", "ratelimit-reset", "x-ratelimit-requests-reset"):
        wait = _seconds(headers, name) if wait is None else wait
    return USUAL_WAIT if wait is None else min(max(wait, 1.0), LONGEST_WAIT)


def _limits_rate(answer: TrackerAnswer, why: str) -> bool:
    headers = answer.headers
    match answer.status:
        case 429:
            return True
        case 403:
            said = "rate limit" in why.lower()
            return said or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
        case 503:
            return "retry-after" in headers
        case _:
            return False


def _seconds(headers: Mapping[str, str], name: str) -> float | None:
    """The seconds of a header: a number of seconds, a moment in Unix time or its milliseconds, or a date."""
    value = headers.get(name, "").strip()
    if value.isascii() and value.isdecimal() and len(value) < 16:
        number = float(value)
        if number < _UNIX_TIME:
            return number
        number = number / 1_000 if number >= _UNIX_TIME * 1_000 else number
        now = _moment(headers.get("date", ""))
        return None if now is None else number - now
    moment, now = _moment(value), _moment(headers.get("date", ""))
    return None if moment is None or now is None else moment - now


_UNIX_TIME: Final = 1_000_000_000
"""Numbers from here on are moments."""


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _sentences(said: Any, *, depth: int) -> Iterable[str]:
    match said:
        case str():
            yield said
        case list() if depth:
            for one in cast("list[Any]", said)[:10]:
                yield from _sentences(one, depth=depth - 1)
        case dict() if depth:
            named = cast("dict[str, Any]", said)
            known = {name: named[name] for name in _WHY if name in named}
            fields = known or named if depth < 3 else known
            for name, one in list(fields.items())[:10]:
                for sentence in _sentences(one, depth=depth - 1):
                    yield sentence if name in _WHY else f"{name}: {sentence}"
        case _:
            pass
