"""Error messages for a PostgreSQL server that cannot be used: which setting, why, and how to repair it."""

import re

import psycopg
from psycopg import errors

from bot.store.errors import StoreUnavailable

_NO_ROOM = "has no free connection. Raise max_connections, or run fewer replicas"
_STARTING = "is starting or stopping. Wait, or start it again"
_PASSWORD_REFUSED = "does not accept the password. Correct it in DATABASE_URL"  # noqa: S105  (a sentence)
_ROLE_REFUSED = "does not accept the role. Correct it in DATABASE_URL"
_NO_DATABASE = "has no database of that name. Create it, or correct DATABASE_URL"
_LOST = "ended the connection. Try again; if it was shut down, start it"

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
    (errors.InvalidPassword, _PASSWORD_REFUSED),
    (errors.InvalidAuthorizationSpecification, _ROLE_REFUSED),
    (errors.InvalidCatalogName, _NO_DATABASE),
    (errors.TooManyConnections, _NO_ROOM),
    (errors.AdminShutdown, _LOST),
    (errors.CrashShutdown, _LOST),
    (errors.CannotConnectNow, _STARTING),
)

_CROWDED = ("too many clients", "remaining connection slots", "too many connections")

# A refused connection has no code, only the server's words.
_WORDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (_CROWDED, _NO_ROOM),
    (("password authentication failed", "no password supplied"), _PASSWORD_REFUSED),
    (("role …does not exist", "not permitted to log in"), _ROLE_REFUSED),
    (("database …does not exist",), _NO_DATABASE),
    (("pg_hba.conf",), "does not let this role connect from this machine. Allow it in pg_hba.conf"),
    (("starting up", "shutting down", "not yet accepting"), _STARTING),
    (
        ("resolve host", "translate host name"),
        "has an unknown host name. Correct it in DATABASE_URL, or check the name server",
    ),
    (
        ("refused", "No such file", "timeout", "timed out", "unreachable", "No route to host"),
        "cannot be reached. Check that the server runs, and its address in DATABASE_URL",
    ),
    (("closed the connection unexpectedly", "connection is lost", "connection is closed"), _LOST),
)
"""Phrases of the server, with `…` for what lies between two parts, and the repair."""

_PASSWORD = re.compile(r"(?<=:)[^:@/\s]*(?=@)|(?<=password=)[^&\s]*")


class ConnectionsInUse(Exception):
    """All connections of this process are in use, and none was returned in time."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"all {limit} connections are in use")


def invalid_url() -> StoreUnavailable:
    """Return the error for a URL that cannot be read, without any part of it: one may be the password."""
    return StoreUnavailable(
        "DATABASE_URL: this is not a valid address of a PostgreSQL database. "
        "Write postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE, with special characters of the password "
        "percent-encoded (@ as %40, / as %2F, # as %23)"
    )


def is_crowded(error: BaseException) -> bool:
    """Return whether the server refused a connection because it has too many."""
    return _says(str(error), _CROWDED)


def is_database_fault(error: BaseException | None) -> bool:
    """Return whether an error is a fault of the server or the connection, not a programming error."""
    if isinstance(error, ConnectionsInUse):
        return True
    mistakes = (psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.DataError)
    known = tuple(kind for kind, _ in _REPAIRS)
    return isinstance(error, known) or (isinstance(error, psycopg.Error) and not isinstance(error, mistakes))


def unavailable_error(place: str, error: BaseException | None) -> StoreUnavailable:
    """Return the error for a server that cannot be used, in one line without its password."""
    if isinstance(error, ConnectionsInUse):
        return StoreUnavailable(f"DATABASE_URL: {place} is slow: {error}. Check its load")
    for kind, repair in _REPAIRS:
        if isinstance(error, kind):
            return StoreUnavailable(f"DATABASE_URL: {place} {repair}")
    words = str(error)
    for phrases, repair in _WORDS:
        if _says(words, phrases):
            return StoreUnavailable(f"DATABASE_URL: {place} {repair}")
    said = " ".join(_PASSWORD.sub("…", words).split()) or type(error).__name__
    return StoreUnavailable(
        f"DATABASE_URL: {place} cannot be used ({said}). Check the server and the network"
    )


def _says(words: str, phrases: tuple[str, ...]) -> bool:
    """Return whether words contain one of some phrases."""
    return any(_contains(words, phrase.split("…")) for phrase in phrases)


def _contains(words: str, parts: list[str]) -> bool:
    for part in parts:
        _, found, words = words.partition(part)
        if not found:
            return False
    return True
