"""HTTP sites: Slack's verified requests on one port, health and metrics for operators on another."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from http import HTTPStatus
from typing import Final, cast
from urllib.parse import parse_qsl

import msgspec
from slack_bolt import App
from slack_bolt.request import BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.delivery.request_waits import RequestWaits
from bot.metrics import Metrics, RequestResult
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.protocol.app_ids import EVENTS_PATH
from bot.slack.protocol.requests import Json
from bot.slack.transport.http_messages import (
    HttpRequest,
    HttpResponse,
    RequestHead,
    RequestRefused,
    plain_response,
)
from bot.slack.transport.install_pages import PATHS as INSTALL_PATHS
from bot.slack.transport.install_pages import InstallPages
from bot.slack.transport.link_pages import LinkPages
from bot.slack.transport.tracker_webhooks import TrackerWebhooks

_JSON = "application/json"
_PAYLOAD = "payload"


def decode_body(body: bytes, content_type: str) -> Json:
    """Return the payload of a body; raises ValueError, or RecursionError if it is nested too deeply."""
    if content_type.partition(";")[0] == _JSON or body.startswith(b"{"):
        return _read_object(body)
    fields = decode_form(body)
    payload = fields.get(_PAYLOAD)
    if payload is not None:
        return _read_object(payload)
    return {name: value.decode(errors="replace") for name, value in fields.items()}


def decode_form(body: bytes) -> dict[str, bytes]:
    """Decode form fields; of repeated names the last counts."""
    # As characters of one byte each: given bytes, the function of Python 3.11 refuses all but ASCII.
    fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    return {
        name.encode("latin-1").decode(errors="replace"): value.encode("latin-1") for name, value in fields
    }


def _read_object(text: bytes) -> Json:
    try:
        read = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Such as half characters, which JSON can name; they are replaced where the payload is read.
        read = json.loads(text.decode(errors="replace"))
    if not isinstance(read, dict):
        raise ValueError("no JSON object")
    return cast("Json", read)


ONLY_REFUSED_SECONDS: Final = 120.0
"""Time with refusals alone after which they are named."""

_CAUSES: Final[dict[RequestResult, str]] = {
    "signature": "SLACK_SIGNING_SECRET is not the app's. Copy it from the app's page *Basic Information*",
    "clock": "the clock of this machine is {offset}. Turn on time synchronization",
    "unknown": "the app is not installed in their workspace. Install it there again, or check DATABASE_URL",
}
"""Causes of refusals that concern all requests, each with its fix; what anyone can send says nothing."""


class RequestResults:
    """Counts of accepted and refused requests of this process, and since when all of them are refused."""

    def __init__(
        self, count: Callable[[RequestResult], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._since: float | None = None
        self._last = 0.0
        self._cause = ""
        self._verified = False

    def record(self, result: RequestResult, *, ahead_seconds: int = 0) -> None:
        """Count a request; after a refusal for the clock, this machine's is so many seconds ahead."""
        self._count(result)
        cause = _CAUSES.get(result)
        with self._lock:
            # A signature is verified before its workspace is looked up.
            self._verified = self._verified or result in ("accepted", "unknown")
            if result == "accepted":
                self._since = None
            elif cause is not None:
                self._last = self._clock()
                self._since = self._last if self._since is None else self._since
                self._cause = cause.format(offset=describe_offset(ahead_seconds))

    @property
    def problem(self) -> str:
        """The line for operators while requests have only been refused for two minutes; empty otherwise."""
        with self._lock:
            now = self._clock()
            if self._since is None or now - self._since < ONLY_REFUSED_SECONDS:
                return ""
            minutes, ago = (now - self._since) / 60, now - self._last
            return f"{ONLY_REFUSED} for {minutes:.0f} minutes, the last {ago:.0f} s ago: {self._cause}"

    @property
    def unheard(self) -> str:
        """The same line while refusals go on and none was ever verified; empty otherwise.

        A replica that Slack has reached stays ready: anyone can send requests that are refused.
        """
        with self._lock:
            recent = self._clock() - self._last <= ONLY_REFUSED_SECONDS
            hidden = self._verified or not recent
        return "" if hidden else self.problem


ONLY_REFUSED: Final = "requests of Slack: all refused"
"""Beginning of the line by which `doctor` recognizes it."""


def describe_offset(ahead_seconds: int) -> str:
    """Return how far this machine's clock is from the time of a signature."""
    return f"{abs(ahead_seconds)} s {'ahead of' if ahead_seconds > 0 else 'behind'} Slack's"


LARGEST_BODY: Final = 2_000_000
"""Maximum body size in bytes; Slack's largest payloads, modals of a hundred full fields, are far smaller."""

LARGEST_UNSIGNED: Final = 4_096
"""Maximum size in bytes of an unsigned request; Slack sends only one kind, its certificate check."""

OLDEST_SECONDS: Final = 300
"""Maximum age of a signature, as in Slack's SDK."""

_TIMESTAMP: Final = "x-slack-request-timestamp"
_SIGNATURE: Final = "x-slack-signature"
_SIGNATURE_LENGTH: Final = len("v0=") + 64


class SlackSignatures:
    """Verification of Slack's signatures; `results` counts the refusals."""

    def __init__(self, secret: str, results: RequestResults, *, now: Callable[[], float] = time.time) -> None:
        self._verifier = SignatureVerifier(secret)
        self._results = results
        self._now = now

    def max_body_bytes(self, head: RequestHead) -> int:
        """Return the maximum body size by the headers; raises RequestRefused if the body must not be read.

        A body with an old signature is read like one with a wrong signature: only a valid one tells whether
        the clock of this machine is wrong.
        """
        length = head.headers.get("content-length", "0")  # digits alone
        if _is_unsigned(head.headers):
            if len(length) > len(str(LARGEST_UNSIGNED)):
                raise self._refusal("unsigned")
            return LARGEST_UNSIGNED
        timestamp, signature = head.headers.get(_TIMESTAMP, ""), head.headers.get(_SIGNATURE, "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12):
            raise self._refusal("unsigned")
        if len(signature) != _SIGNATURE_LENGTH:
            raise self._refusal("unsigned")
        return LARGEST_BODY

    def verified(self, request: HttpRequest) -> BoltRequest:
        """Verify the signature and return the request for Bolt; raises RequestRefused.

        Bolt gets the decoded payload, as over Socket Mode, and no headers, because they are not signed.
        """
        headers = request.head.headers
        if _is_unsigned(headers):
            raise self._refusal("unsigned")
        if not self._is_signed(request.body, headers):
            raise self._refusal("signature")
        ahead = int(self._now()) - int(headers[_TIMESTAMP])
        if abs(ahead) > OLDEST_SECONDS:
            raise self._refusal("clock", ahead_seconds=ahead)
        try:
            payload = decode_body(request.body, headers.get("content-type", ""))
            return BoltRequest(mode="socket_mode", body=payload)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            self._results.record("body")
            raise RequestRefused(HTTPStatus.BAD_REQUEST, "Not a valid Slack request.") from None

    def _is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether the signature is valid, however old it is."""
        try:
            expected = self._verifier.generate_signature(timestamp=headers[_TIMESTAMP], body=body)
            return expected is not None and compare_digest(expected, headers[_SIGNATURE])
        except (ValueError, TypeError, KeyError):  # a body that is no text, a signature that is no ASCII
            return False

    def _refusal(self, result: RequestResult, **details: int) -> RequestRefused:
        self._results.record(result, **details)
        return RequestRefused(
            HTTPStatus.UNAUTHORIZED,
            "The Slack signature is invalid or too old.",
            logged=_LOGGED[result],
            **details,
        )


def is_certificate_check(request: HttpRequest) -> bool:
    """Return whether this is Slack's unsigned certificate check."""
    return _is_unsigned(request.head.headers) and b"ssl_check=1" in request.body.split(b"&")


_LOGGED: Final[dict[RequestResult, str]] = {
    "unsigned": "The request has no Slack signature.",
    "signature": "The Slack signature is wrong: check SLACK_SIGNING_SECRET, unless Slack did not send it.",
    "clock": "The Slack signature is valid, but old or early: check the clock of this machine.",
}


def _is_unsigned(headers: Mapping[str, str]) -> bool:
    return _TIMESTAMP not in headers and _SIGNATURE not in headers


ELSEWHERE = "Metrics are served on METRICS_PORT."


class PublicSite(msgspec.Struct, eq=False):
    """Public site: `/slack/events`, unless there is no app, `/healthz`, installation, links, and webhooks.

    Slack's signature is verified before a request reaches a thread.
    """

    app: App | None
    deferred_work: DeferredWork
    signing_secret: str
    request_results: RequestResults = msgspec.field(default_factory=lambda: RequestResults(lambda _: None))
    install_pages: InstallPages | None = None
    link_pages: LinkPages | None = None
    tracker_webhooks: TrackerWebhooks | None = None
    request_waits: RequestWaits | None = None
    _heard: float = msgspec.field(default_factory=time.monotonic)

    @property
    def _signed(self) -> SlackSignatures | None:
        return SlackSignatures(self.signing_secret, self.request_results) if self.app else None

    @property
    def quiet_seconds(self) -> float:
        """Seconds since Slack's last signed request."""
        return time.monotonic() - self._heard

    def max_body_bytes(self, head: RequestHead) -> int:
        """Return the largest body to read; raises RequestRefused."""
        if head.path == EVENTS_PATH and (signed := self._signed):
            if head.method != "POST":
                raise RequestRefused(HTTPStatus.METHOD_NOT_ALLOWED, "This URL accepts POST requests only.")
            return signed.max_body_bytes(head)
        if TrackerWebhooks.is_webhook(head.path) and self.tracker_webhooks is not None:
            return self.tracker_webhooks.max_body_bytes(head)
        return 0

    def admit(self, request: HttpRequest) -> HttpResponse | Callable[[], HttpResponse]:
        """Return the response, or a function that makes it; raises RequestRefused."""
        match request.head.path:
            case "/healthz":
                return plain_response("alive")
            case "/readyz" | "/metrics":
                return plain_response(ELSEWHERE, HTTPStatus.NOT_FOUND)
            case path if path == EVENTS_PATH and (app := self.app) and (signed := self._signed):
                if is_certificate_check(request):
                    return HttpResponse()
                verified = signed.verified(request)
                heard = self._heard = time.monotonic()
                return lambda: self._answer(app, verified, heard)
            case path if path in INSTALL_PATHS and self.install_pages is not None:
                return self.install_pages.admit(request)
            case path if LinkPages.is_link(path) and self.link_pages is not None:
                return self.link_pages.admit(request)
            case path if TrackerWebhooks.is_webhook(path) and self.tracker_webhooks is not None:
                return self.tracker_webhooks.admit(request)
            case _:  # any other path
                return plain_response("not found", HTTPStatus.NOT_FOUND)

    def _answer(self, app: App, request: BoltRequest, heard: float) -> HttpResponse:
        if self.request_waits is not None:
            self.request_waits.note(time.monotonic() - heard)
        try:
            answer = app.dispatch(request)
        except Exception:
            self.deferred_work.start()  # data stored before the failure stays
            raise
        return HttpResponse(
            status=answer.status,
            headers=answer.first_headers_without_set_cookie(),
            body=answer.body.encode(),
            keep_alive=True,
            sent=self.deferred_work.take(),
        )


class OperatorSite(msgspec.Struct, frozen=True, eq=False):
    """Operator site: `/healthz`, `/readyz` and `/metrics`.

    `readiness_problem` returns a sentence while the bot cannot work, else an empty string; `status_line`
    returns further details for people.
    """

    metrics: Metrics
    readiness_problem: Callable[[], str]
    status_line: Callable[[], str] = lambda: ""

    def max_body_bytes(self, head: RequestHead) -> int:
        """Return zero: this site accepts no bodies."""
        del head
        return 0

    def admit(self, request: HttpRequest) -> HttpResponse | Callable[[], HttpResponse]:
        """Return the response, or a function that makes it by reading the database."""
        match request.head.path:
            case "/healthz":
                return plain_response("alive")
            case "/readyz":
                return self._readiness
            case "/metrics":
                return self._numbers
            case _:  # any other path
                return plain_response("not found", HTTPStatus.NOT_FOUND)

    def _readiness(self) -> HttpResponse:
        why = self.readiness_problem()
        lines = (why or "ready", self.status_line())
        status = HTTPStatus.SERVICE_UNAVAILABLE if why else HTTPStatus.OK
        return plain_response("\n".join(line for line in lines if line), status)

    def _numbers(self) -> HttpResponse:
        headers = {"content-type": "text/plain; version=0.0.4; charset=utf-8"}
        return HttpResponse(headers=headers, body=self.metrics.text())
