"""Verification of webhooks: whether a request comes from a tracker, and is not stale."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from bot.settings import Secret

STALE: Final = timedelta(minutes=1)
"""How old a webhook of Linear may be, which is the limit that Linear recommends."""


class WebhookRefused(Exception):
    """Error: a webhook is not authentic, is stale, or is repeated; the text says why, for the log."""


class WebhookScheme(msgspec.Struct, frozen=True, kw_only=True):
    """How a tracker proves that a webhook is its own.

    `signature` is the header with the HMAC of the body behind a prefix, and `plain` the one with the secret
    itself. With `in_path`, the address ends with the secret, in requests that are not signed. A webhook with
    a `moment` tells in its body when it was sent.
    """

    signature: str = ""
    prefix: str = "sha256="
    plain: str = ""
    in_path: bool = False
    moment: bool = False


def check_webhook(
    scheme: WebhookScheme,
    *,
    secret: Secret,
    path_secret: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> str:
    """Return the ID of an authentic webhook, by which a repeated one is recognized; raises WebhookRefused.

    The ID is empty if nothing is signed: anyone with the secret can make any number of such webhooks.
    `secret` is the one that was entered in the tracker. `path_secret` is what the address of the request ends
    with: the same secret, for trackers that sign nothing; empty for others. The names of `headers` are in
    lower case, and `body` is the raw content of the request.
    """
    if not secret:
        raise WebhookRefused("The connection has no secret for webhooks.")
    if scheme.plain:
        return _check_text(secret, headers.get(scheme.plain, ""))
    if scheme.in_path and scheme.signature not in headers:
        return _check_text(secret, path_secret)
    given = headers.get(scheme.signature, "")
    digest = given[len(scheme.prefix) :] if given.startswith(scheme.prefix) else ""
    webhook = _check_signature(secret, digest, body)
    if scheme.moment:
        _check_moment(body, now)
    return webhook


class _Sent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    webhook_timestamp: int


def _check_signature(secret: Secret, given: str, body: bytes) -> str:
    if not given:
        raise WebhookRefused("The webhook has no signature.")
    expected = hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), given.lower().encode(errors="replace")):
        raise WebhookRefused("The signature of the webhook is wrong.")
    return expected


def _check_text(secret: Secret, given: str) -> str:
    """Compare digests, so that the time tells neither the content nor the length of the secret."""
    texts = (secret.reveal(), given)
    expected, actual = (hashlib.sha256(text.encode(errors="replace")).digest() for text in texts)
    if not hmac.compare_digest(expected, actual):
        raise WebhookRefused("The secret of the webhook is wrong.")
    return ""


def _check_moment(body: bytes, now: datetime) -> None:
    try:
        sent = datetime.fromtimestamp(msgspec.json.decode(body, type=_Sent).webhook_timestamp / 1_000, UTC)
    except (msgspec.DecodeError, ValueError, OverflowError, OSError):
        raise WebhookRefused("The webhook has no time.") from None
    if abs(now - sent) > STALE:
        raise WebhookRefused("The webhook is stale.")
