"""Slack's requests over HTTP: what it did not sign just now is neither read nor logged."""

from typing import Any, Final
from wsgiref.types import WSGIEnvironment

from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest
from slack_bolt.request import BoltRequest
from slack_sdk.signature import SignatureVerifier

LARGEST_BODY: Final = 2_000_000
"""Bytes; Slack's largest payloads, a modal of a hundred full fields, stay far below."""

SLOWEST_SECONDS: Final = 3.0
"""How long the next piece of a body may take: Slack itself waits no longer for the whole answer."""


class NotTaken(Exception):
    """A request that is not answered; `status` says why as HTTP does, the message in a sentence."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def read_request(environ: WSGIEnvironment, verifier: SignatureVerifier) -> BoltRequest:
    """The request, once it is known to be Slack's; raises NotTaken."""
    raw = WsgiHttpRequest(environ)
    headers = raw.get_headers()
    body = _body(environ)
    try:
        fresh = verifier.is_valid_request(body, _signature(environ))
    except (ValueError, TypeError):  # a timestamp that is no number, a signature that is no ASCII
        fresh = False
    if not fresh:
        raise NotTaken("401 Unauthorized", "Slack did not sign this just now.")
    try:
        return BoltRequest(body=body.decode(), query=raw.query_string, headers=headers)
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ):  # in parsing it
        raise NotTaken("400 Bad Request", "This is not what Slack sends.") from None


def _signature(environ: WSGIEnvironment) -> dict[str, str]:
    """The two headers that a signature is made of."""
    named = {
        "x-slack-request-timestamp": environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP"),
        "x-slack-signature": environ.get("HTTP_X_SLACK_SIGNATURE"),
    }
    return {name: value for name, value in named.items() if value is not None}


def _body(environ: WSGIEnvironment) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        raise NotTaken("400 Bad Request", "The length is no number.")
    if int(length[:10]) > LARGEST_BODY:
        raise NotTaken("413 Content Too Large", "This is too large.")
    connection: Any = environ.get("gunicorn.socket")
    if connection is None:
        return environ["wsgi.input"].read(int(length))
    connection.settimeout(SLOWEST_SECONDS)
    try:
        return environ["wsgi.input"].read(int(length))
    except OSError:
        raise NotTaken("408 Request Timeout", "This came too slowly.") from None
    finally:
        connection.settimeout(None)
