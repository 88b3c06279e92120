"""A database that cannot be used is refused before anything is acknowledged, with the mend."""

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import SqliteStore, StoreUnavailable, StreamId, Verified, open_store
from tests.store.crew import ended, worker
from tests.store.saying import asset, plainly, say, started, versions


def test_a_full_disk_refuses_and_what_was_acknowledged_stays(store: SqliteStore, url: str) -> None:
    say(store, started())

    ((line,),) = ended([worker("fill", url, "600000")])

    done, _, refusal = line.partition(" ")
    assert int(done) > 10
    assert refusal == (
        f"DATABASE_URL: {store.database.path} "
        "cannot be read or written (disk full, over quota or failing). Free some space or check the disk"
    )
    assert len(versions(store, StreamId("T1/TM-2"))) == int(done)
    assert isinstance(store.verify(), Verified)


def test_work_goes_on_when_there_is_space_again(store: SqliteStore) -> None:
    say(store, started())
    connection = store.database.current()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    done = 1
    with pytest.raises(StoreUnavailable, match="cannot grow because the disk is full"):  # noqa: PT012  (when it is full is not known before)
        while True:
            say(store, asset("x" * 900, number=done), expected=done)
            done += 1
    assert versions(store) == list(range(1, done + 1))

    connection.execute(f"PRAGMA max_page_count = {pages * 100}")
    say(store, asset("Papers"), expected=done)
    assert isinstance(store.verify(), Verified)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A directory that others may look into but not write."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path
        path.chmod(0o700)


def test_a_file_one_may_not_write_is_refused(shared: Path) -> None:
    path = shared / "threatmodel.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o444)
    shared.chmod(0o555)

    ((refusal,),) = ended([worker("unprivileged", f"sqlite:///{path}")])

    mend = "Give this user write permission for the file and its directory"
    assert refusal in (
        f"DATABASE_URL: {path} is read-only. {mend}",
        f"DATABASE_URL: {path} cannot be opened. {mend}",
    )


def test_a_directory_one_may_not_write_is_refused(shared: Path) -> None:
    path = shared / "threatmodel.db"
    shared.chmod(0o555)

    ((refusal,),) = ended([worker("unprivileged", f"sqlite:///{path}")])

    assert refusal == (
        f"DATABASE_URL: {path} cannot be opened. Give this user write permission for the file and its "
        f"directory"
    )


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "threatmodel.db"

    with pytest.raises(StoreUnavailable, match=f"the directory {path.parent} does not exist"):
        open_store(f"sqlite:///{path}")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="is a directory"):
        open_store(f"sqlite:///{tmp_path}")


def test_another_kind_of_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 500)

    with pytest.raises(StoreUnavailable, match="is not a SQLite database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text() == "Dear reader, " * 500


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    plainly(path, "CREATE TABLE photos (name TEXT)")

    with pytest.raises(StoreUnavailable, match="contains data of another program"):
        open_store(f"sqlite:///{path}")
    assert plainly(path, "SELECT name FROM sqlite_schema") == [("photos",)]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://localhost/x", "DATABASE_URL: postgresql: is not supported. Use sqlite:///FILE"),
        ("threatmodel.db", "DATABASE_URL: threatmodel.db: is not supported. Use sqlite:///FILE"),
        ("sqlite:///", "DATABASE_URL: an in-memory database would be lost at exit. Use sqlite:///FILE"),
        (
            "sqlite:///:memory:",
            "DATABASE_URL: an in-memory database would be lost at exit. Use sqlite:///FILE",
        ),
    ],
)
def test_an_address_that_names_no_file_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        open_store(url)
    assert str(refused.value) == sentence


def test_a_database_that_others_hold_is_refused_in_time(url: str) -> None:
    store = open_store(url, timeout=0.05)
    say(store, started())
    holder = sqlite3.connect(store.database.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable, match="is locked by another process"):
        say(store, asset("Papers"), expected=1)
    holder.execute("ROLLBACK")
    holder.close()
    say(store, asset("Papers"), expected=1)

    assert versions(store) == [1, 2]
    store.close()


def test_a_damaged_file_is_refused(store: SqliteStore, url: str) -> None:
    say(store, *(asset("x" * 500, number=number) for number in range(100)))
    store.close()
    path = store.database.path
    raw = bytearray(path.read_bytes())
    raw[4096:] = os.urandom(len(raw) - 4096)
    path.write_bytes(raw)

    with pytest.raises(StoreUnavailable, match="is damaged"):
        list(open_store(url).read(StreamId("T1/TM-1")))


@pytest.mark.parametrize("becomes", ["deleted", "replaced"])
def test_a_deleted_database_file_accepts_no_commands(store: SqliteStore, becomes: str) -> None:
    """SQLite would go on writing into the deleted file, and every acknowledged answer would vanish."""
    say(store, started())
    path = store.database.path
    aside = path.rename(path.with_suffix(".aside"))
    if becomes == "replaced":
        path.write_bytes(aside.read_bytes())

    with pytest.raises(StoreUnavailable, match=f"{becomes} while it was in use"):
        say(store, asset("Papers"), expected=1)
    refused: list[StoreUnavailable] = []
    thread = threading.Thread(target=lambda: refused.append(refusal_of(store)))
    thread.start()
    thread.join()
    assert path.exists() == (becomes == "replaced"), "no empty file in its place"
    assert becomes in str(refused[0])

    aside.rename(path)
    say(store, asset("Papers"), expected=1)
    assert isinstance(store.verify(), Verified)


def refusal_of(store: SqliteStore) -> StoreUnavailable:
    """What a thread reads that opens a connection of its own now."""
    with pytest.raises(StoreUnavailable) as refused:
        store.state(StreamId("T1/TM-1"))
    return refused.value


def test_a_connection_opened_as_the_file_is_deleted_puts_no_empty_one_in_its_place(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(store, started())
    database, check = store.database, store.database.check_file
    aside = database.path.with_suffix(".aside")

    def look_and_lose() -> None:
        check()
        if database.path.exists():
            database.path.rename(aside)

    monkeypatch.setattr(database, "check_file", look_and_lose)
    with pytest.raises(StoreUnavailable, match="was deleted while it was in use"):
        database.open()

    assert not database.path.exists()
    aside.rename(database.path)
    assert versions(store) == [1]
