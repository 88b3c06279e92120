"""Backup of a database file."""

import os
import sqlite3
from pathlib import Path

from bot.store.sqlite.connections import Connections


def backup(database: Connections, path: Path) -> None:
    """Write a consistent copy to one file, readable by its owner only, while work continues."""
    with database.translated_faults():
        source = database.open()
    # Exclusive: never overwrite the database itself or an earlier copy.
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
