"""Whatever somebody with the file and a shell changes beside the events, `verify` finds and names it."""

import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, Fault, SqliteStore, StreamId, Verified, open_store
from domain.commands import AddAsset, StartThreatModel
from domain.kernel.elements import ChannelId
from tests.examples import ANA, at
from tests.store.forgeries import FORGERIES, OTHER, VOTE, add_asset, fill
from tests.store.saying import plainly, say, started


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "threatmodel.db"
    store = open_store(f"sqlite:///{path}")
    fill(store)
    store.close()
    return path


def verify(path: Path) -> Verified | Fault:
    store = open_store(f"sqlite:///{path}")
    try:
        return store.verify()
    finally:
        store.close()


def forge(path: Path, *statements: str) -> None:
    triggers = [name for (name,) in plainly(path, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")]
    plainly(path, *(f"DROP TRIGGER {name}" for name in triggers), *statements)


def test_an_unforged_file_is_valid(path: Path) -> None:
    sound = verify(path)

    assert isinstance(sound, Verified), sound
    assert (sound.events, sound.erased) == (16, 1)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_and_named(path: Path, name: str) -> None:
    statements, named = FORGERIES[name]
    forge(path, *statements)

    fault = verify(path)

    assert isinstance(fault, Fault), f"{name} went unseen"
    assert named in str(fault)


def test_a_fault_of_another_workspace_is_left_out_when_one_is_asked_for(path: Path) -> None:
    forge(path, "DELETE FROM counters WHERE tenant = 'T2'")
    store = open_store(f"sqlite:///{path}")

    assert isinstance(store.verify("T1"), Verified)
    assert isinstance(store.verify("T2"), Fault)
    store.close()


def test_a_model_that_comes_with_its_key_takes_its_number(store: SqliteStore) -> None:
    say(store, started("TM-3"), stream=StreamId("T1/TM-3"))

    begun = CommandHandler(store).start(
        StartThreatModel(by=ANA, at=at(0), name="Next", channel=ChannelId("C1")),
        tenant="T1",
        key=CommandKey("next"),
    )

    assert begun.stream == "T1/TM-4"
    assert isinstance(store.verify(), Verified)


def test_checking_tells_how_far_it_is(store: SqliteStore) -> None:
    say(store, started(), *VOTE[1:], *(VOTE[-1],) * 2000)
    told: list[tuple[int, int]] = []

    store.verify(progress=lambda done, steps: told.append((done, steps)))

    assert {steps for _, steps in told} == {2 * 2006}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[0][0] <= 1000
    assert told[-1][0] > 2006, "it goes on being told while models are folded"


def test_a_workspace_that_is_removed_leaves_the_end_of_its_chain_and_nothing_else(path: Path) -> None:
    store = open_store(f"sqlite:///{path}")
    (head,) = [one for one in store.heads() if one.tenant == "T1"]
    secret = [one.name for one in path.parent.iterdir() if b"Asset 5" in one.read_bytes()]
    assert secret

    assert store.remove_workspace("T1") == head
    assert store.remove_workspace("T1") is None

    assert not [one.name for one in path.parent.iterdir() if b"Asset 5" in one.read_bytes()]
    sound = store.verify(witnessed=[head])
    assert isinstance(sound, Verified), sound
    assert (sound.events, sound.removed) == (1, (head,))
    assert isinstance(store.verify(witnessed=[replace(head, hash=bytes(32))]), Fault)
    # The workspace may come back, from its beginning.
    say(store, started())
    again = store.verify()
    assert isinstance(again, Verified), again
    assert {one.tenant: one.sequence for one in again.heads} == {"T1": 1, "T2": 1}
    store.close()


def test_a_removed_workspace_whose_record_is_gone_is_found(path: Path) -> None:
    store = open_store(f"sqlite:///{path}")
    store.remove_workspace("T2")
    store.close()
    for change in (
        "DELETE FROM removals",
        "UPDATE removals SET at = at",
        "UPDATE removals SET tenant = 'T3'",
        "UPDATE removals SET sequence = sequence + 1",
        "INSERT OR REPLACE INTO removals SELECT tenant, 1, hash, at FROM removals",
        "INSERT INTO removals SELECT * FROM removals WHERE TRUE ON CONFLICT DO UPDATE SET sequence = 1",
    ):
        with pytest.raises(sqlite3.IntegrityError, match=r"removals are never (deleted|changed)"):
            plainly(path, change)
        assert isinstance(verify(path), Verified), change
    forge(path, "DELETE FROM removals")
    assert "workspace T2: `counters` has the workspace," in str(verify(path))
    plainly(path, "DELETE FROM counters WHERE tenant = 'T2'")

    assert "events are missing at positions 10; 1 are missing, and 0 belong" in str(verify(path))


def test_the_end_of_a_chain_that_is_gone_with_every_note_of_it_is_missed_where_another_workspace_went_on(
    path: Path,
) -> None:
    """Nothing in T2 speaks of its last command any more; the next event of T1 counts what was before it."""
    store = open_store(f"sqlite:///{path}")
    handler = CommandHandler(store)
    theirs = AddAsset(by=ANA, at=at(7), name="Theirs")
    handler.execute(theirs, stream=OTHER, key=CommandKey("theirs"))
    add_asset(handler, 10)
    store.close()
    (begun,) = plainly(path, "SELECT hash FROM events WHERE tenant = 'T2' AND sequence = 1")[0]
    forge(
        path,
        "DELETE FROM events WHERE tenant = 'T2' AND sequence = 2",
        "DELETE FROM commands WHERE tenant = 'T2' AND first = 2",
        f"UPDATE heads SET sequence = 1, commands = 1, hash = x'{begun.hex()}' WHERE tenant = 'T2'",
        "UPDATE streams SET version = 1 WHERE tenant = 'T2'",
    )

    assert "events are missing at positions 17; 1 are missing, and 0 belong" in str(verify(path))


@pytest.mark.parametrize("table", ["events", "heads"])
def test_nothing_of_the_chain_is_deleted_without_a_record(path: Path, table: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        plainly(path, f"DELETE FROM {table} WHERE tenant = 'T2'")
