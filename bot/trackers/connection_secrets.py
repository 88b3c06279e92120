"""Secrets of a connection to a tracker, encrypted as one text that names its owner."""

import hashlib
import hmac
from datetime import datetime
from secrets import token_hex
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from bot.settings import Secret
from bot.store import UnitOfWork
from bot.store.repositories.tracker_connections import TrackerConnection
from bot.token_cipher import TokenCipher, TokenUnreadable

MARK_KEY_BYTES: Final = 32

log = structlog.get_logger()

_MEND: Final = "replace it with `/threatmodel tracker`"


class ConnectionSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """Secrets of a connection.

    `login` is the email address that Jira Cloud wants beside the token. `webhook_secret` signs webhooks of
    the tracker, and `mark_key` is the key of the marks in issues: both outlive a replaced token.
    """

    token: Secret
    login: str = ""
    webhook_secret: Secret
    mark_key: Secret


def new_secrets(token: Secret, login: str = "", webhook_secret: str = "") -> ConnectionSecrets:
    """Return the secrets of a new connection, with a secret for webhooks unless the tracker has made one."""
    return ConnectionSecrets(
        token=token,
        login=login,
        webhook_secret=Secret(webhook_secret or token_hex(MARK_KEY_BYTES)),
        mark_key=Secret(token_hex(MARK_KEY_BYTES)),
    )


def with_new_webhook_secret(held: ConnectionSecrets, key: str) -> ConnectionSecrets:
    """Return secrets with another one for webhooks, which is the same one if a request is repeated."""
    mark_key = held.mark_key.reveal().encode()
    made = hmac.new(mark_key, f"webhook secret/{key}".encode(), hashlib.sha256).hexdigest()
    return replace(held, webhook_secret=Secret(made))


def encrypt_secrets(
    cipher: TokenCipher, held: ConnectionSecrets, *, tenant: str, owner: str, now: datetime
) -> bytes:
    """Return secrets encrypted with the newest key, for a tracker or a request of a workspace."""
    text = msgspec.json.encode(held, enc_hook=Secret.reveal).decode()
    return cipher.encrypt(text, use="tracker", owner=f"{tenant}/{owner}", now=now)


def decrypt_secrets(
    cipher: TokenCipher, encrypted: bytes, *, tenant: str, owner: str, key: str
) -> ConnectionSecrets:
    """Return secrets that were encrypted with the key of an ID; raises TokenUnreadable."""
    text = cipher.decrypt(encrypted, use="tracker", owner=f"{tenant}/{owner}", key=key, mend=_MEND)
    return msgspec.json.decode(text, type=ConnectionSecrets, dec_hook=lambda _, secret: Secret(secret))


def secrets_of(cipher: TokenCipher, held: TrackerConnection, *, tenant: str) -> ConnectionSecrets:
    """Return the secrets of a connection; raises TokenUnreadable."""
    return decrypt_secrets(cipher, held.secrets, tenant=tenant, owner=held.tracker, key=held.key_id)


def encrypt_connections_again(unit: UnitOfWork, cipher: TokenCipher, *, now: datetime) -> None:
    """Encrypt the secrets of all trackers of a workspace with the newest key; raises StoreUnavailable."""
    for held in unit.tracker_connections.all():
        if held.key_id == cipher.newest:
            continue
        try:
            known = secrets_of(cipher, held, tenant=unit.tenant)
        except TokenUnreadable as fault:
            log.warning("the token of a tracker cannot be read", tracker=held.tracker, fault=str(fault))
            continue
        secrets = encrypt_secrets(cipher, known, tenant=unit.tenant, owner=held.tracker, now=now)
        unit.tracker_connections.encrypt_again(held, secrets=secrets, key_id=cipher.newest)
