"""The databases that the contract is tried on; a further one is added to `ADAPTERS` and nowhere else."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from bot.store import SqliteStore, Store, open_store
from bot.store.postgres.postgres_store import PostgresStore, open_postgres
from bot.store.postgres.presence import Presence
from bot.store.postgres.work import PostgresWork
from bot.store.sqlite.work import SqliteWork
from bot.store.work_queue import WorkQueue
from tests.emptied_database import KEY, empty_database
from tests.fresh_database import copy_fresh_file


class Adapter(Protocol):
    """One kind of database; `backs_up` is false where the server's own tools do it."""

    backs_up: bool

    def store(self) -> Store:
        """Return the store of a new database."""
        ...

    def again(self) -> Store:
        """Return the store as another start of the bot finds it."""
        ...

    def restored(self, copy: Path) -> Store:
        """Return a store with what a backup holds."""
        ...

    def work(self, machine: Callable[[], float]) -> WorkQueue:
        """Return the work queue of a new database under a clock of the test."""
        ...


class Sqlite:
    """A file, opened as often as it is asked for."""

    backs_up = True

    def __init__(self, folder: Path) -> None:
        copy_fresh_file(folder / "contract.db")
        self._url = f"sqlite:///{folder / 'contract.db'}"
        self._opened: list[SqliteStore] = []

    def store(self) -> Store:
        """Return the store of a new file."""
        return self._open(self._url)

    def again(self) -> Store:
        """Open the file again, and bring it up to date."""
        return self._open(self._url)

    def restored(self, copy: Path) -> Store:
        """Open a copy of the file."""
        return self._open(f"sqlite:///{copy}")

    def work(self, machine: Callable[[], float]) -> WorkQueue:
        """Return the work queue of a new file."""
        self._open(self._url)
        return SqliteWork(self._opened[-1].database, machine=machine)

    def _open(self, url: str) -> Store:
        self._opened.append(open_store(url))
        return self._opened[-1]


class Postgres:
    """A database of its own on the tests' server; each worker empties one and the same."""

    backs_up = False

    def __init__(self, folder: Path) -> None:
        del folder
        self._url = empty_database()
        self._opened: list[PostgresStore] = []

    def store(self) -> Store:
        """Return the store of an empty database."""
        return self._open()

    def again(self) -> Store:
        """Open the database again, as another replica does."""
        return self._open()

    def restored(self, copy: Path) -> Store:
        """Refuse: a server is backed up by its own tools."""
        raise NotImplementedError(copy)

    def work(self, machine: Callable[[], float]) -> WorkQueue:
        """Return the work queue of an empty database."""
        database = self._open().database
        return PostgresWork(database, Presence(database), machine=machine)

    def _open(self) -> PostgresStore:
        self._opened.append(open_postgres(self._url, key=KEY))
        return self._opened[-1]


ADAPTERS: dict[str, Callable[[Path], Adapter]] = {"sqlite": Sqlite, "postgres": Postgres}
