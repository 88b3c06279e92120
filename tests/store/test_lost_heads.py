"""The end of a database's log is lost: the ends of the chains that are kept outside of it show that."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from bot.store import (
    Fault,
    Head,
    Store,
    StoreUnavailable,
    StreamId,
    Verified,
    durable_files,
    open_database,
    open_store,
)
from bot.store.copying import copy_workspaces
from bot.store.durable_files import replace_file
from tests.emptied_database import KEY, empty_database
from tests.store.crew import let_go, worker
from tests.store.saying import HOUSE, LISTED, TENANT, asset, say, started


@dataclass
class Place:
    """A database with the file of its ends, opened again and again as by processes that follow each other."""

    url: str
    heads: Path
    setting: Path | None

    def open(self) -> Store:
        return open_database(self.url, key=KEY, heads=self.setting)


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "file":
        return Place(f"sqlite:///{tmp_path}/kept.db", tmp_path / "kept.db.heads", None)
    return Place(empty_database(), tmp_path / "ends", tmp_path / "ends")


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    opened = place.open()
    yield opened
    opened.close()


def later_than(head: Head) -> Head:
    return Head(tenant=head.tenant, sequence=head.sequence + 1, hash=bytes(32))


def test_a_log_damaged_in_place_loses_nothing_unnoticed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/damaged.db"
    begun = open_store(url)
    say(begun, started())
    begun.close()
    log = tmp_path / "damaged.db-wal"
    serving = worker("pause", url, "1")
    let_go(serving)
    assert serving.stdout
    assert [serving.stdout.readline() for _ in range(3)] == ["done 1\n", "done 2\n", "done 3\n"]
    beside = open_store(url)
    assert beside.note_heads() == []
    acknowledged = beside.heads()
    beside.close()

    size = log.stat().st_size
    with log.open("r+b") as frames:
        frames.seek(size // 2)
        frames.write(b"\0" * (size // 2))
    serving.kill()
    serving.communicate()

    again = open_store(url)
    (left,) = again.heads()
    assert left.sequence < acknowledged[0].sequence
    assert again.note_heads() == acknowledged, "a start says so"
    assert again.note_heads() == acknowledged, "and so does the next one"
    found = again.verify()
    assert isinstance(found, Fault)
    assert str(found) == (
        f"event {acknowledged[0].sequence} of workspace T1: it was acknowledged and is missing; "
        f"the chain ends at {left.sequence}"
    )
    again.close()


def test_ends_are_kept_in_a_private_file(place: Place, store: Store) -> None:
    say(store, started(), summary=LISTED)
    assert store.note_heads() == []
    (head,) = store.heads()
    assert place.heads.read_text() == f"{TENANT}:{head.sequence}:{head.hash.hex()}\n"
    assert place.heads.stat().st_mode & 0o777 == 0o600
    say(store, asset("Key"), expected=1)
    assert store.note_heads() == []
    assert isinstance(store.verify(), Verified)
    assert place.heads.read_text().startswith(f"{TENANT}:{head.sequence + 1}:")


def test_an_end_that_is_missing_is_reported_until_it_is_accepted(place: Place, store: Store) -> None:
    say(store, started(), summary=LISTED)
    (head,) = store.heads()
    lost = later_than(head)
    place.heads.write_text(f"{TENANT}:{lost.sequence}:{lost.hash.hex()}\n")
    for count in range(1, 3):
        # Events that are recorded now do not take the place of the missing ones.
        assert store.note_heads() == [lost]
        say(store, asset(f"Key {count}", number=count), expected=count)
    found = store.verify()
    assert isinstance(found, Fault)
    assert found.what.startswith("it was acknowledged and is missing")
    assert "threatmodel restored" in found.repair
    assert isinstance(store.verify("T-other"), Verified)

    store.mark_restored()
    assert store.note_heads() == []
    assert isinstance(store.verify(), Verified)


def test_an_erased_workspace_or_text_is_not_missing(store: Store) -> None:
    say(store, started(), summary=LISTED)
    store.note_heads()
    say(store, asset("Key"), expected=1)
    store.erase_stream(HOUSE)
    assert store.note_heads() == []
    say(store, started(), stream=StreamId("T2/TM-1"), summary=LISTED)
    store.remove_workspace(TENANT)
    assert isinstance(store.verify(), Verified)
    assert store.note_heads() == []
    say(store, started(), summary=LISTED)
    assert store.note_heads() == []


def test_replicas_share_the_file(place: Place, store: Store) -> None:
    other = place.open()
    for count in range(3):
        say(
            store, asset(f"Key {count}", number=count) if count else started(), expected=count, summary=LISTED
        )
        assert (other if count % 2 else store).note_heads() == []
    assert isinstance(other.verify(), Verified)
    other.close()


def test_replicas_with_the_same_process_id_do_not_write_into_each_others_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container, the bot is process 1."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    settled, names = os.fsync, iter(["one", "another"])
    monkeypatch.setattr(durable_files, "gethostname", lambda: next(names))

    def other_writes_meanwhile(file: int) -> None:
        monkeypatch.setattr(os, "fsync", settled)
        replace_file(tmp_path / "ends", "of another\n")
        settled(file)

    monkeypatch.setattr(os, "fsync", other_writes_meanwhile)
    replace_file(tmp_path / "ends", "of one\n")
    assert (tmp_path / "ends").read_text() == "of one\n"
    assert [path.name for path in tmp_path.iterdir()] == ["ends"]


def test_without_a_file_a_replica_compares_what_it_saw_itself() -> None:
    url = empty_database()
    store = open_database(url, key=KEY)
    say(store, started(), summary=LISTED)
    (head,) = store.heads()
    assert store.note_heads() == []
    with psycopg.connect(url, autocommit=True) as server:
        # As after a failover to a standby that had not received the event yet.
        server.execute("SET session_replication_role = replica")
        server.execute("DELETE FROM events")
        server.execute("DELETE FROM heads")
    assert store.note_heads() == [head]
    store.close()


def test_a_copy_and_a_backup_have_no_missing_end(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/first.db", key=KEY)
    say(store, started(), summary=LISTED)
    store.backup(tmp_path / "backup.db")
    say(store, asset("Key"), expected=1)
    store.note_heads()
    for url in (f"sqlite:///{tmp_path}/backup.db", empty_database()):
        copy = open_database(url, key=KEY)
        if url.startswith("postgresql:"):
            copy_workspaces(store.copy_source(), copy.copy_target())
        assert copy.note_heads() == []
        assert isinstance(copy.verify(), Verified)
        copy.close()
    store.close()


def test_a_backup_in_the_place_of_the_database_lacks_what_came_later(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    store = open_store(f"sqlite:///{path}")
    say(store, started(), summary=LISTED)
    store.backup(tmp_path / "backup.db")
    say(store, asset("Key"), expected=1)
    store.note_heads()
    (head,) = store.heads()
    store.close()
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    (tmp_path / "backup.db").rename(path)

    restored = open_store(f"sqlite:///{path}")
    assert isinstance(restored.verify(), Fault)
    assert restored.note_heads() == [head]
    restored.mark_restored()
    assert isinstance(restored.verify(), Verified)
    restored.close()


def test_a_damaged_file_of_ends_is_named_and_not_overwritten(place: Place, store: Store) -> None:
    say(store, started(), summary=LISTED)
    for damaged in ("T1:3\n", f"3:{'0' * 64}\n", "\N{GREEK SMALL LETTER ALPHA}\n"):
        place.heads.write_text(damaged)
        for ask in (store.note_heads, store.verify):
            with pytest.raises(StoreUnavailable, match=r"HEADS_FILE: .* `threatmodel restored`"):
                ask()
        assert place.heads.read_text() == damaged
    store.mark_restored()
    assert isinstance(store.verify(), Verified)
