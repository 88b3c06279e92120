"""Encryption of tokens, with keys that can be replaced while the bot is running.

Each encrypted token names its owner, such as an installation, so a row that was copied to another workspace
is refused. Times in the tokens of `Fernet` are those of the caller.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from bot.settings import Secret

TokenUse = Literal["bot", "refresh", "state", "tracker"]
"""Purposes of encrypted texts: one is never accepted for another."""

REINSTALL: Final = "install the app there again at /slack/install"


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
        self._keys = {key_id(key): Fernet(key.reveal()) for key in keys}
        self.newest: Final = next(iter(self._keys))
        """ID of the key that encrypts."""

    @property
    def key_ids(self) -> tuple[str, ...]:
        """IDs of the configured keys; the first one encrypts."""
        return tuple(self._keys)

    def encrypt(self, text: str, *, use: TokenUse, owner: str, now: datetime) -> bytes:
        """Return a text encrypted with the newest key; `owner` is the name of the installation."""
        sealed = msgspec.json.encode(_Sealed(use=use, owner=owner, text=text))
        return self._keys[self.newest].encrypt_at_time(sealed, int(now.timestamp()))

    def decrypt(self, encrypted: bytes, *, use: TokenUse, owner: str, key: str, mend: str = REINSTALL) -> str:
        """Return a text that was encrypted with the key of an ID.

        Raises TokenUnreadable, whose message says how to `mend` it.
        """
        from cryptography.fernet import InvalidToken

        fernet = self._keys.get(key)
        if fernet is None:
            raise TokenUnreadable(
                f"THREATMODEL_TOKEN_KEYS lacks the key {key}, with which the token of {owner} is encrypted. "
                f"Add that key at the end, or {mend}."
            )
        try:
            sealed = msgspec.json.decode(fernet.decrypt(encrypted), type=_Sealed)
        except (InvalidToken, msgspec.DecodeError):
            raise TokenUnreadable(
                f"The token that is stored for {owner} is damaged. To replace it, {mend}."
            ) from None
        if (sealed.use, sealed.owner) != (use, owner):
            raise TokenUnreadable(
                f"The token that is stored for {owner} was encrypted for another owner, or another purpose. "
                f"To replace it, {mend}."
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
