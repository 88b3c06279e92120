"""A long check uses other processes, goes on after an interruption, and `doctor` begins where it ended."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import Fault, SqliteStore, StreamId, Verified, open_store
from bot.store.sql import verified_file, verify
from bot.store.sql.newest_events import NewestChecked
from tests.store.saying import asset, say, started

MODELS = 5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "threatmodel.db"


@pytest.fixture
def store(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    """A store with events of several models, all of which are checked by other processes."""
    monkeypatch.setattr(verify, "PARALLEL_FROM", 1)
    monkeypatch.setattr(verify, "_BATCH", 3)
    store = open_store(f"sqlite:///{path}")
    for number in range(1, MODELS + 1):
        say(store, started(), asset("Valuables"), stream=StreamId(f"T1/TM-{number}"))
    yield store
    store.close()


def altered(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as forger:
        forger.execute("DROP TRIGGER IF EXISTS events_are_only_erased")
        forger.execute(statement)


def test_many_processes_find_what_one_finds(store: SqliteStore, path: Path) -> None:
    sound = store.verify()
    assert isinstance(sound, Verified)
    assert (sound.events, sound.erased) == (2 * MODELS, 0)
    altered(path, "UPDATE events SET meta = meta || ' ' WHERE sequence = 7")
    fault = store.verify()
    assert isinstance(fault, Fault)
    assert fault.sequence == 7
    altered(path, "UPDATE events SET meta = rtrim(meta) WHERE sequence = 7")
    altered(path, "UPDATE streams SET name = 'another' WHERE stream = 'T1/TM-2'")
    fault = store.verify()
    assert isinstance(fault, Fault)
    assert (fault.stream, fault.what) == (
        "T1/TM-2",
        "`streams` has a name that does not match its events",
    )


def test_an_interrupted_check_goes_on_and_one_of_an_erased_text_begins_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verified_file, "EVERY_SECONDS", -1.0)

    def interrupt(done: int, steps: int) -> None:
        if done > steps * 3 // 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(verify, "_PAGE", 1)
    with pytest.raises(KeyboardInterrupt):
        store.verify(progress=interrupt)
    say(store, asset("Another", number=2), stream=StreamId("T1/TM-1"), expected=2)
    seen: list[int] = []
    sound = store.verify(progress=lambda done, _: seen.append(done))
    assert isinstance(sound, Verified)
    assert sound.events == 2 * MODELS + 1
    assert min(seen) >= 2 * MODELS, "the chain was not walked again"
    with pytest.raises(KeyboardInterrupt):
        store.verify(progress=interrupt)
    store.erase(StreamId("T1/TM-2"), [2])
    sound = store.verify()
    assert isinstance(sound, Verified)
    assert sound.erased == 1


def test_only_newer_events_are_checked_in_a_short_time(store: SqliteStore, path: Path) -> None:
    def newest() -> NewestChecked | Fault:
        return store.check_newest(60.0)[1]

    assert newest() == NewestChecked(events=2 * MODELS, checked=2 * MODELS, left=0)
    assert store.check_newest(0.0)[1] == NewestChecked(events=2 * MODELS, checked=0, left=2 * MODELS)
    store.verify()
    assert newest() == NewestChecked(events=2 * MODELS, checked=0, left=0)
    say(store, asset("Another", number=2), stream=StreamId("T1/TM-1"), expected=2)
    assert newest() == NewestChecked(events=2 * MODELS + 1, checked=1, left=0)
    altered(path, "UPDATE events SET meta = meta || ' ' WHERE sequence = (SELECT max(sequence) FROM events)")
    fault = newest()
    assert isinstance(fault, Fault)
    assert fault.sequence == 2 * MODELS + 1


def test_a_result_that_was_altered_does_not_count(store: SqliteStore, path: Path) -> None:
    store.verify()
    file = path.with_name(f"{path.name}.verified")
    assert not store.check_newest(1.0)[0].foreign
    file.write_text(file.read_text().replace('"sequence":10', '"sequence":11'))
    known, checked = store.check_newest(60.0)
    assert known.foreign
    assert checked == NewestChecked(events=2 * MODELS, checked=2 * MODELS, left=0)
    store.mark_restored()
    assert not file.exists()
