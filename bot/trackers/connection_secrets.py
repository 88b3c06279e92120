"""Secrets of a connection to a tracker, encrypted as one text that names its owner."""

import secrets
from datetime import datetime
from typing import Final

import msgspec

from bot.settings import Secret
from bot.token_cipher import TokenCipher

MARK_KEY_BYTES: Final = 32

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


def new_secrets(token: Secret, login: str = "") -> ConnectionSecrets:
    """Return the secrets of a new connection."""
    return ConnectionSecrets(
        token=token,
        login=login,
        webhook_secret=Secret(secrets.token_hex(MARK_KEY_BYTES)),
        mark_key=Secret(secrets.token_hex(MARK_KEY_BYTES)),
    )


def encrypt_secrets(
    cipher: TokenCipher, held: ConnectionSecrets, *, tenant: str, owner: str, now: datetime
) -> bytes:
    """Return secrets encrypted with the newest key, for a tracker or a request of a workspace."""
    stored = _Stored(
        token=held.token.reveal(),
        login=held.login,
        webhook_secret=held.webhook_secret.reveal(),
        mark_key=held.mark_key.reveal(),
    )
    text = msgspec.json.encode(stored).decode()
    return cipher.encrypt(text, use="tracker", owner=f"{tenant}/{owner}", now=now)


def decrypt_secrets(
    cipher: TokenCipher, encrypted: bytes, *, tenant: str, owner: str, key: str
) -> ConnectionSecrets:
    """Return secrets that were encrypted with the key of an ID; raises TokenUnreadable."""
    text = cipher.decrypt(encrypted, use="tracker", owner=f"{tenant}/{owner}", key=key, mend=_MEND)
    stored = msgspec.json.decode(text, type=_Stored)
    return ConnectionSecrets(
        token=Secret(stored.token),
        login=stored.login,
        webhook_secret=Secret(stored.webhook_secret),
        mark_key=Secret(stored.mark_key),
    )


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets as they are encrypted; they have no other representation in text."""

    token: str
    login: str
    webhook_secret: str
    mark_key: str

    def __repr__(self) -> str:
        return "_Stored(…)"
