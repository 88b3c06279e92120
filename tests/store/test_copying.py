"""A database is copied with everything that belongs to its workspaces, or not at all."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import Store, StoreUnavailable, StreamId, Verified, open_database
from bot.store.copying import CopyRefused, copy_workspaces
from bot.store.sqlite.copy_ends import SqliteCopyEnd
from bot.store.work_queue import Item, Touch
from tests.emptied_database import KEY, empty_database
from tests.queue_rows import claim_one, claims_of
from tests.store.contract.test_workspaces import BEN, FILLED
from tests.store.saying import HOUSE, LISTED, NOON, asset, plainly, say, started
from tests.store.test_forgeries import forge

TENANTS = ("T1", "T2")


@pytest.fixture
def server() -> Iterator[Store]:
    store = open_database(empty_database(), key=KEY)
    yield store
    store.close()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Store]:
    """A file with two workspaces that have something of everything, one removed, and erased words."""
    store = open_database(f"sqlite:///{tmp_path}/full.db", key=KEY)
    for tenant in (*TENANTS, "T3"):
        say(store, started(), stream=StreamId(f"{tenant}/TM-1"), summary=LISTED)
    for tenant in TENANTS:
        for fill, _ in FILLED.values():
            fill(store.unit(tenant))
    store.erase(HOUSE, [1])
    store.remove_workspace("T3")
    yield store
    store.close()


@pytest.fixture
def empty_file(tmp_path: Path) -> Iterator[Store]:
    store = open_database(f"sqlite:///{tmp_path}/empty.db", key=KEY)
    yield store
    store.close()


def content(store: Store) -> object:
    """Everything that is kept of two workspaces, except what is made again."""
    kept = {
        (tenant, name): seen(store.unit(tenant))
        for tenant in TENANTS
        for name, (_, seen) in FILLED.items()
        if name not in ("events", "portfolio_entries")
    }
    return kept, store.verify(), store.streams(), [store.tail(tenant, 0, 99) for tenant in TENANTS]


def copy(source: Store, target: Store) -> None:
    copy_workspaces(source.copy_source(), target.copy_target())


def test_everything_is_on_the_server_and_in_a_file_again(
    file: Store, server: Store, empty_file: Store
) -> None:
    before = content(file)

    copy(file, server)
    assert content(server) == before

    copy(server, empty_file)
    assert content(empty_file) == before


def test_the_chain_goes_on_after_a_copy_as_it_would_have_before(
    file: Store, server: Store, empty_file: Store
) -> None:
    copy(file, server)
    other = StreamId("T2/TM-1")
    for store in (file, server):
        state = store.state(other)
        assert state is not None
        say(store, asset("Later"), stream=other, expected=state.version, key="later")

    ours, theirs = (store.tail("T2", 0, 99)[-1] for store in (file, server))
    assert (ours.sequence, ours.version) == (theirs.sequence, theirs.version)
    assert isinstance(server.verify(), Verified)
    copy(server, empty_file)
    assert empty_file.heads() == server.heads()
    assert isinstance(empty_file.verify(), Verified)


def test_a_file_misses_what_it_recorded_itself_after_a_copy_into_it(
    file: Store, server: Store, empty_file: Store, tmp_path: Path
) -> None:
    copy(file, server)
    copy(server, empty_file)
    for tenant in ("T4", "T5"):
        say(empty_file, started(), stream=StreamId(f"{tenant}/TM-1"), summary=LISTED)
    assert isinstance(empty_file.verify(), Verified)

    # A copied workspace and an own one are removed, with records.
    empty_file.remove_workspace("T1")
    empty_file.remove_workspace("T4")
    assert isinstance(empty_file.verify(), Verified)

    # A copied workspace comes back from its beginning.
    say(empty_file, started(), stream=StreamId("T1/TM-1"), summary=LISTED)
    assert isinstance(empty_file.verify(), Verified)

    gone = ("events", "commands", "heads", "streams", "counters", "work")
    forge(tmp_path / "empty.db", *(f"DELETE FROM {table} WHERE tenant = 'T5'" for table in gone))
    assert "events are missing at positions" in str(empty_file.verify())


def test_claims_of_the_processes_that_served_are_released(file: Store, server: Store) -> None:
    file.work.touch(Touch(item=Item("T1", "card", "TM-1")))
    claim = claim_one(file.work, "T1", NOON + timedelta(days=3650), exclude=("model",))
    assert claim is not None

    copy(file, server)

    assert claims_of(server.work, "T1") == []
    assert claim_one(server.work, "T1", NOON + timedelta(days=3650)) is not None


def test_a_database_that_has_one_of_the_workspaces_is_refused(file: Store, server: Store) -> None:
    say(server, started(), stream=StreamId("T2/TM-1"), summary=LISTED)

    with pytest.raises(CopyRefused, match="already has workspace T2"):
        copy(file, server)

    assert [head.tenant for head in server.heads()] == ["T2"]


def test_a_server_in_use_is_neither_read_nor_written(file: Store, server: Store, empty_file: Store) -> None:
    with server.serving():
        with pytest.raises(StoreUnavailable, match="in use by a `threatmodel serve`"):
            copy(file, server)
        with pytest.raises(StoreUnavailable, match="in use by a `threatmodel serve`"):
            copy(server, empty_file)
    copy(file, server)


def test_no_replica_starts_during_a_copy(server: Store) -> None:
    with server.copy_source(), pytest.raises(StoreUnavailable, match="being copied"), server.serving():
        pass


TABLES = ("removals", "events", "heads", "commands", "work")


@pytest.mark.parametrize("stopped_at", TABLES)
def test_a_copy_that_is_interrupted_leaves_nothing(
    file: Store,
    server: Store,
    empty_file: Store,
    stopped_at: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = SqliteCopyEnd.rows

    def interrupted(end: SqliteCopyEnd, table: str, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
        for number, row in enumerate(rows(end, table, columns)):
            if table == stopped_at and number:
                raise KeyboardInterrupt
            yield row
        if table == stopped_at:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SqliteCopyEnd, "rows", interrupted)
        for target in (server, empty_file):
            with pytest.raises(KeyboardInterrupt):
                copy(file, target)

    for target in (server, empty_file):
        assert target.heads() == []
        assert isinstance(target.verify(), Verified)
        copy(file, target)


def test_a_damaged_source_is_found_before_anything_is_kept(
    file: Store, server: Store, tmp_path: Path
) -> None:
    plainly(tmp_path / "full.db", "UPDATE events SET meta = '{}' WHERE sequence = 2", without_triggers=True)

    with pytest.raises(CopyRefused, match="does not verify"):
        copy(file, server)

    assert server.heads() == []


def test_a_text_with_the_character_nul_is_copied_with_a_sign_in_its_place(
    file: Store, server: Store, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "full.db") as connection:
        connection.execute("UPDATE slack_people SET name = 'Be' || char(0) || 'n'")

    copy(file, server)

    person = server.unit("T1").directory.person(BEN)
    assert person is not None
    assert person.name == "Be\N{REPLACEMENT CHARACTER}n"
