"""Payloads as signed HTTP requests to the bot's request URL."""

import hashlib
import hmac
import http.client
import json
import time
from typing import cast
from urllib.parse import urlencode, urlsplit

from bot.sandbox.payload_delivery.delivery_record import DeliveryFailed, OutgoingPayload
from bot.sandbox.slack_json import Json

NO_RETRY = "X-Slack-No-Retry"
"""The header by which a bot declines retries of an event."""


class HttpTransport:
    """HTTP transport: posts each payload and reads the acknowledgment from the response."""

    def __init__(self, *, signing_secret: str) -> None:
        self.bot_url: str | None = None
        self.signing_secret = signing_secret
        """Signs every request; with a different secret, the bot rejects the workspace's requests."""

    def send(self, outgoing: OutgoingPayload, seconds: float) -> Json | None:
        """Post a payload and return the JSON of the response, if any; raises DeliveryFailed."""
        if self.bot_url is None:
            raise DeliveryFailed("no_request_url")
        body, content_type = _encoded(outgoing)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0", **self.signed(body)}
        if outgoing.retry_num:
            headers |= {
                "X-Slack-Retry-Num": str(outgoing.retry_num),
                "X-Slack-Retry-Reason": outgoing.retry_reason,
            }
        address = urlsplit(self.bot_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
        try:
            connection.request("POST", address.path or "/", body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        except TimeoutError as late:
            raise DeliveryFailed("http_timeout") from late
        except (OSError, http.client.HTTPException) as unreachable:
            raise DeliveryFailed("connection_failed") from unreachable
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise DeliveryFailed("http_error", again=answer.headers.get(NO_RETRY) != "1")
        return _read(content, answer.headers.get("Content-Type", ""))

    def check_certificate(self, seconds: float) -> bool:
        """Send an unsigned request as Slack does to check the certificate; return whether it was accepted."""
        address = urlsplit(self.bot_url or "")
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Slackbot 1.0"}
        body = urlencode({"token": "sandbox-verification-token", "ssl_check": "1"})
        try:
            connection.request("POST", address.path or "/", body=body, headers=headers)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def signed(self, body: bytes) -> dict[str, str]:
        """Return the headers that sign a body with the current time."""
        # By the machine's clock, which the bot uses, too: a moved clock must not invalidate signatures.
        timestamp = str(int(time.time()))
        base = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _encoded(outgoing: OutgoingPayload) -> tuple[bytes, str]:
    if outgoing.kind == "events_api":
        return json.dumps(outgoing.payload).encode(), "application/json"
    fields = (
        outgoing.payload if outgoing.kind == "slash_commands" else {"payload": json.dumps(outgoing.payload)}
    )
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _read(content: bytes, content_type: str) -> Json | None:
    if not content.strip():
        return None
    if content_type.startswith("application/json"):
        try:
            read: object = json.loads(content)
        except ValueError:
            return None
        return cast("Json", read) if isinstance(read, dict) else None
    return {"text": content.decode()}
