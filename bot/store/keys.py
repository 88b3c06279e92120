"""Key for the digests of requests, from a setting or from a place of the database."""

import hashlib
import hmac
from typing import Final, Protocol

from bot.store.errors import StoreUnavailable

SETTING: Final = "THREATMODEL_KEY"

_EXPORTS: Final = b"threatmodel-bot/exported-history/1"
_VERIFICATIONS: Final = b"threatmodel-bot/verification/1"
"""Labels of the keys that seal exported histories, and results of `verify`."""

_ID_BYTES: Final = 8
_DIGEST_BYTES: Final = 32


class KeptKey(Protocol):
    """Place beside a database in which its key is stored if the setting names none."""

    def find(self) -> str:
        """Return the key, empty if there is none; raises StoreUnavailable if it cannot be used."""
        ...

    def create(self) -> str:
        """Return the key, created if there is none; raises StoreUnavailable."""
        ...

    def description(self) -> str:
        """Return the place in words for the operator."""
        ...


class RequestKey:
    """Keyed digests of requests, so that none can be found by trying all values.

    A ballot has 10^5 forms: its plain digest would reveal which one it is. The key is read or created when it
    is first needed; reading models needs none. Raises StoreUnavailable if it is unavailable.
    """

    __slots__ = ("_begun", "_given", "_kept", "_secret")

    def __init__(self, kept: KeptKey, given: str = "") -> None:
        self._kept = kept
        self._given = given
        self._secret: bytes | None = None
        self._begun: tuple[bytes, hashlib.blake2b] | None = None
        """The key's ID, and the keyed start of a digest, which takes most of its time."""

    def digest(self, request: bytes) -> bytes:
        """Return the stored form of a request: the ID of the key, and the keyed digest."""
        if self._begun is None:
            begun = hashlib.blake2b(key=self._key(), person=b"request", digest_size=_DIGEST_BYTES)
            self._begun = self._id(), begun
        identity, begun = self._begun
        digest = begun.copy()
        digest.update(request)
        return identity + digest.digest()

    def export_seal(self, tenant: str, content: bytes) -> str:
        """Return the seal of a workspace's exported history; empty without a key, and creates none."""
        return self._seal(_EXPORTS, f"{tenant}\n".encode() + content)

    def verification_seal(self, content: bytes) -> str:
        """Return the seal of a result of `verify`; empty without a key, which this never creates."""
        return self._seal(_VERIFICATIONS, content)

    def _seal(self, purpose: bytes, content: bytes) -> str:
        """Seal with a key of its own, derived as in RFC 5869 (HKDF-Expand) for this purpose alone."""
        if not self.exists():
            return ""
        derived = hmac.digest(self._key(), purpose + b"\x01", "sha256")
        return hmac.digest(derived, content, "sha256").hex()

    def exists(self) -> bool:
        """Return whether there is a usable key; creates none."""
        try:
            return self._secret is not None or bool(self._given or self._kept.find())
        except StoreUnavailable:
            return False

    def location(self) -> str:
        """Return the location of the key in words for the operator; creates no key."""
        if self._given:
            return f"set as {SETTING}"
        place = self._kept.description()
        return f"in {place}" if self._kept.find() else f"not there yet; its place is {place}"

    def _id(self) -> bytes:
        return hashlib.blake2b(b"", key=self._key(), person=b"id", digest_size=_ID_BYTES).digest()

    def _key(self) -> bytes:
        if self._secret is None:
            kept = self._given or self._kept.create()
            self._secret = hashlib.blake2b(kept.encode(), digest_size=32).digest()
        return self._secret


def differs(kept: bytes, asked: bytes) -> bool:
    """Return whether two digests are of different requests.

    Digests under two keys cannot be compared. They count as equal: a repeated command then gets its first
    result, so that nothing is executed twice or overwritten.
    """
    return kept[:_ID_BYTES] == asked[:_ID_BYTES] and kept != asked
