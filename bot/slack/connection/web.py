"""HTTP: Slack's signed requests, and the pages for whoever watches over the bot."""

import time
from collections.abc import Callable, Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog
from slack_bolt import App
from slack_bolt.adapter.wsgi.http_response import WsgiHttpResponse
from slack_sdk.signature import SignatureVerifier

from bot.manifest import EVENTS_PATH
from bot.slack.connection.signed import NotTaken, read_request
from bot.slack.replying.afterwards import Afterwards
from bot.slack.upkeep.metrics import Metrics

log = structlog.get_logger()

_TEXT = "text/plain; charset=utf-8"


class Pages:
    """The WSGI application; without an `app` nothing is posted to it.

    `why_not_ready` says in a sentence why the bot cannot work just now, or nothing; `how_it_is` a word more
    for people who look.
    """

    def __init__(
        self,
        app: App | None,
        afterwards: Afterwards,
        metrics: Metrics,
        *,
        signing_secret: str,
        why_not_ready: Callable[[], str],
        how_it_is: Callable[[], str] = lambda: "",
    ) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret) if app else None
        self._afterwards = afterwards
        self._metrics = metrics
        self._why_not_ready = why_not_ready
        self._how_it_is = how_it_is
        self._heard = time.monotonic()

    @property
    def quiet_seconds(self) -> float:
        """How long Slack has posted nothing that it signed."""
        return time.monotonic() - self._heard

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "GET")
        if path == EVENTS_PATH and self._app is not None and self._verifier is not None:
            if method != "POST":
                return _plain(start_response, "405 Method Not Allowed", "Slack posts here.\n")
            return self._slack(self._app, self._verifier, environ, start_response)
        match path:
            case "/healthz":
                return _plain(start_response, "200 OK", "alive\n")
            case "/readyz":
                why = self._why_not_ready()
                status = "503 Service Unavailable" if why else "200 OK"
                lines = (why or "ready", self._how_it_is())
                return _plain(start_response, status, "".join(f"{line}\n" for line in lines if line))
            case "/metrics":
                start_response("200 OK", [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")])
                return [self._metrics.text()]
            case _:
                return _plain(start_response, "404 Not Found", "nothing here\n")

    def _slack(
        self, app: App, verifier: SignatureVerifier, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            request = read_request(environ, verifier)
        except NotTaken as refused:
            log.warning("request not taken", status=refused.status, why=str(refused))
            return _plain(start_response, refused.status, f"{refused}\n")
        self._heard = time.monotonic()
        answer = app.dispatch(request)
        response = WsgiHttpResponse(status=answer.status, headers=answer.headers, body=answer.body)
        start_response(response.status, response.get_headers())
        return _Answered(response.get_body(), self._afterwards)


class _Answered:
    """A response after which the rest of the work begins: a server closes it once it has been sent."""

    def __init__(self, body: Iterable[bytes], afterwards: Afterwards) -> None:
        self._body = body
        self._afterwards = afterwards

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """The response has left."""
        self._afterwards.start()


def _plain(start_response: StartResponse, status: str, text: str) -> list[bytes]:
    body = text.encode()
    start_response(status, [("Content-Type", _TEXT), ("Content-Length", str(len(body)))])
    return [body]
