"""Key for the digests of requests, from a setting or from a file beside the database."""

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Final

from bot.store.errors import StoreUnavailable
from bot.store.sqlite.connections import Connections
from bot.store.sqlite.side_files import settle

SETTING: Final = "THREATMODEL_KEY"

_ID_BYTES: Final = 8
_DIGEST_BYTES: Final = 32
_EDITED: Final = re.compile(r"(.*:edited:)([0-9a-f]{64})", re.DOTALL)
"""A command key that ends with the digest of a request."""


class RequestKey:
    """Keyed digests of requests, so that none can be found by trying all values.

    A ballot has 10^5 forms: its plain digest would reveal which one it is. The key is read or created when it
    is first needed; reading models needs none. Raises StoreUnavailable if it is unavailable.
    """

    __slots__ = ("_begun", "_database", "_given", "_secret")

    def __init__(self, database: Connections, given: str = "") -> None:
        self._database = database
        self._given = given
        self._secret: bytes | None = None
        self._begun: tuple[bytes, hashlib.blake2b] | None = None
        """The key's ID, and the keyed start of a digest, which takes most of its time."""

    @property
    def file(self) -> Path:
        """The key file that is used if the setting names no key."""
        return key_file(self._database.path)

    def digest(self, request: bytes) -> bytes:
        """Return the stored form of a request: the ID of the key, and the keyed digest."""
        if self._begun is None:
            begun = hashlib.blake2b(key=self._key(), person=b"request", digest_size=_DIGEST_BYTES)
            self._begun = self._id(), begun
        identity, begun = self._begun
        digest = begun.copy()
        digest.update(request)
        return identity + digest.digest()

    def sealed(self, purpose: bytes, content: bytes) -> bytes:
        """Return a digest under the key; `purpose` has at most 16 bytes."""
        key = self._key()
        return hashlib.blake2b(content, key=key, person=purpose, digest_size=_DIGEST_BYTES).digest()

    def exists(self) -> bool:
        """Return whether there is a usable key; creates none."""
        try:
            return self._secret is not None or bool(self._given or _read(self.file))
        except StoreUnavailable:
            return False

    def location(self) -> str:
        """Return the location of the key in words for the operator; creates no key."""
        if self._given:
            return f"set as {SETTING}"
        return f"in {self.file}" if _read(self.file) else f"not needed yet; {self.file} will be created"

    def renamed(self, key: str) -> str:
        """Return a command key of an earlier version with its plain digest replaced by a keyed one."""
        found = _EDITED.fullmatch(key)
        return key if found is None else found[1] + self.digest(bytes.fromhex(found[2])).hex()

    def _id(self) -> bytes:
        return hashlib.blake2b(b"", key=self._key(), person=b"id", digest_size=_ID_BYTES).digest()

    def _key(self) -> bytes:
        if self._secret is None:
            self._secret = hashlib.blake2b((self._given or self._kept()).encode(), digest_size=32).digest()
        return self._secret

    def _kept(self) -> str:
        if kept := _read(self.file):
            return kept
        # Only the process that holds the file's write lock creates a key.
        with self._database.writing():
            return _read(self.file) or _make(self.file)


def key_file(database: Path) -> Path:
    """Return the file of a database's key if the setting names none."""
    resolved = database.resolve()
    return resolved.with_name(f"{resolved.name}.key")


def differs(kept: bytes, asked: bytes) -> bool:
    """Return whether two digests are of different requests.

    Digests under two keys cannot be compared. They count as equal: a repeated command then gets its first
    result, so that nothing is executed twice or overwritten.
    """
    return kept[:_ID_BYTES] == asked[:_ID_BYTES] and kept != asked


def _read(file: Path) -> str:
    """Return the key in a file, empty if there is none."""
    try:
        with file.open("rb") as content:
            mode, key = os.fstat(content.fileno()).st_mode, content.read(256)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise StoreUnavailable(
            f"{SETTING}: {file} cannot be read ({error.strerror}). Make this user its owner, or set {SETTING}"
        ) from None
    if mode & 0o077:
        raise StoreUnavailable(
            f"{SETTING}: {file} is open to other users (mode {mode & 0o777:04o}); "
            f"run `chmod 600 {file}`, or set {SETTING}"
        )
    key = key.decode(errors="replace").strip()
    if not _KEY.fullmatch(key):
        raise StoreUnavailable(
            f"{SETTING}: {file} does not contain a key. Restore the file, or delete it to create a new key"
        )
    return key


def _make(file: Path) -> str:
    key = secrets.token_hex(32)
    made = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        made.unlink(missing_ok=True)  # of a process that was killed here
        opened = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(opened, "w") as content:
            content.write(f"{key}\n")
            content.flush()
            os.fsync(opened)
        made.rename(file)
        settle(file.parent)
    except OSError as error:
        raise StoreUnavailable(
            f"{SETTING}: {file} cannot be created ({error.strerror}). "
            f"Give this user write permission for the directory, or set {SETTING}"
        ) from None
    return key


_KEY = re.compile("[0-9a-f]{64}")
