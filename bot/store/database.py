"""Interface of a database with all of its workspaces."""

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from bot.store.copying import CopySource, CopyTarget
from bot.store.event_store import EventStore
from bot.store.records import Head
from bot.store.repositories.housekeeping import Housekeeping
from bot.store.repositories.installations import Installations
from bot.store.unit_of_work import UnitOfWork
from bot.store.work_queue import WorkQueue


class HealthFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a check of the database; the text of a failed one ends with the repair."""

    well: bool
    text: str


class Store(EventStore, Protocol):
    """Database with all of its workspaces: operations across them, and access to each."""

    def unit(self, tenant: str) -> UnitOfWork:
        """Return the unit of work of a workspace."""
        ...

    @property
    def work(self) -> WorkQueue:
        """The work queue of all workspaces."""
        ...

    @property
    def installations(self) -> Installations:
        """The installations of the app in all workspaces."""
        ...

    @property
    def housekeeping(self) -> Housekeeping:
        """Periodic work over all workspaces."""
        ...

    def check_writable(self) -> None:
        """Raise StoreUnavailable if the database cannot be written; called every few seconds by a probe.

        A database that reports by a SELECT that it takes changes is only asked. For a file, a change alone
        shows that the disk is full or the file may not be written.
        """
        ...

    def key_location(self) -> str:
        """Return the location of the key in words for the operator; raises StoreUnavailable."""
        ...

    @property
    def location(self) -> str:
        """The place of the database in words for the operator, without a password."""
        ...

    def health(self, now: datetime) -> list[HealthFinding]:
        """Return the result of checks of the database's server; a file has none. `now` is our own time."""
        ...

    def watch(self) -> None:
        """Repair problems while nothing is written, before the next change meets them."""
        ...

    def note_heads(self) -> list[Head]:
        """Keep the ends of all chains outside of the database; return earlier ones that are missing.

        An end that is missing stays kept, so that it is reported until `mark_restored` accepts its loss.
        """
        ...

    def remove_workspace(self, tenant: str) -> Head | None:
        """Delete all data of a workspace except the end of its chain; None if it had no events."""
        ...

    def finish_erasing(self, timeout: float = ...) -> bool:
        """Remove erased text from the files; False if readers prevent it for `timeout` seconds."""
        ...

    def erasing_is_finished(self) -> bool:
        """Return whether no erased text is left in the underlying files."""
        ...

    def backup(self, path: Path) -> None:
        """Write a consistent copy while work continues; raises FileExistsError if the path exists."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class DatabaseStore(Store, Protocol):
    """Store in a database that outlives the process: it can be served, and copied to another database."""

    def serving(self) -> AbstractContextManager[None]:
        """Return a block in which this process serves the database; raises StoreUnavailable during a copy."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Return a block in which no replica serves a server's database; raises StoreUnavailable if one does.

        Who serves a file is known by the lock beside it.
        """
        ...

    def mark_restored(self) -> int:
        """Renew the epoch after a restore to an earlier moment; return how many slots are compared again.

        Everything shown counts as unknown, because the bot went on after that moment.
        """
        ...

    def copy_source(self) -> AbstractContextManager[CopySource]:
        """Return a block that reads everything in one snapshot; raises StoreUnavailable if it is served."""
        ...

    def copy_target(self) -> AbstractContextManager[CopyTarget]:
        """Return a block whose rows become durable together at its end, or not at all."""
        ...
