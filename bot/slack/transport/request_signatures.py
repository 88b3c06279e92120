"""Signatures of Slack's HTTP requests: an unsigned request is neither read nor logged."""

import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from http import HTTPStatus
from typing import Final

from slack_bolt.request import BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.metrics import RequestResult
from bot.slack.transport.http_messages import HttpRequest, RequestHead, RequestRefused
from bot.slack.transport.request_bodies import decode_body
from bot.slack.transport.request_results import RequestResults

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
