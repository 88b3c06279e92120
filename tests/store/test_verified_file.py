"""A long check uses other processes, goes on after an interruption, and `doctor` begins where it ended."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.store import Fault, Store, StreamId, Verified, open_database
from bot.store.kept_heads import verified_file as file_of
from bot.store.sql import verified_file, verify, verify_workers
from bot.store.sql.newest_events import NewestChecked
from tests.emptied_database import KEY
from tests.store.saying import asset, plainly, say, started

DATABASES = ("sqlite", "postgres")
MODELS = 5


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    return tmp_path / "heads"


@pytest.fixture
def store(url: str, heads: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with events of several models, which are replayed by other processes."""
    monkeypatch.setattr(verify, "RESUMED_FROM", 1)
    monkeypatch.setattr(verify, "_PAGE", 3)
    monkeypatch.setattr(verify_workers, "PARALLEL_FROM", 1)
    monkeypatch.setattr(os, "sched_getaffinity", two_processors, raising=False)
    with closing(open_database(url, key=KEY, heads=heads)) as store:
        store.migrate()
        for number in range(1, MODELS + 1):
            say(store, started(), asset("Valuables"), stream=StreamId(f"T1/TM-{number}"))
        yield store


def two_processors(_process: int) -> set[int]:
    return {0, 1}


def altered(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        dropped = "DROP TRIGGER IF EXISTS events_are_only_erased"
        plainly(Path(url.removeprefix("sqlite:///")), dropped, statement)
        return
    with psycopg.connect(url) as forger:
        forger.execute("DROP TRIGGER IF EXISTS events_are_only_erased ON events")
        forger.execute(statement.encode())


def test_many_processes_find_what_one_finds(store: Store, url: str) -> None:
    sound = store.verify()
    assert isinstance(sound, Verified)
    assert (sound.events, sound.erased) == (2 * MODELS, 0)
    altered(url, "UPDATE events SET meta = meta || ' ' WHERE sequence = 7")
    fault = store.verify()
    assert isinstance(fault, Fault)
    assert fault.sequence == 7
    altered(url, "UPDATE events SET meta = rtrim(meta) WHERE sequence = 7")
    altered(url, "UPDATE streams SET name = 'another' WHERE stream = 'T1/TM-2'")
    fault = store.verify()
    assert isinstance(fault, Fault)
    assert (fault.stream, fault.what) == (
        "T1/TM-2",
        "`streams` has a name that does not match its events",
    )


def test_an_interrupted_check_goes_on_and_one_of_an_erased_text_begins_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
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


def test_only_newer_events_are_checked_in_a_short_time(store: Store, url: str) -> None:
    def newest() -> NewestChecked | Fault:
        return store.check_newest(60.0)[1]

    assert newest() == NewestChecked(events=2 * MODELS, checked=2 * MODELS, left=0)
    assert store.check_newest(0.0)[1] == NewestChecked(events=2 * MODELS, checked=0, left=2 * MODELS)
    store.verify()
    assert newest() == NewestChecked(events=2 * MODELS, checked=0, left=0)
    say(store, asset("Another", number=2), stream=StreamId("T1/TM-1"), expected=2)
    assert newest() == NewestChecked(events=2 * MODELS + 1, checked=1, left=0)
    altered(url, "UPDATE events SET meta = meta || ' ' WHERE sequence = (SELECT max(sequence) FROM events)")
    fault = newest()
    assert isinstance(fault, Fault)
    assert fault.sequence == 2 * MODELS + 1


def test_a_result_that_was_altered_does_not_count(store: Store, heads: Path) -> None:
    store.verify()
    file = file_of(heads)
    assert file is not None
    assert not store.check_newest(1.0)[0].foreign
    file.write_text(file.read_text().replace('"sequence":10', '"sequence":11'))
    known, checked = store.check_newest(60.0)
    assert known.foreign
    assert checked == NewestChecked(events=2 * MODELS, checked=2 * MODELS, left=0)
    store.mark_restored()
    assert not file.exists()
