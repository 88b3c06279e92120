"""A fresh database file without the work of making one: a copy of the one that this process made before."""

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from unittest.mock import patch

from bot.store import SqliteStore, Store, StoreUnavailable, open_store
from bot.store.sqlite.work import SqliteWork
from tests import scratch

NAME = "threatmodel.db"

_opened: list[SqliteStore] = []


def leave_empty(_: SqliteStore) -> None:
    """Fill a store with nothing."""


def fresh_store(fill: Callable[[SqliteStore], None] = leave_empty) -> SqliteStore:
    """Return the store of a fresh file, which is closed and deleted after the test.

    A store is filled once in this process, and its file copied for each test.
    """
    directory = _new_directory()
    copy_files(_made(fill), directory / NAME)
    _opened.append(open_store(f"sqlite:///{directory / NAME}"))
    return _opened[-1]


def fresh_queue(machine: Callable[[], float] = time.time) -> SqliteWork:
    """Return the work queue of a fresh file under a clock of the test."""
    return SqliteWork(fresh_store().database, machine=machine)


def close_fresh_stores() -> None:
    """Close the fresh stores of a test, and delete their files."""
    while _opened:
        store = _opened.pop()
        store.close()
        # A thread that a test leaves waiting may still write while the folder is deleted.
        shutil.rmtree(store.database.path.parent, ignore_errors=True)


def unavailable(store: Store, part: str = "writing") -> AbstractContextManager[object]:
    """Return a block in which a part of the database fails: `writing` or `current`, with which it is read."""
    assert isinstance(store, SqliteStore)
    return patch.object(store.database, part, side_effect=StoreUnavailable("the database fails"))


def content(store: SqliteStore) -> bytes:
    """Return every byte that a fresh store has written."""
    files = sorted(store.database.path.parent.iterdir())
    return b"".join(file.read_bytes() for file in files if not file.name.endswith("-shm"))


def copy_fresh_file(path: Path) -> None:
    """Put a fresh database there, unless there is one."""
    if path.exists():
        return
    copy_files(_made(), path)


def copy_files(made: Path, path: Path) -> None:
    """Copy the database `NAME` of a directory, with all files beside it, to a path with another name."""
    for one in made.iterdir():
        shutil.copy2(one, path.with_name(one.name.replace(NAME, path.name)))


@cache
def _made(fill: Callable[[SqliteStore], None] = leave_empty) -> Path:
    directory = _new_directory()
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    store = open_store(f"sqlite:///{directory / NAME}")
    fill(store)
    store.close()
    return directory


def _new_directory() -> Path:
    return Path(tempfile.mkdtemp(prefix="threatmodel-fresh-", dir=os.environ.get(scratch.VARIABLE)))
