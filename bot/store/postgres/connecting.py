"""Connecting to a PostgreSQL server: its address, the settings of a session, and the types of values."""

from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg import RawCursor
from psycopg.adapt import Buffer, Dumper
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.string import StrDumper

from bot.store.postgres.connection_pool import RawConnection
from bot.store.postgres.database_faults import invalid_url

CONNECT_SECONDS: Final = 2
"""How long connecting to a server may take, unless the URL has another `connect_timeout`."""


def place_of(url: str) -> str:
    """Return the server and database of a URL, without role and password; raises StoreUnavailable."""
    parts = _parts(url)
    host, port = parts.get("host") or "the local server", parts.get("port")
    name = parts.get("dbname") or parts.get("user") or ""
    return f"{host}{f':{port}' if port else ''}/{name}"


def connection_settings(url: str, timeout: float) -> dict[str, Any]:
    """Return settings of each connection: no wait outlasts Slack's patience, no dead client holds a lock.

    Raises StoreUnavailable for an invalid URL.
    """
    parts = _parts(url)
    session = {
        "lock_timeout": f"{timeout * 1000:.0f}ms",
        "idle_in_transaction_session_timeout": "60s",
        "timezone": "UTC",
    }
    own = " ".join(f"-c {name}={value}" for name, value in session.items())
    ours: dict[str, Any] = {
        "application_name": "threatmodel",
        "connect_timeout": CONNECT_SECONDS,
        # A server that vanished without a word is noticed within seconds.
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }
    given = {name: value for name, value in ours.items() if name not in parts}
    return {**given, "options": f"{parts.get('options', '')} {own}".strip()}


def connect(url: str, settings: Mapping[str, Any]) -> RawConnection:
    """Return a new connection with the types of the store; raises the errors of connecting."""
    raw: RawConnection = psycopg.connect(url, autocommit=True, cursor_factory=RawCursor, **settings)
    _configure(raw)
    return raw


def _parts(url: str) -> dict[str, str]:
    """Return the parts of a URL by name; raises StoreUnavailable."""
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        # Its text would repeat a part of the URL.
        raise invalid_url() from None
    ports = parts.get("port", "").replace(",", "")
    # A password with an unencoded character is taken for a host, a port or a database.
    if "@" in parts.get("host", "") + parts.get("dbname", "") or not (ports.isdecimal() or not ports):
        raise invalid_url()
    return parts


def _configure(connection: RawConnection) -> None:
    connection.adapters.register_dumper(bool, _NumberFromBool)
    connection.adapters.register_dumper(str, _TextWithoutNul)


class _NumberFromBool(Dumper):
    """Booleans are stored as 0 and 1, as in SQLite."""

    oid = psycopg.adapters.types["int4"].oid

    def dump(self, obj: bool) -> Buffer:  # noqa: FBT001  (the library's interface)
        return b"1" if obj else b"0"


class _TextWithoutNul(StrDumper):
    """PostgreSQL's texts cannot contain the character NUL."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))
