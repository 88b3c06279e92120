"""SQLite's log and its index are deleted under working processes: nothing that was acknowledged is lost."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.store import SqliteStore, StoreUnavailable, Verified, open_store
from domain.events import AssetAdded
from tests.depth import deep_also, first
from tests.store.crew import ended, let_go, worker
from tests.store.saying import HOUSE, asset, plainly, said, say, started, versions


@pytest.fixture
def path(url: str) -> Path:
    store = open_store(url)
    say(store, started())
    store.close()
    return store.database.path


class Naming:
    """A process that names three assets at a time, and what it has acknowledged."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.acknowledged: list[int] = []

    def until(self, more: int) -> None:
        """Wait for so many more acknowledgements."""
        wanted = len(self.acknowledged) + more
        while len(self.acknowledged) < wanted:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            assert line, self.process.communicate()[1]
            self._hear(line)

    def killed(self) -> None:
        self.process.kill()
        for line in self.process.communicate()[0].splitlines():
            self._hear(line)

    def _hear(self, line: str) -> None:
        word, _, number = line.partition(" ")
        if word == "done":
            self.acknowledged.append(int(number))


@pytest.fixture
def naming(path: Path) -> Iterator[Naming]:
    yield from working(path, "name")


@pytest.fixture
def paused(path: Path) -> Iterator[Naming]:
    """One that waits after its third answer, with the file open."""
    yield from working(path, "pause")


def working(path: Path, job: str) -> Iterator[Naming]:
    process = worker(job, f"sqlite:///{path}", "1")
    let_go(process)
    yield Naming(process)
    process.kill()
    process.communicate()


def named(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def without_log(path: Path) -> None:
    named(path, "-wal").unlink()


def without_index(path: Path) -> None:
    named(path, "-shm").unlink()


def without_both(path: Path) -> None:
    for one in path.parent.glob(f"{path.name}-*"):
        one.unlink()


def with_another_log(path: Path) -> None:
    other = path.with_name("other")
    other.touch()
    other.rename(named(path, "-wal"))


def with_a_copy_of_the_log(path: Path) -> None:
    other = path.with_name("other")
    shutil.copy(named(path, "-wal"), other)
    other.rename(named(path, "-wal"))


SPOILING: list[Callable[[Path], None]] = [
    without_log,
    without_index,
    without_both,
    with_another_log,
    with_a_copy_of_the_log,
]


def lost(path: Path, acknowledged: list[int]) -> set[int]:
    store = open_store(f"sqlite:///{path}")
    try:
        names = [event.asset.name for event in said(store) if isinstance(event, AssetAdded)]
        assert isinstance(store.verify(), Verified)
    finally:
        store.close()
    return set(acknowledged) - {int(name[:-1]) for name in names if name[:-1].isdecimal()}


@pytest.mark.parametrize("spoil", first(2, SPOILING))
def test_what_is_acknowledged_after_the_log_was_deleted_survives_killing(
    path: Path, naming: Naming, spoil: Callable[[Path], None]
) -> None:
    naming.until(20)
    spoil(path)
    naming.until(63)
    naming.killed()

    assert lost(path, naming.acknowledged) == set()


@pytest.mark.parametrize("spoil", [without_log, without_both])
def test_what_was_acknowledged_before_survives_when_it_is_killed_at_once(
    path: Path, paused: Naming, spoil: Callable[[Path], None]
) -> None:
    paused.until(3)
    spoil(path)
    paused.killed()

    assert lost(path, paused.acknowledged) == set()


@pytest.mark.parametrize("spoil", [without_both, *deep_also((without_log,), (without_index,))])
def test_a_process_that_opens_the_file_then_sees_all_of_it(
    path: Path, paused: Naming, spoil: Callable[[Path], None]
) -> None:
    paused.until(3)
    spoil(path)
    ((*_, last),) = ended([worker("answer", f"sqlite:///{path}", "beside", "5")])
    let_go(paused.process)
    paused.until(20)
    paused.killed()

    assert last == "beside-4 15"
    assert lost(path, paused.acknowledged) == set()


def test_a_log_that_cannot_be_put_back_is_saved_and_nothing_more_is_acknowledged(
    path: Path, naming: Naming
) -> None:
    naming.until(63)
    for one in [*path.parent.glob(f"{path.name}-*"), *path.parent.glob(f".{path.name}.*")]:
        one.unlink()
    _, errors = naming.process.communicate(timeout=60)
    assert (
        f"DATABASE_URL: {path}-wal was deleted while it was in use; earlier answers are in the database. "
        "Restart"
    ) in errors

    assert lost(path, naming.acknowledged) == set()


def test_a_log_that_is_deleted_while_nothing_is_written_is_put_back(path: Path) -> None:
    store = open_store(f"sqlite:///{path}")
    say(store, asset("Papers"), expected=1)
    without_both(path)

    store.watch()

    assert named(path, "-wal").exists()
    assert named(path, "-shm").exists()
    store.close()


def test_a_copy_that_is_put_in_place_after_a_crash_is_not_mixed_with_the_log_of_before(
    path: Path, naming: Naming
) -> None:
    naming.until(5)
    copy = path.with_name("copy.db")
    store = open_store(f"sqlite:///{path}")
    store.backup(copy)
    store.close()
    store = open_store(f"sqlite:///{copy}")
    told = len(said(store))
    store.close()
    before = copy.stat().st_mtime_ns - 10**12
    os.utime(copy, ns=(before, before))
    naming.until(40)
    naming.killed()

    without_both(path)
    shutil.copy2(copy, path)  # keeps the time of the copy

    again = open_store(f"sqlite:///{path}")
    assert len(said(again)) == told
    assert isinstance(again.verify(), Verified)
    again.close()


def test_at_a_clean_end_no_second_name_is_left(path: Path) -> None:
    store = open_store(f"sqlite:///{path}")
    other = open_store(f"sqlite:///{path}")
    say(store, asset("Papers"), expected=1)
    assert path.with_name(f".{path.name}.wal").exists()
    store.close()
    say(other, asset("Photos", number=2), expected=2)
    other.close()

    assert sorted(one.name for one in path.parent.iterdir()) == [path.name, f"{path.name}.key"]


def test_second_names_of_a_process_that_was_killed_do_no_harm(path: Path, naming: Naming) -> None:
    naming.until(5)
    naming.killed()
    plainly(path, "PRAGMA wal_checkpoint(TRUNCATE)")  # another program ends last, and deletes the log
    assert not named(path, "-wal").exists()
    assert path.with_name(f".{path.name}.wal").exists()

    store = open_store(f"sqlite:///{path}")
    say(store, asset("Papers", number=900), expected=len(versions(store)))
    store.close()

    assert lost(path, naming.acknowledged) == set()


def test_a_file_system_without_second_names_is_used_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    store = open_store(f"sqlite:///{path}")
    say(store, asset("Papers"), expected=1)
    without_log(path)

    refusal = "earlier answers are in the database. Restart"
    with pytest.raises(StoreUnavailable, match=refusal):
        say(store, asset("Photos", number=2), expected=2, key="photos")
    with pytest.raises(StoreUnavailable, match=refusal):
        say(store, asset("Letters", number=3), expected=3)
    store.close()
    again: SqliteStore = open_store(f"sqlite:///{path}")
    assert said(again, HOUSE)[1] == asset("Papers")
    # It was refused when it had been written already: sent again, it is found and not done twice.
    assert say(again, asset("Photos", number=2), expected=2, key="photos").repeated
    assert versions(again) == [1, 2, 3]
    again.close()
