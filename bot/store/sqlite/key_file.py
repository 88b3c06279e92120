"""File with the key of a database, beside it."""

import os
import re
import secrets
from pathlib import Path

from bot.store.durable_files import replace_file
from bot.store.errors import StoreUnavailable
from bot.store.keys import SETTING
from bot.store.sqlite.connections import Connections


class KeyFile:
    """Key of a database in a file, which only the process that holds the database's write lock creates."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    @property
    def path(self) -> Path:
        return key_file(self._database.path)

    def find(self) -> str:
        return _read(self.path)

    def create(self) -> str:
        if kept := _read(self.path):
            return kept
        with self._database.writing():
            return _read(self.path) or _make(self.path)

    def description(self) -> str:
        return str(self.path)


def key_file(database: Path) -> Path:
    """Return the file of a database's key if the setting names none."""
    resolved = database.resolve()
    return resolved.with_name(f"{resolved.name}.key")


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
    try:
        replace_file(file, f"{key}\n")
    except OSError as error:
        raise StoreUnavailable(
            f"{SETTING}: {file} cannot be created ({error.strerror}). "
            f"Give this user write permission for the directory, or set {SETTING}"
        ) from None
    return key


_KEY = re.compile("[0-9a-f]{64}")
