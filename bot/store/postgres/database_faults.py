"""Error messages for a PostgreSQL server that cannot be used: which setting, why, and how to repair it."""

import re

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout

from bot.store.errors import StoreUnavailable

_REPAIRS: tuple[tuple[type[psycopg.Error], str], ...] = (
    (errors.LockNotAvailable, "is busy with another change of this workspace. Try again"),
    (errors.DeadlockDetected, "is busy with another change of this workspace. Try again"),
    (errors.QueryCanceled, "did not answer in time. Check its load"),
    (errors.DiskFull, "cannot grow because its disk is full. Free some space on the server"),
    (errors.ReadOnlySqlTransaction, "is read-only (a standby?). Name the primary server in DATABASE_URL"),
    (
        errors.InsufficientPrivilege,
        "refused a statement for lack of privileges. Make this role the owner of the tables",
    ),
    (errors.InvalidPassword, "does not accept the password. Correct it in DATABASE_URL"),
    (errors.InvalidAuthorizationSpecification, "does not accept the role. Correct it in DATABASE_URL"),
    (errors.InvalidCatalogName, "has no database of that name. Create it, or correct DATABASE_URL"),
    (errors.TooManyConnections, "has no free connection. Raise max_connections, or run fewer replicas"),
    (errors.AdminShutdown, "was shut down. Start it again"),
    (errors.CrashShutdown, "was shut down. Start it again"),
    (errors.CannotConnectNow, "is starting or stopping. Wait, or start it again"),
)
_PASSWORD = re.compile(r"(?<=:)[^:@/]*(?=@)|(?<=password=)[^&\s]*")


def is_database_fault(error: BaseException | None) -> bool:
    """Return whether an error is a fault of the server or the connection, not a programming error."""
    if isinstance(error, PoolTimeout | PoolClosed):
        return True
    mistakes = (psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.DataError)
    known = tuple(kind for kind, _ in _REPAIRS)
    return isinstance(error, known) or (isinstance(error, psycopg.Error) and not isinstance(error, mistakes))


def unavailable_error(place: str, error: BaseException | None) -> StoreUnavailable:
    """Return the error for a server that cannot be used, in one line without its password."""
    for kind, repair in _REPAIRS:
        if isinstance(error, kind):
            return StoreUnavailable(f"DATABASE_URL: {place} {repair}")
    if isinstance(error, PoolTimeout):
        return StoreUnavailable(
            f"DATABASE_URL: {place} cannot be reached, or all connections to it are in use. "
            "Check that the server runs and can be reached from here"
        )
    said = " ".join(_PASSWORD.sub("…", str(error)).split()) or type(error).__name__
    return StoreUnavailable(
        f"DATABASE_URL: {place} cannot be used ({said}). Check the server and the network"
    )
