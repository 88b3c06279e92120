"""Backups, and tables of other rooms in the same file."""

import gc
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from bot.store import SqliteStore, Verified, open_store
from tests.store.saying import asset, said, say, started, versions


def test_a_backup_is_a_whole_store(store: SqliteStore, tmp_path: Path) -> None:
    say(store, started(), asset("Valuables"))
    copy = tmp_path / "copy.db"

    store.backup(copy)
    say(store, asset("Papers", number=2), expected=2)

    again = open_store(f"sqlite:///{copy}")
    assert said(again) == [started(), asset("Valuables")]
    assert isinstance(again.verify(), Verified)
    assert copy.stat().st_mode & 0o777 == 0o600
    again.close()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("copy")) == ["copy.db"]


def test_a_backup_made_while_people_answer_is_consistent(store: SqliteStore, tmp_path: Path) -> None:
    say(store, started())
    done = threading.Event()

    def answer() -> None:
        version = 1
        while not done.is_set():
            say(store, asset("x", number=version), asset("y", number=version + 1), expected=version)
            version += 2

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        for number in range(5):
            store.backup(tmp_path / f"{number}.db")
    finally:
        done.set()
        thread.join()

    for number in range(5):
        copy = open_store(f"sqlite:///{tmp_path}/{number}.db")
        assert isinstance(copy.verify(), Verified)
        assert versions(copy) == list(range(1, len(versions(copy)) + 1))
        assert len(versions(copy)) % 2 == 1, "half of a command"
        copy.close()


def test_a_backup_never_overwrites(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader")

    for path in (tmp_path / "letter.txt", store.database.path):
        with pytest.raises(FileExistsError):
            store.backup(path)
    assert (tmp_path / "letter.txt").read_text() == "Dear reader"
    with pytest.raises(FileNotFoundError):
        store.backup(tmp_path / "nowhere" / "copy.db")


def test_a_change_that_fails_leaves_nothing_behind(store: SqliteStore) -> None:
    def half() -> None:
        with store.database.writing() as connection:
            connection.execute("INSERT INTO counters VALUES ('T1', 7)")
            connection.execute("INSERT INTO counters VALUES ('T1', 8)")

    with pytest.raises(sqlite3.IntegrityError):
        half()
    assert store.database.current().execute("SELECT count(*) FROM counters").fetchone() == (0,)


def test_each_thread_has_its_connection_and_takes_it_along(store: SqliteStore) -> None:
    seen: list[int] = []

    def look() -> None:
        seen.append(id(store.database.current()))
        assert store.database.current() is store.database.current()

    here = store.database.current()
    for _ in range(3):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    assert id(here) not in seen
    deadline = time.monotonic() + 60
    while len(store.database._opened) > 1:  # pyright: ignore[reportPrivateUsage]  (nothing else shows it)
        assert time.monotonic() < deadline, "the connection of a thread that ended is still open"
        gc.collect()  # a connection and its cache of statements hold each other


def test_a_closed_store_opens_again_when_it_is_asked(store: SqliteStore) -> None:
    say(store, started())
    store.close()

    assert said(store) == [started()]
