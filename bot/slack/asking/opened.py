"""Remembers what forms showed when they were opened, until they are handed in."""

import secrets
import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec
import structlog

from bot.slack.forms.merging import Held
from bot.store import Connections, StoreUnavailable, StreamId

KEPT = timedelta(days=7)
"""How long a form may stay open and still be compared; an older one is shown again before it is saved."""

log = structlog.get_logger()


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What a form about a model showed, and at which version of the model that was so."""

    token: str
    stream: StreamId
    version: int
    shown: dict[str, Held]
    at: datetime


class OpenedForms:
    """The forms that were opened in one workspace.

    A row is written beside the answer, so that no form waits for the disk; until it is there, it is found in
    memory. A row that is lost costs its form another look before it is saved, and nothing else.
    """

    def __init__(
        self,
        database: Connections,
        tenant: str,
        *,
        beside: Callable[[Callable[[], object]], object],
        token: Callable[[], str] = lambda: secrets.token_urlsafe(9),
    ) -> None:
        self.token = token
        self._database = database
        self._tenant = tenant
        self._beside = beside
        self._unwritten: dict[str, Opened] = {}

    def keep(self, opened: Opened) -> None:
        """Remember what a form shows."""
        self._unwritten[opened.token] = opened
        self._beside(lambda: self._write(opened))

    def find(self, token: str, stream: StreamId) -> Opened | None:
        """What a form showed; None where that is not known (any more)."""
        found = self._unwritten.get(token) or self._read(token)
        return found if found and found.stream == stream else None

    def forget_old(self, now: datetime) -> None:
        """Forget the forms that nobody has handed in for long."""
        with self._database.writing() as connection:
            connection.execute(_FORGET_OLD, (self._tenant, (now - KEPT).isoformat()))

    def _write(self, opened: Opened) -> None:
        try:
            with self._database.writing() as connection:
                write_opened(connection, self._tenant, [opened])
        except StoreUnavailable as fault:
            log.warning("what a form showed is not kept", fault=str(fault))
        finally:
            self._unwritten.pop(opened.token, None)

    def _read(self, token: str) -> Opened | None:
        with self._database.explained():
            row = self._database.here().execute(_FIND, (self._tenant, token)).fetchone() if token else None
        if row is None:
            return None
        stream, version, shown, at = row
        try:
            return Opened(
                token=token,
                stream=StreamId(stream),
                version=version,
                shown=msgspec.json.decode(shown, type=dict[str, Held]),
                at=datetime.fromisoformat(at),
            )
        except msgspec.ValidationError as fault:
            log.warning("form of another release", fault=str(fault))
            return None


def write_opened(connection: sqlite3.Connection, tenant: str, opened: Iterable[Opened]) -> None:
    """Write rows in the transaction of the caller."""
    rows = (
        (tenant, one.token, one.stream, one.version, msgspec.json.encode(one.shown), one.at.isoformat())
        for one in opened
    )
    connection.executemany(_KEEP, rows)


_KEEP = """
    INSERT OR IGNORE INTO slack_opened (tenant, token, stream, version, shown, at)
    VALUES (?, ?, ?, ?, ?, ?)
"""
_FIND = "SELECT stream, version, shown, at FROM slack_opened WHERE tenant = ? AND token = ?"
_FORGET_OLD = "DELETE FROM slack_opened WHERE tenant = ? AND at < ?"
