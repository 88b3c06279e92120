"""Encryption of Slack's tokens, with keys that can be replaced while the bot is running.

Each encrypted token names the installation to which it belongs, so a row that was copied to another workspace
is refused. Times in the tokens of `Fernet` are those of the caller.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from bot.settings import Secret
from bot.store.repositories.installations import InstallationRecord

TokenUse = Literal["bot", "refresh", "state"]
"""Purposes of encrypted texts: one is never accepted for another."""


class TokenUnreadable(Exception):
    """Error: an encrypted token cannot be read; the message names the setting and the fix."""


class _Sealed(msgspec.Struct, frozen=True, kw_only=True):
    use: TokenUse
    owner: str
    text: str


class TokenCipher:
    """Encryption and decryption with all configured keys; the first one encrypts."""

    def __init__(self, keys: Sequence[Secret]) -> None:
        # Imported here: the bot of one workspace needs neither the library nor the time to load it.
        from cryptography.fernet import Fernet

        if not keys:
            raise ValueError("there are no keys")
        self._keys = {key_id(one): Fernet(one.reveal()) for one in keys}
        self.newest: Final = next(iter(self._keys))
        """ID of the key that encrypts."""

    @property
    def key_ids(self) -> tuple[str, ...]:
        """IDs of the configured keys, newest first."""
        return tuple(self._keys)

    def encrypt(self, text: str, *, use: TokenUse, owner: str, now: datetime) -> bytes:
        """Return a text encrypted with the newest key; `owner` is the name of the installation."""
        sealed = msgspec.json.encode(_Sealed(use=use, owner=owner, text=text))
        return self._keys[self.newest].encrypt_at_time(sealed, int(now.timestamp()))

    def decrypt(self, encrypted: bytes, *, use: TokenUse, owner: str, key: str) -> str:
        """Return a text that was encrypted with the key of an ID; raises TokenUnreadable."""
        from cryptography.fernet import InvalidToken

        fernet = self._keys.get(key)
        if fernet is None:
            raise TokenUnreadable(
                f"THREATMODEL_TOKEN_KEYS lacks the key {key}, with which the token of {owner} is encrypted. "
                "Add that key at the end, or install the app there again at /slack/install."
            )
        try:
            sealed = msgspec.json.decode(fernet.decrypt(encrypted), type=_Sealed)
        except (InvalidToken, msgspec.DecodeError):
            raise TokenUnreadable(_damaged(owner)) from None
        if (sealed.use, sealed.owner) != (use, owner):
            raise TokenUnreadable(
                f"The token that is stored for {owner} was encrypted for another installation, or another "
                "purpose. Install the app there again at /slack/install."
            )
        return sealed.text

    def decrypt_recent(
        self, encrypted: str, *, use: TokenUse, owner: str, now: datetime, within: timedelta
    ) -> str | None:
        """Return a text that any of the keys encrypted not long ago; None if it is none, or too old."""
        from cryptography.fernet import InvalidToken

        for fernet in self._keys.values():
            try:
                opened = fernet.decrypt_at_time(
                    encrypted, ttl=int(within.total_seconds()), current_time=int(now.timestamp())
                )
                sealed = msgspec.json.decode(opened, type=_Sealed)
            except (InvalidToken, msgspec.DecodeError, ValueError):
                continue
            return sealed.text if (sealed.use, sealed.owner) == (use, owner) else None
        return None


def key_id(key: Secret) -> str:
    """Return the ID of a key, which reveals nothing of it."""
    return hashlib.sha256(key.reveal().encode()).hexdigest()[:8]


def bot_token(cipher: TokenCipher, record: InstallationRecord) -> Secret:
    """Return the bot token of an installation; raises TokenUnreadable."""
    return Secret(cipher.decrypt(record.token, use="bot", owner=record.name, key=record.key_id))


def refresh_token(cipher: TokenCipher, record: InstallationRecord) -> Secret:
    """Return the refresh token of an installation, empty if its token does not expire.

    Raises TokenUnreadable.
    """
    if not record.refresh_token:
        return Secret("")
    text = cipher.decrypt(record.refresh_token, use="refresh", owner=record.name, key=record.key_id)
    return Secret(text)


def with_tokens(
    cipher: TokenCipher, record: InstallationRecord, bot: Secret, refresh: Secret, *, now: datetime
) -> InstallationRecord:
    """Return an installation with these tokens, encrypted with the newest key."""
    token = cipher.encrypt(bot.reveal(), use="bot", owner=record.name, now=now)
    renewing = cipher.encrypt(refresh.reveal(), use="refresh", owner=record.name, now=now) if refresh else b""
    return msgspec.structs.replace(record, token=token, refresh_token=renewing, key_id=cipher.newest)


def _damaged(owner: str) -> str:
    return f"The token that is stored for {owner} is damaged. Install the app there again at /slack/install."
