"""HTTP sites: Slack's signed requests on one port, health and metrics for operators on another."""

import time
from collections.abc import Callable
from http import HTTPStatus

import msgspec
from slack_bolt import App
from slack_bolt.request import BoltRequest

from bot.delivery.request_waits import RequestWaits
from bot.metrics import Metrics
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.protocol.app_ids import EVENTS_PATH
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
from bot.slack.transport.request_signatures import RequestResults, SlackSignatures, is_certificate_check
from bot.slack.transport.tracker_webhooks import TrackerWebhooks

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
        if TrackerWebhooks.is_webhook(head.path) and self.tracker_webhooks is not None:
            return self.tracker_webhooks.max_body_bytes(head)
        signed = self._signed
        if head.path != EVENTS_PATH or signed is None:
            return 0
        if head.method != "POST":
            raise RequestRefused(HTTPStatus.METHOD_NOT_ALLOWED, "This URL accepts POST requests only.")
        return signed.max_body_bytes(head)

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
