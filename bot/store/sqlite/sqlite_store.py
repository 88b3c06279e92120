"""Store in a SQLite file."""

import os
import sqlite3
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path

from bot.store.copying import CopyEnd
from bot.store.database_store import HealthFinding, Store
from bot.store.errors import StoreUnavailable
from bot.store.kept_heads import KeptHeads, heads_file
from bot.store.keys import RequestKey
from bot.store.sqlite.connections import Connections
from bot.store.sqlite.copy_ends import reading_end, writing_end
from bot.store.sqlite.file_health import backup_mark, file_health
from bot.store.sqlite.work import SqliteWork
from bot.store.timestamps import format_timestamp, utc_now

_BEAT = "INSERT OR REPLACE INTO write_checks (only, at, filler) VALUES (1, ?, zeroblob(?))"
_BEAT_BYTES = 16_384
"""More than a page can hold, like a long answer."""


class SqliteStore(Store):
    """Store in one file; `database` is its connections, for this package only."""

    def __init__(self, database: Connections, key: RequestKey, heads: Path | None = None) -> None:
        self.database = database
        super().__init__(database, SqliteWork(database), key, KeptHeads(heads or heads_file(database.path)))

    @property
    def location(self) -> str:
        return str(self.database.path)

    def migrate(self) -> None:
        # Imported here: sqlite-utils takes longer to load than `--help` may take.
        from bot.store.sqlite.migrate import migrate

        migrate(self.database)

    def check_writable(self) -> None:
        with self.database.writing() as connection:
            connection.execute(_BEAT, (format_timestamp(utc_now()), _BEAT_BYTES))

    def health(self, now: datetime) -> list[HealthFinding]:
        return list(file_health(self.database.path, now))

    def watch(self) -> None:
        with suppress(StoreUnavailable):  # a change reports other faults than a log deleted while idle
            self.database.check_file()

    def backup(self, path: Path) -> None:
        with self.database.translated_faults():
            source = self.database.open()
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
        with suppress(OSError):  # the copy is there; only `doctor` would not know it
            backup_mark(self.database.path).touch(0o600)

    def copy_source(self) -> AbstractContextManager[CopyEnd]:
        return reading_end(self.database)

    def copy_target(self) -> AbstractContextManager[CopyEnd]:
        return writing_end(self.database)

    def close(self) -> None:
        self.database.close()
