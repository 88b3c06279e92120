"""Signatures of Slack's HTTP requests: an unsigned request is neither read nor logged."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from slack_bolt.request import BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.slack.transport.http_messages import HttpRequest, RequestHead, RequestRefused
from bot.slack.transport.request_bodies import decode_body

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
    """Verification of Slack's signatures."""

    def __init__(self, secret: str, *, now: Callable[[], float] = time.time) -> None:
        self._verifier = SignatureVerifier(secret)
        self._now = now

    def max_body_bytes(self, head: RequestHead) -> int:
        """Return the maximum body size by the headers; raises RequestRefused if the body must not be read."""
        if _TIMESTAMP not in head.headers and _SIGNATURE not in head.headers:
            if len(head.headers.get("content-length", "")) > len(str(LARGEST_UNSIGNED)):
                raise unsigned_refusal()
            return LARGEST_UNSIGNED
        timestamp, signature = head.headers.get(_TIMESTAMP, ""), head.headers.get(_SIGNATURE, "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12):
            raise unsigned_refusal()
        if abs(self._now() - int(timestamp)) > OLDEST_SECONDS or len(signature) != _SIGNATURE_LENGTH:
            raise unsigned_refusal()
        return LARGEST_BODY

    def verified(self, request: HttpRequest) -> BoltRequest:
        """Verify the signature and return the request for Bolt; raises RequestRefused.

        Bolt gets the decoded payload, as over Socket Mode, and no headers, because they are not signed.
        """
        headers = request.head.headers
        try:
            fresh = self._verifier.is_valid_request(request.body, _signature(headers))
        except (ValueError, TypeError):  # a body that is no text, a signature that is no ASCII
            fresh = False
        if not fresh:
            raise unsigned_refusal()
        try:
            payload = decode_body(request.body, headers.get("content-type", ""))
            return BoltRequest(mode="socket_mode", body=payload)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            raise RequestRefused(HTTPStatus.BAD_REQUEST, "Not a valid Slack request.") from None


def is_certificate_check(request: HttpRequest) -> bool:
    """Return whether this is Slack's unsigned certificate check."""
    return not _signature(request.head.headers) and b"ssl_check=1" in request.body.split(b"&")


def unsigned_refusal() -> RequestRefused:
    """Return the refusal of a request without a fresh signature of Slack."""
    return RequestRefused(HTTPStatus.UNAUTHORIZED, "The Slack signature is invalid or too old.")


def _signature(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the two headers that a signature is made of."""
    return {name: headers[name] for name in (_TIMESTAMP, _SIGNATURE) if name in headers}
