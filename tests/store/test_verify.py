"""The hash chain: whatever was changed afterwards is found, and named."""

import random
import sqlite3
from pathlib import Path

import pytest

from bot.store import Fault, Head, SqliteStore, StreamId, Verified, open_store
from tests.depth import deep_also
from tests.store.saying import HOUSE, asset, plainly, say, started

COLUMNS = (
    "position",
    "tenant",
    "sequence",
    "stream",
    "version",
    "type",
    "schema",
    "salt",
    "data",
    "meta",
    "recorded_at",
    "digest",
    "hash",
)
EVENTS = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed database with eight events in two streams of one workspace, and one of another."""
    path = tmp_path / "threatmodel.db"
    store = open_store(f"sqlite:///{path}")
    say(store, started(), asset("Valuables"))
    say(store, started(), stream=StreamId("T2/TM-1"))
    say(store, started(), stream=StreamId("T1/TM-2"))
    for number in range(2, 6):
        say(store, asset(f"Asset {number}", number=number), expected=number)
    store.close()
    return path


def verify(path: Path) -> Verified | Fault:
    store = open_store(f"sqlite:///{path}")
    try:
        return store.verify()
    finally:
        store.close()


def test_an_untouched_record_is_sound(path: Path) -> None:
    sound = verify(path)

    assert isinstance(sound, Verified)
    assert (sound.events, sound.erased) == (EVENTS, 0)
    assert [(head.tenant, head.sequence) for head in sound.heads] == [("T1", 7), ("T2", 1)]


def test_every_column_of_the_table_is_looked_at(path: Path) -> None:
    assert {row[1] for row in plainly(path, "PRAGMA table_info(events)")} == set(COLUMNS)


@pytest.mark.parametrize("position", [1, 5, EVENTS, *deep_also(*((one,) for one in (2, 3, 4, 6, 7)))])
@pytest.mark.parametrize("column", COLUMNS)
def test_one_flipped_bit_is_found_and_named(path: Path, column: str, position: int) -> None:
    stream, version = plainly(path, f"SELECT stream, version FROM events WHERE rowid = {position}")[0]
    flipped = flip_stored(path, column, position)

    fault = verify(path)

    assert isinstance(fault, Fault), f"{column} of event {position} became {flipped!r} unseen"
    if column == "stream":
        assert fault.version == version
    elif column == "version":
        assert fault.stream == stream
    else:
        assert (fault.stream, fault.version) == (stream, version), fault


def flip_stored(path: Path, column: str, position: int) -> object:
    """Flip one bit through SQL, as somebody with the file and a shell would; returns the new value."""
    value = plainly(path, f"SELECT {column} FROM events WHERE rowid = {position}")[0][0]
    seed = f"{column} {position}"
    changed = flipped(value, random.Random(seed))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER events_are_only_erased")
    cast = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
    connection.execute(f"UPDATE events SET {column} = {cast} WHERE rowid = ?", (changed, position))
    connection.close()
    return changed


def flipped(value: object, chance: random.Random) -> int | bytes:
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(4, 31))
    held = bytearray(value.encode() if isinstance(value, str) else bytes(value))  # pyright: ignore[reportArgumentType]  (a text or a blob)
    held[chance.randrange(len(held))] ^= 1 << chance.randrange(8)
    return bytes(held)


@pytest.mark.parametrize("seed", range(12))
def test_one_flipped_bit_in_the_file_itself_is_found(path: Path, seed: int) -> None:
    raw = bytearray(path.read_bytes())
    words = raw.index(b"Asset 4")
    offset = words - random.Random(seed).randrange(60)
    raw[offset] ^= 1 << random.Random(seed).randrange(7)
    path.write_bytes(raw)

    fault = verify(path)

    assert isinstance(fault, Fault)
    assert (fault.stream, fault.version) == (HOUSE, 5), f"seed {seed}: {fault}"


@pytest.mark.parametrize(
    ("change", "named", "what"),
    [
        ("DELETE FROM events WHERE rowid = 5", ("T1", 5), "event 4 is missing before it"),
        (
            "DELETE FROM events WHERE rowid = 1",
            ("T1", 2),
            "its workspace was altered, or the events before",
        ),
        ("DELETE FROM events WHERE rowid = 8", ("T1", 7), "the end of the stream is missing"),
        ("UPDATE events SET position = 99 WHERE rowid = 5", ("T1", 4), "its position"),
        ("UPDATE events SET sequence = 99 WHERE rowid = 5", ("T1", 99), "its sequence was 4"),
        ("UPDATE events SET salt = NULL WHERE rowid = 5", ("T1", 4), "an erasure"),
        ("UPDATE events SET data = NULL WHERE rowid = 5", ("T1", 4), "an erasure"),
        ("UPDATE events SET type = 'AssetRevised' WHERE rowid = 5", ("T1", 4), "was altered"),
    ],
)
def test_the_fault_says_what_was_done(path: Path, change: str, named: tuple[str, int], what: str) -> None:
    plainly(path, change, without_triggers=True)

    fault = verify(path)

    assert isinstance(fault, Fault)
    assert (fault.tenant, fault.sequence) == named
    assert what in str(fault)


def test_a_damaged_index_is_found_though_every_event_is_as_it_was(path: Path) -> None:
    index = "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_events_1'"
    ((page,),) = plainly(path, index)
    ((size,),) = plainly(path, "PRAGMA page_size")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"T1/TM-2", (page - 1) * size)] ^= 1
    path.write_bytes(raw)

    fault = verify(path)

    assert isinstance(fault, Fault)
    assert fault.stream is None
    assert "index" in str(fault)


def test_a_flipped_workspace_does_not_escape_the_check_of_one_workspace(path: Path) -> None:
    plainly(path, "UPDATE events SET tenant = 'T9' WHERE rowid = 5", without_triggers=True)
    store = open_store(f"sqlite:///{path}")

    fault = store.verify("T1")
    sound = store.verify("T2")
    store.close()

    assert isinstance(fault, Fault)
    assert "event 4 is missing" in fault.what
    assert isinstance(sound, Verified)
    assert sound.events == 1


def test_a_letter_moved_to_the_next_column_does_not_go_unseen(path: Path) -> None:
    plainly(
        path,
        "UPDATE events SET meta = rtrim(meta, '}'), recorded_at = '}' || recorded_at WHERE rowid = 5",
        without_triggers=True,
    )

    assert isinstance(verify(path), Fault)


def test_a_tail_cut_with_its_traces_is_seen_by_a_witness_only(path: Path) -> None:
    before = verify(path)
    assert isinstance(before, Verified)
    plainly(
        path,
        "DELETE FROM events WHERE rowid = 8",
        "UPDATE streams SET version = 5 WHERE stream = 'T1/TM-1'",
        "DELETE FROM commands WHERE stream = 'T1/TM-1' AND version = 6",
        "UPDATE heads SET sequence = 6, commands = commands - 1, "
        "hash = (SELECT hash FROM events WHERE tenant = 'T1' AND sequence = 6) WHERE tenant = 'T1'",
        "UPDATE positions SET last = 7",
        without_triggers=True,
    )
    store = open_store(f"sqlite:///{path}")

    assert isinstance(store.verify(), Verified)
    fault = store.verify(witnessed=before.heads)
    store.close()

    assert str(fault) == "event 7 of workspace T1: it was recorded by the witness and is missing"


def test_a_record_rewritten_from_some_point_on_is_seen_by_a_witness(path: Path, store: SqliteStore) -> None:
    del store
    (head,) = [head for head in _heads(path) if head.tenant == "T1"]
    forged = Head(tenant="T1", sequence=head.sequence, hash=bytes(32))
    store = open_store(f"sqlite:///{path}")

    fault = store.verify(witnessed=[forged])
    sound = store.verify(witnessed=[head])
    store.close()

    assert isinstance(fault, Fault)
    assert fault.what == "it differs from the event recorded by the witness"
    assert isinstance(sound, Verified)


def _heads(path: Path) -> list[Head]:
    store = open_store(f"sqlite:///{path}")
    try:
        return store.heads()
    finally:
        store.close()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM events",
        "UPDATE events SET type = 'X' WHERE rowid = 1",
        "UPDATE events SET data = 'X' WHERE rowid = 1",
        "UPDATE events SET data = NULL WHERE rowid = 1",
        "UPDATE events SET salt = NULL, data = NULL, type = 'X' WHERE rowid = 1",
        *(
            f"UPDATE events SET salt = NULL, data = NULL, {c} = {c} || '1'"
            for c in COLUMNS
            if c not in ("salt", "data")
        ),
    ],
)
def test_the_table_itself_refuses_any_change_but_erasing(path: Path, change: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"events are never|cannot store"):
        plainly(path, change)
