"""Database with all of its workspaces: operations across them, and access to each."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

import msgspec

from bot.store.copying import CopyEnd
from bot.store.event_store import EventStore
from bot.store.kept_heads import KeptHeads
from bot.store.keys import RequestKey
from bot.store.records import Fault, Head
from bot.store.repositories.housekeeping import Housekeeping
from bot.store.repositories.installations import Installations
from bot.store.sql import epoch
from bot.store.sql.cross_checks import chain_ends, lost_heads
from bot.store.sql.database import SqlDatabase
from bot.store.sql.erasing import ERASING_TIMEOUT_SECONDS
from bot.store.sql.newest_events import NewestChecked, check_newest
from bot.store.sql.verified_file import Verification
from bot.store.unit_of_work import UnitOfWork, unit_of
from bot.store.work_queue import WorkQueue


class HealthFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a check of the database; the text of a failed one ends with the repair."""

    well: bool
    text: str


class Store(EventStore, ABC):
    """Database with all of its workspaces; the two kinds of databases add what differs."""

    def __init__(self, database: SqlDatabase, work: WorkQueue, key: RequestKey, kept: KeptHeads) -> None:
        super().__init__(database, key, kept)
        self.work = work
        self.housekeeping = Housekeeping(database)
        self.installations = Installations(database)

    @property
    @abstractmethod
    def location(self) -> str:
        """The place of the database in words for the operator, without a password."""

    @abstractmethod
    def migrate(self) -> None:
        """Create the tables, or bring them to the schema of this release; raises StoreUnavailable."""

    @abstractmethod
    def check_writable(self) -> None:
        """Raise StoreUnavailable if the database cannot be written; called every few seconds by a probe.

        A database that reports by a SELECT that it takes changes is only asked. For a file, a change alone
        shows that the disk is full or the file may not be written.
        """

    def health(self, now: datetime) -> list[HealthFinding]:
        """Return the result of checks of the server or the disk, and of backups; `now` is our own time."""
        del now
        return []

    @abstractmethod
    def watch(self) -> None:
        """Repair problems while nothing is written, before the next change meets them."""

    def serving(self) -> AbstractContextManager[None]:
        """Return a block in which this process serves the database; raises StoreUnavailable during a copy.

        Who serves a file is known by the lock beside it.
        """
        return nullcontext()

    def alone(self) -> AbstractContextManager[None]:
        """Return a block in which no replica serves the database; raises StoreUnavailable if one does."""
        return nullcontext()

    @abstractmethod
    def backup(self, path: Path) -> None:
        """Write a consistent copy while work continues; raises FileExistsError if the path exists."""

    @abstractmethod
    def copy_source(self) -> AbstractContextManager[CopyEnd]:
        """Return a block that reads everything in one snapshot; raises StoreUnavailable if it is served."""

    @abstractmethod
    def copy_target(self) -> AbstractContextManager[CopyEnd]:
        """Return a block whose rows become durable together at its end, or not at all."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection."""

    def unit(self, tenant: str) -> UnitOfWork:
        """Return the unit of work of a workspace."""
        events = EventStore(self._database, self._key, self._kept, tenant)
        return unit_of(events, self._database, self.work, tenant)

    def key_location(self) -> str:
        """Return the location of the key in words for the operator; raises StoreUnavailable."""
        return self._key.location()

    def check_newest(self, seconds: float) -> tuple[Verification, NewestChecked | Fault]:
        """Check the chains from the ends on that `verify` last found sound, for so many seconds.

        Return what `verify` kept, too; without it the chains are checked from their begin on.
        """
        known = self._verified.read()
        heads = known.finished.heads if known.finished else ()
        with self._database.translated_faults():
            return known, check_newest(self._database.current(), heads, self._kept.read(), seconds)

    def note_heads(self) -> list[Head]:
        """Keep the ends of all chains outside of the database; return earlier ones that are missing.

        An end that is missing stays kept, so that it is reported until `mark_restored` accepts its loss.
        """
        kept = self._kept.read()
        with self._database.translated_faults():
            connection = self._database.current()
            lost, ends = lost_heads(connection, kept), chain_ends(connection)
        self._database.wait_for_disk()  # another thread or process may have committed an end just now
        if {*lost, *ends} != {*kept}:
            self._kept.write((*lost, *ends))
        return lost

    def mark_restored(self) -> int:
        """Renew the epoch after a restore to an earlier moment; return how many slots are compared again.

        Everything shown counts as unknown, because the bot went on after that moment. Raises StoreUnavailable
        if a replica serves the database.
        """
        with self.alone():
            slots = epoch.mark_restored(self._database)
            self._kept.write(chain_ends(self._database.current()))
            self._verified.forget()
            return slots

    def remove_workspace(self, tenant: str) -> Head | None:
        """Delete all data of a workspace except the end of its chain; None if it had no events."""
        return self._eraser.remove_workspace(tenant)

    def finish_erasing(self, timeout: float = ERASING_TIMEOUT_SECONDS) -> bool:
        """Remove erased text from the files; False if readers prevent it for `timeout` seconds."""
        return self._eraser.finish(timeout)

    def erasing_is_finished(self) -> bool:
        """Return whether no erased text is left in the underlying files."""
        return not self._eraser.unfinished()
