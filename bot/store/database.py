"""What a database with all of its workspaces can do, whichever it is."""

from pathlib import Path
from typing import Protocol

from bot.store.event_store import EventStore
from bot.store.records import Head
from bot.store.unit_of_work import UnitOfWork
from bot.store.work_queue import WorkQueue


class Store(EventStore, Protocol):
    """A database with all of its workspaces: what no single workspace can do, and the way to each of them."""

    def unit(self, tenant: str) -> UnitOfWork:
        """Return the way to the data of one workspace."""
        ...

    @property
    def work(self) -> WorkQueue:
        """The work of all workspaces."""
        ...

    def check_writable(self) -> None:
        """Write something small; raises StoreUnavailable where the database takes nothing."""
        ...

    def watch(self) -> None:
        """Mend, while nothing is written, what would otherwise be found with the next change."""
        ...

    def remove_workspace(self, tenant: str) -> Head | None:
        """Delete everything of a workspace but a record of where its chain ended; None where none is."""
        ...

    def finish_erasing(self, patience: float = ...) -> bool:
        """See erased words out of the files below; False where readers hinder that for `patience` seconds."""
        ...

    def erasing_is_finished(self) -> bool:
        """Whether nothing that was erased is left in the files below."""
        ...

    def backup(self, path: Path) -> None:
        """Write a consistent copy while work goes on; raises FileExistsError for a path that is taken."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
