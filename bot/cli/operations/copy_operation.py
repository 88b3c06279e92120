"""Copies of databases: between databases, marked after a restore, and compared with noted ends of chains."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.cli.progress_display import progress_display
from bot.operator_error import OperatorError
from bot.serving_lock import hold_serving_lock
from bot.settings import read_settings
from bot.store import Head, Store, StoreUnavailable, open_database
from bot.store.copying import CopyRefused, copy_workspaces
from bot.store.kept_heads import HEAD_PATTERN, REPAIR
from bot.wiring import check_database_exists

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
def _opened(url: str, key: str) -> Generator[Store]:
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


def mark_database_restored(environment: Mapping[str, str]) -> tuple[int, list[Head]]:
    """Mark the configured database as restored; return how many slots will be compared, and the lost ends.

    Raises OperatorError if it does not exist, StoreUnavailable if a bot serves it.
    """
    settings = read_settings(environment)
    check_database_exists(settings)
    with hold_serving_lock(settings.database_file, timeout=0.0):
        store = open_database(settings.database_url, key=settings.key.reveal(), heads=settings.heads_file)
        try:
            try:
                lost = store.note_heads()
            except StoreUnavailable:
                lost = []  # their file is damaged; it is written again
            return store.mark_restored(), lost
        finally:
            store.close()


def parse_witnesses(noted: Sequence[str], workspace: str | None, known: Sequence[str]) -> list[Head]:
    """Return the noted heads; `known` are the workspaces of the database. Raises OperatorError."""
    return [_head(one, workspace, known) for one in noted]


def _head(noted: str, workspace: str | None, known: Sequence[str]) -> Head:
    found = HEAD_PATTERN.fullmatch(noted.strip())
    if found is None:
        raise OperatorError(
            f"--witness: {noted[:80]!r} must be SEQ:HASH or ID:SEQ:HASH, with the number and the 64 "
            "hexadecimal digits that `verify` printed."
        )
    tenant = found["tenant"] or workspace
    if tenant is None and len(known) > 1:
        raise OperatorError(
            f"--witness: {noted[:20]}… names no workspace, and there are {', '.join(known)}: "
            "write ID:SEQ:HASH, or choose one with --workspace."
        )
    if tenant is None:
        # The workspace itself may be gone: then the witness is of whichever there was.
        tenant = known[0] if known else "?"
    return Head(tenant=tenant, sequence=int(found["sequence"]), hash=bytes.fromhex(found["hash"]))
