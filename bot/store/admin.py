"""What an administrator does to the record: erasing words, copying the file."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from bot.store.connections import Connections
from bot.store.records import StreamId

_ERASE = "UPDATE events SET salt = NULL, data = NULL WHERE stream = ? AND version = ? AND data IS NOT NULL"
# A key names who pressed what, and the digest of a request would let its words be guessed.
_FORGET_KEY = "DELETE FROM commands WHERE stream = ? AND first <= ? AND version >= ?"
_FORGET_SNAPSHOT = "DELETE FROM snapshots WHERE stream = ?"
_COUNT = "UPDATE streams SET erasures = erasures + 1 WHERE stream = ?"
_FORGET_NAME = """
    UPDATE streams SET name = NULL, channel = NULL, phase = NULL, next_due = NULL, look_at = NULL
    WHERE stream = ?
"""


def erase(database: Connections, stream: StreamId, versions: Sequence[int]) -> int:
    """Forget what some events said; returns how many of them had not been forgotten before."""
    with database.writing() as connection:
        erased = sum(connection.execute(_ERASE, (stream, version)).rowcount for version in versions)
        connection.executemany(_FORGET_KEY, [(stream, version, version) for version in versions])
        connection.execute(_FORGET_SNAPSHOT, (stream,))
        connection.execute(_COUNT, (stream,))
    _empty_the_log(database)
    return erased


def erase_stream(database: Connections, stream: StreamId) -> int:
    """Forget what every event of a stream said; the list of models shows nothing of it any more."""
    with database.writing() as connection:
        row = connection.execute("SELECT version FROM streams WHERE stream = ?", (stream,)).fetchone()
        erased = erase(database, stream, range(1, row[0] + 1)) if row else 0
        connection.execute(_FORGET_NAME, (stream,))
    _empty_the_log(database)
    return erased


def backup(database: Connections, path: Path) -> None:
    """Write a consistent copy in one file, readable by its owner only, while work goes on."""
    with database.explained():
        source = database.open()
    # Exclusive: neither the database itself nor an earlier copy is ever overwritten.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with Connections(path).explained():
            target = sqlite3.connect(path, isolation_level=None)
            try:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
            finally:
                target.close()
    except BaseException:
        path.unlink()
        raise
    finally:
        source.close()


def _empty_the_log(database: Connections) -> None:
    # The write-ahead log still holds the words until it is emptied.
    connection = database.here()
    if not connection.in_transaction:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
