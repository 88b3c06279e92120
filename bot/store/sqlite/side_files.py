"""Second names of SQLite's log and index, which restore both if they are deleted in use.

SQLite continues to write into a deleted log: other processes do not see its content, and it is lost when the
last process that has it open ends. While a second name exists, the file can get its first name back, and
nothing is lost. The names start with a dot, so that `rm threatmodel.db-*` spares them.
"""

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path

from bot.store.durable_files import settle

Identity = tuple[int, int]


class SideFiles:
    """Log and index of one database, watched while this process has it open."""

    def __init__(self, database: Path) -> None:
        self._database = database.resolve()  # SQLite stores them beside the file itself, not beside a link
        self.log, self._kept_log = self._named("-wal", "wal")
        self.index, self._kept_index = self._named("-shm", "shm")
        self._known: dict[Path, Identity] = {}
        self._alive: int | None = None
        self._opened_log: int | None = None
        self._flushing = threading.Lock()
        self._putting_back = threading.Lock()
        self.lost = False
        """Whether one of them is gone and cannot be restored."""

    def recover(self) -> None:
        """Restore the name of a deleted log, before the file is opened.

        If no process has the file open and the database was changed after the log, for instance replaced by a
        copy, the second name is outdated and is deleted.
        """
        kept = identity(self._kept_log)
        if kept is None:
            return
        named = identity(self.log) == kept
        if named and identity(self.index) == identity(self._kept_index):
            return
        if self._is_in_use():
            self._put_back(self.log, self._kept_log)
            self._put_back(self.index, self._kept_index)
        elif not named and identity(self.log) is None and self._is_newer_than_the_database():
            self._put_back(self.log, self._kept_log)
        elif not named:
            self._forget()

    def link(self) -> None:
        """Give both files their second names, and mark them as used by this process; called after opening."""
        for name, kept in ((self.log, self._kept_log), (self.index, self._kept_index)):
            found = identity(name)
            if found is None:
                continue
            self._known[name] = found
            with suppress(OSError):  # a file system without second names: see `exist`
                if identity(kept) != found:
                    kept.unlink(missing_ok=True)
                    os.link(name, kept)
        if self._opened_log is None and self.has_log():
            with suppress(OSError):
                self._opened_log = os.open(self.log, os.O_RDONLY | os.O_CLOEXEC)
        if self._alive is None:
            with suppress(OSError):
                self._alive = os.open(self._kept_log, os.O_RDONLY | os.O_CLOEXEC)
                fcntl.flock(self._alive, fcntl.LOCK_SH)

    def exist(self) -> bool:
        """Return whether both have their names, restored if necessary; False if that is impossible."""
        for name, known in self._known.items():
            if identity(name) != known:
                break
        else:
            return True
        with self._putting_back:
            _tell(self._database)
            back = self._put_back(self.log, self._kept_log) and self._put_back(self.index, self._kept_index)
            self.lost = not back
            return back

    def has_log(self) -> bool:
        """Return whether the log is known; without one, the database is not in WAL mode."""
        return self.log in self._known

    def flush(self) -> None:
        """Write the log to disk; raises OSError if that fails."""
        with self._flushing:
            if self._opened_log is not None:
                os.fdatasync(self._opened_log)
                return
        # Released already, or without WAL mode: then SQLite itself waits for the disk, and there is no log.
        with suppress(FileNotFoundError):
            settle(self.log)

    def are_only_deleted(self) -> bool:
        """Return whether no other files have taken their names."""
        return all(identity(name) in (None, known) for name, known in self._known.items())

    def release(self) -> None:
        """Remove the second names if the first ones are gone; called after closing."""
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
        with self._flushing:
            if self._opened_log is not None:
                os.close(self._opened_log)
                self._opened_log = None
        known, self._known = self._known.get(self.log), {}
        closed = known and identity(self.log) is None and identity(self._kept_log) == known
        if closed and not self._is_in_use():
            self._forget()

    def _named(self, suffix: str, kept: str) -> tuple[Path, Path]:
        name = self._database.name
        return self._database.with_name(name + suffix), self._database.with_name(f".{name}.{kept}")

    def _put_back(self, name: Path, kept: Path) -> bool:
        known = self._known.get(name) or identity(kept)
        if known is None or identity(name) == known:
            return True
        if identity(kept) != known:
            return False
        # By way of a third name, which replaces the destination in one step.
        third = kept.with_name(f"{kept.name}.{os.getpid()}")
        try:
            third.unlink(missing_ok=True)
            os.link(kept, third)
            third.rename(name)
            settle(name.parent)
        except OSError:
            return False
        return identity(name) == known

    def _is_in_use(self) -> bool:
        """Return whether a process uses the second name of the log."""
        try:
            opened = os.open(self._kept_log, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(opened)
        return False

    def _is_newer_than_the_database(self) -> bool:
        # The log's last write is compared with the last change of the database: a copy that was put in its
        # place is newer, even if it keeps the time of its content.
        try:
            return self._kept_log.stat().st_mtime_ns > self._database.stat().st_ctime_ns
        except OSError:
            return False

    def _forget(self) -> None:
        for kept in (self._kept_log, self._kept_index):
            with suppress(OSError):
                kept.unlink(missing_ok=True)


def identity(path: Path) -> Identity | None:
    """Return the identity of the file at a path; None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  (half the time of Path.stat, at every change)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _tell(database: Path) -> None:
    import structlog  # imported here: rarely needed, and slower to load than `--help` may be

    structlog.get_logger().warning(
        "the write-ahead log of the database was deleted while in use", database=str(database)
    )
