"""HTTP: Slack's signed requests, and the pages for whoever watches over the bot."""

from collections.abc import Callable, Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler

from bot.manifest import EVENTS_PATH
from bot.slack.afterwards import Afterwards
from bot.slack.metrics import Metrics

LARGEST_BODY = 2_000_000
"""Bytes; Slack's largest payloads, a modal of a hundred full fields, stay far below."""

_TEXT = "text/plain; charset=utf-8"


class Pages:
    """The WSGI application.

    `why_not_ready` says in a sentence why the bot cannot work just now, or nothing.
    """

    def __init__(
        self,
        app: App | None,
        afterwards: Afterwards,
        metrics: Metrics,
        *,
        why_not_ready: Callable[[], str],
    ) -> None:
        self._slack = SlackRequestHandler(app, path=EVENTS_PATH) if app else None
        self._afterwards = afterwards
        self._metrics = metrics
        self._why_not_ready = why_not_ready

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "GET")
        if path == EVENTS_PATH and self._slack is not None:
            if method != "POST":
                return _plain(start_response, "405 Method Not Allowed", "Slack posts here.\n")
            if int(environ.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
                return _plain(start_response, "413 Content Too Large", "too large\n")
            return _Answered(self._slack(environ, start_response), self._afterwards)
        match path:
            case "/healthz":
                return _plain(start_response, "200 OK", "alive\n")
            case "/readyz":
                why = self._why_not_ready()
                status = "503 Service Unavailable" if why else "200 OK"
                return _plain(start_response, status, f"{why or 'ready'}\n")
            case "/metrics":
                start_response("200 OK", [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")])
                return [self._metrics.text()]
            case _:
                return _plain(start_response, "404 Not Found", "nothing here\n")


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
