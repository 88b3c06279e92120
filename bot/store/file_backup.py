"""Backup of a database file."""

import os
import sqlite3
from pathlib import Path

from bot.store.connections import Connections


def backup(database: Connections, path: Path) -> None:
    """Write a consistent copy in one file, readable by its owner only, while work goes on."""
    with database.translated_faults():
        source = database.open()
    # Exclusive: neither the database itself nor an earlier copy is ever overwritten.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with Connections(path).translated_faults():
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
