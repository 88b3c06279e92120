"""Whatever somebody with access to the server changes beside the events, `verify` finds and names it."""

import random
import re

import psycopg
import pytest

from bot.store import Fault, Head, StreamId, Verified
from bot.store.postgres.postgres_store import PostgresStore
from tests.depth import DEEP
from tests.store.forgeries import FORGERIES, fill
from tests.store.saying import asset, say, started
from tests.store.test_verify import COLUMNS

THE_FOURTH = "tenant = 'T1' AND sequence = 4"
IN_A_FILE = {name for name, (_, named) in FORGERIES.items() if named.startswith("the database: ")}
"""A file counts all events ever recorded in it; on a server, all workspaces would wait for that row."""


@pytest.fixture
def full(store: PostgresStore) -> PostgresStore:
    """Two workspaces; one model with an erased entry, one with an open round."""
    fill(store)
    return store


@pytest.fixture
def kept(store: PostgresStore) -> PostgresStore:
    """Eight events in two streams of one workspace, and one of another."""
    say(store, started(), asset("Valuables"))
    say(store, started(), stream=StreamId("T2/TM-1"))
    say(store, started(), stream=StreamId("T1/TM-2"))
    for number in range(2, 6):
        say(store, asset(f"Asset {number}", number=number), expected=number)
    return store


def forge(url: str, *statements: str) -> None:
    """Run SQL that no trigger sees, as whoever owns the tables can."""
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(for_the_server(statement).encode())


def for_the_server(statement: str) -> str:
    """Return a statement that was written for a file."""
    statement = statement.replace("zeroblob(32)", "decode(repeat('00', 32), 'hex')")
    return re.sub(r"\bx'([0-9a-f]*)'", r"'\\x\1'::bytea", statement)


def test_an_unforged_database_is_valid(full: PostgresStore) -> None:
    sound = full.verify()

    assert isinstance(sound, Verified), sound
    assert (sound.events, sound.erased) == (16, 1)


@pytest.mark.parametrize("name", sorted(set(FORGERIES) - IN_A_FILE))
def test_a_forgery_is_found_and_named(full: PostgresStore, url: str, name: str) -> None:
    statements, named = FORGERIES[name]
    forge(url, *statements)

    fault = full.verify()

    assert isinstance(fault, Fault), f"{name} went unseen"
    assert named in str(fault)


@pytest.mark.parametrize("name", sorted(IN_A_FILE))
def test_a_workspace_that_is_gone_with_its_note_is_missed_by_a_witness(
    full: PostgresStore, url: str, name: str
) -> None:
    heads = full.heads()
    forge(url, *FORGERIES[name][0])

    assert isinstance(full.verify(), Verified)
    fault = full.verify(witnessed=heads)

    assert isinstance(fault, Fault)
    assert fault.what == "it was recorded by the witness and is missing"


@pytest.mark.parametrize("sequence", range(1, 8) if DEEP else [1, 4])
@pytest.mark.parametrize("column", COLUMNS)
def test_one_flipped_bit_is_found_and_named(
    kept: PostgresStore, url: str, column: str, sequence: int
) -> None:
    where = f"tenant = 'T1' AND sequence = {sequence}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        row = connection.execute(f"SELECT {column}, stream, version FROM events WHERE {where}".encode())
        found = row.fetchone()
        assert found is not None
        value, stream, version = found
        flipped = flip(value, random.Random(f"{column} {sequence}"))
        connection.execute(f"UPDATE events SET {column} = %s WHERE {where}".encode(), (flipped,))

    fault = kept.verify()

    assert isinstance(fault, Fault), f"{column} of event {sequence} became {flipped!r} unseen"
    if column == "stream":
        assert fault.version == version
    elif column == "version":
        assert fault.stream == stream
    elif column in ("tenant", "sequence"):
        # It is out of its place: found there, or missed before the event that follows it.
        assert fault.sequence == sequence + 1 or (fault.stream, fault.version) == (stream, version), fault
    else:
        assert (fault.stream, fault.version) == (stream, version), fault


def flip(value: object, chance: random.Random) -> object:
    """Flip one bit; a text stays one that a server can store."""
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(4, 31))
    if isinstance(value, bytes):
        held = bytearray(value)
        held[chance.randrange(len(held))] ^= 1 << chance.randrange(8)
        return bytes(held)
    assert isinstance(value, str)
    place = chance.randrange(len(value))
    return f"{value[:place]}{chr(ord(value[place]) ^ 1)}{value[place + 1 :]}"


@pytest.mark.parametrize(
    ("changes", "named", "what"),
    [
        ([f"DELETE FROM events WHERE {THE_FOURTH}"], ("T1", 5), "event 4 is missing before it"),
        (
            ["DELETE FROM events WHERE tenant = 'T1' AND sequence = 1"],
            ("T1", 2),
            "its workspace was altered, or the events before",
        ),
        (
            ["DELETE FROM events WHERE tenant = 'T1' AND sequence = 7"],
            ("T1", 7),
            "the end of the stream is missing",
        ),
        (
            [
                f"UPDATE events SET sequence = 99 WHERE {THE_FOURTH}",
                "UPDATE events SET sequence = 4 WHERE tenant = 'T1' AND sequence = 5",
                "UPDATE events SET sequence = 5 WHERE tenant = 'T1' AND sequence = 99",
            ],
            ("T1", 4),
            "its position, type, times or hash was altered",
        ),
        (
            [
                f"UPDATE events SET version = 99 WHERE {THE_FOURTH}",
                "UPDATE events SET version = 3 WHERE tenant = 'T1' AND sequence = 5",
                "UPDATE events SET version = 4 WHERE version = 99",
            ],
            ("T1", 4),
            "its position, type, times or hash was altered",
        ),
        ([f"UPDATE events SET salt = NULL WHERE {THE_FOURTH}"], ("T1", 4), "an erasure"),
        ([f"UPDATE events SET tenant = 'T9' WHERE {THE_FOURTH}"], ("T1", 5), "event 4 is missing before it"),
    ],
)
def test_the_fault_says_what_was_done(
    kept: PostgresStore, url: str, changes: list[str], named: tuple[str, int], what: str
) -> None:
    forge(url, *changes)

    fault = kept.verify()

    assert isinstance(fault, Fault)
    assert (fault.tenant, fault.sequence) == named
    assert what in str(fault)


def test_a_tail_cut_with_its_traces_is_seen_by_a_witness_only(kept: PostgresStore, url: str) -> None:
    heads = kept.heads()
    forge(
        url,
        "DELETE FROM events WHERE tenant = 'T1' AND sequence = 7",
        "UPDATE streams SET version = 5 WHERE stream = 'T1/TM-1'",
        "DELETE FROM commands WHERE stream = 'T1/TM-1' AND version = 6",
        "UPDATE heads SET sequence = 6, commands = commands - 1, "
        "hash = (SELECT hash FROM events WHERE tenant = 'T1' AND sequence = 6) WHERE tenant = 'T1'",
    )

    assert isinstance(kept.verify(), Verified)
    assert str(kept.verify(witnessed=heads)) == (
        "event 7 of workspace T1: it was recorded by the witness and is missing"
    )


def test_a_record_rewritten_from_some_point_on_is_seen_by_a_witness(kept: PostgresStore) -> None:
    (head,) = [head for head in kept.heads() if head.tenant == "T1"]

    fault = kept.verify(witnessed=[Head(tenant="T1", sequence=head.sequence, hash=bytes(32))])

    assert isinstance(fault, Fault)
    assert fault.what == "it differs from the event recorded by the witness"
    assert isinstance(kept.verify(witnessed=[head]), Verified)


REFUSED = [
    "DELETE FROM events",
    f"DELETE FROM events WHERE {THE_FOURTH}",
    "TRUNCATE events",
    "TRUNCATE heads",
    "TRUNCATE removals",
    "DELETE FROM heads WHERE tenant = 'T2'",
    "UPDATE events SET data = 'X' WHERE sequence = 1",
    "UPDATE events SET data = NULL WHERE sequence = 1",
    *(
        f"UPDATE events SET salt = NULL, data = NULL, {column} = {value}"
        for column in COLUMNS
        if column not in ("salt", "data")
        for value in (
            f"{column} + 1"
            if column in ("position", "sequence", "version", "schema")
            else f"{column} || '1'",
        )
    ),
]


@pytest.mark.parametrize("change", REFUSED)
def test_the_tables_refuse_any_change_of_events_but_erasing(
    kept: PostgresStore, url: str, change: str
) -> None:
    with (
        psycopg.connect(url) as connection,
        pytest.raises(psycopg.errors.RaiseException, match=r"never (deleted|changed|emptied)"),
    ):
        connection.execute(change.encode())
    assert isinstance(kept.verify(), Verified)


def test_a_record_of_a_removed_workspace_is_final(full: PostgresStore, url: str) -> None:
    assert full.remove_workspace("T2") is not None

    for change in (
        "DELETE FROM removals",
        "TRUNCATE removals",
        "UPDATE removals SET at = at",
        "UPDATE removals SET tenant = 'T3'",
        "UPDATE removals SET sequence = sequence + 1",
        "INSERT INTO removals SELECT * FROM removals ON CONFLICT (tenant, hash) DO UPDATE SET sequence = 1",
    ):
        with (
            psycopg.connect(url) as connection,
            pytest.raises(psycopg.errors.RaiseException, match=r"never (deleted|changed|emptied)"),
        ):
            connection.execute(change.encode())
        assert isinstance(full.verify(), Verified), change
    forge(url, "DELETE FROM removals")
    assert "workspace T2: `counters` has the workspace," in str(full.verify())
