"""Copy of all workspaces from one database to another."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.cli.progress_display import progress_display
from bot.operator_error import OperatorError
from bot.serving_lock import hold_serving_lock
from bot.store import DatabaseStore, StoreUnavailable, open_database
from bot.store.copying import CopyRefused, copy_workspaces
from bot.store.kept_heads import REPAIR
from bot.store.records import Head

_FILE = "sqlite:///"


def copy_database(source: str, target: str, *, key: str) -> list[Head]:
    """Copy every workspace from the database of one URL to that of another; return the ends of their chains.

    Raises OperatorError if one of them is in use, or if the target has one of the workspaces.
    """
    if source == target:
        raise OperatorError("Source and target are the same database. Name another target.")
    path = _file_of(source)
    if path is not None and not path.exists():
        raise OperatorError(f"{path} does not exist. Name the database file of the bot.")
    before = _files_of(target)
    try:
        with ExitStack() as parts:
            reading = parts.enter_context(_opened(source, key))
            writing = parts.enter_context(_opened(target, key))
            show = parts.enter_context(progress_display())
            if lost := reading.note_heads():
                raise CopyRefused(f"event {lost[0].sequence} of {lost[0].tenant} is missing. {REPAIR}")
            heads = copy_workspaces(
                reading.copy_source(),
                writing.copy_target(),
                lambda table, rows: show(f"{table}: {rows} rows copied"),
            )
            writing.note_heads()
            return heads
    except BaseException as fault:
        if before is not None:
            _remove_new(target, before)
        if isinstance(fault, CopyRefused):
            raise OperatorError(f"Nothing was copied: {fault}.") from None
        if isinstance(fault, StoreUnavailable):
            raise OperatorError(f"Nothing was copied: {str(fault).removeprefix('DATABASE_URL: ')}.") from None
        raise


@contextmanager
def _opened(url: str, key: str) -> Generator[DatabaseStore]:
    """Return a block with the store of a URL; no process serves its file meanwhile."""
    with hold_serving_lock(_file_of(url), setting="copy", timeout=0.0):
        store = open_database(url, key=key)
        try:
            yield store
        finally:
            store.close()


def _file_of(url: str) -> Path | None:
    path = url.removeprefix(_FILE)
    return None if path == url else Path(path).absolute()


def _files_of(url: str) -> set[Path] | None:
    """Return the existing files of a database that opening a URL would create; None if it creates none."""
    path = _file_of(url)
    if path is None or path.exists():
        return None
    return {one for one in _possible(path) if one.exists()}


def _remove_new(url: str, before: set[Path]) -> None:
    """Remove the files that were created for a copy that failed; others stay, such as a key."""
    path = _file_of(url)
    for one in () if path is None else _possible(path):
        if one not in before:
            one.unlink(missing_ok=True)


def _possible(path: Path) -> list[Path]:
    """Return the names of a database file, of its log and of its lock."""
    return [path.with_name(f"{path.name}{ending}") for ending in ("", "-wal", "-shm", ".serving", ".heads")]
