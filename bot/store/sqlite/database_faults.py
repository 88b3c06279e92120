"""Error messages for a database file that cannot be used: which file, why, and how to repair it."""

import sqlite3
from pathlib import Path

from bot.store.errors import StoreUnavailable

_RIGHTS = "Give this user write permission for the file and its directory"

_REPAIRS = {
    sqlite3.SQLITE_BUSY: "is locked by another process. Stop that process (a backup tool, a shell)",
    sqlite3.SQLITE_LOCKED: "is locked by another process. Stop that process (a backup tool, a shell)",
    sqlite3.SQLITE_FULL: "cannot grow because the disk is full. Free some space",
    sqlite3.SQLITE_IOERR: "cannot be read or written (disk full, over quota or failing). Free some "
    "space or check the disk",
    sqlite3.SQLITE_READONLY: f"is read-only. {_RIGHTS}",
    sqlite3.SQLITE_PERM: f"is not accessible. {_RIGHTS}",
    sqlite3.SQLITE_AUTH: f"is not accessible. {_RIGHTS}",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database. Choose another file or restore a backup",
    sqlite3.SQLITE_CORRUPT: "is damaged. Stop the bot and restore a backup",
}


def is_database_fault(error: BaseException | None) -> bool:
    """Return whether an error is a fault of the file, not a programming error."""
    mistakes = (sqlite3.IntegrityError, sqlite3.ProgrammingError)
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, mistakes)


def unavailable_error(path: Path, error: BaseException | None) -> StoreUnavailable:
    """Return the error for a file that cannot be used, in one line."""
    code = error_code(error)
    if code == sqlite3.SQLITE_CANTOPEN:
        repair = _cannot_open(path)
    else:
        repair = _REPAIRS.get(code, f"returned an error ({error})")
    return StoreUnavailable(f"DATABASE_URL: {path} {repair}")


def busy_error(path: Path) -> StoreUnavailable:
    """Return the error for a file that is locked for too long."""
    return StoreUnavailable(f"DATABASE_URL: {path} {_REPAIRS[sqlite3.SQLITE_BUSY]}")


def failing_disk_error(path: Path) -> StoreUnavailable:
    """Return the error for a file whose last change may not be on disk."""
    return StoreUnavailable(f"DATABASE_URL: {path} {_REPAIRS[sqlite3.SQLITE_IOERR]}")


def replaced_file_error(path: Path) -> StoreUnavailable:
    """Return the error for a file that is no longer the one that was opened."""
    what = "was replaced" if path.exists() else "was deleted"
    return StoreUnavailable(
        f"DATABASE_URL: {path} {what} while it was in use. Restore the original file, then restart"
    )


def missing_log_error(log: Path, *, saved: bool) -> StoreUnavailable:
    """Return the error for a file whose log was deleted or replaced and cannot be restored."""
    what = "was replaced" if log.exists() else "was deleted"
    kept = "earlier answers are in the database" if saved else "the latest answers may be in the lost file"
    repair = "Restart" if saved else "Restore the original file, or restart"
    return StoreUnavailable(f"DATABASE_URL: {log} {what} while it was in use; {kept}. {repair}")


def error_code(error: BaseException | None) -> int:
    """Return SQLite's primary error code, without the extended code in the higher bytes."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF


def _cannot_open(path: Path) -> str:
    if not path.parent.exists():
        return f"cannot be opened because the directory {path.parent} does not exist. Create it"
    if path.is_dir():
        return "is a directory. Choose a file in it"
    return f"cannot be opened. {_RIGHTS}"
