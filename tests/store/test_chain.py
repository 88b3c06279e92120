"""The chain itself: what a hash stands for, for ever, and that no event can be rewritten alone."""

import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import fields, replace

from bot.store import Fault, SqliteStore, chain
from tests.store.saying import asset, plainly, say, started

LINK = chain.Link(
    position=7,
    tenant=b"T1",
    sequence=5,
    stream=b"T1/TM-1",
    version=3,
    type=b"AssetAdded",
    schema=2,
    meta=b'{"release":"1"}',
    recorded_at=b"2026-11-24T12:00:00.000000Z",
)
SAID = chain.digest(b"salt" * 4, b'{"type":"AssetAdded"}')


def test_a_hash_is_made_today_as_it_was_made_first() -> None:
    assert SAID.hex() == "2576eb4400156634aaa6b8a14f7387879349d857474880a527165dddc1a76501"
    assert (
        chain.seal(chain.GENESIS, LINK, SAID).hex()
        == "94fef23ac13686d6a74ce266b10289b2e9b2baf5febbb0f94dbd7db0d6c7d66a"
    )


@pytest.mark.parametrize("name", [field.name for field in fields(chain.Link)])
def test_every_field_is_in_the_hash(name: str) -> None:
    value = getattr(LINK, name)
    changed = replace(LINK, **{name: value + 1 if isinstance(value, int) else value + b"1"})

    assert chain.seal(chain.GENESIS, changed, SAID) != chain.seal(chain.GENESIS, LINK, SAID)


def test_the_words_and_the_hash_before_are_in_the_hash() -> None:
    sealed = chain.seal(chain.GENESIS, LINK, SAID)

    assert chain.seal(chain.GENESIS, LINK, bytes(32)) != sealed
    assert chain.seal(SAID, LINK, SAID) != sealed


@pytest.fixture
def path(store: SqliteStore) -> Path:
    """A record of four events."""
    say(store, started(), *(asset(f"Asset {number}", number=number) for number in range(1, 4)))
    return store.database.path


def test_a_letter_moved_from_the_words_to_their_salt_does_not_go_unseen(
    store: SqliteStore, path: Path
) -> None:
    plainly(
        path,
        "UPDATE events SET salt = CAST(salt || substr(data, 1, 1) AS BLOB), data = substr(data, 2) "
        "WHERE version = 2",
        without_triggers=True,
    )

    fault = store.verify()

    assert isinstance(fault, Fault)
    assert fault.version == 2


def test_words_rewritten_with_a_digest_of_their_own_are_found(store: SqliteStore, path: Path) -> None:
    _rewrite(path, 2, sealed=False)

    fault = store.verify()

    assert isinstance(fault, Fault)
    assert fault.version == 2


def test_an_event_rewritten_with_a_hash_of_its_own_is_found_by_the_next(
    store: SqliteStore, path: Path
) -> None:
    _rewrite(path, 2, sealed=True)

    fault = store.verify()

    assert isinstance(fault, Fault)
    assert fault.version == 3


def _rewrite(path: Path, version: int, *, sealed: bool) -> None:
    """Put other words into an event as somebody would who knows how digests and hashes are made."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = bytes
    names = chain.Link.__struct_fields__
    of = f"FROM events WHERE version = {version}"
    salt, data = connection.execute(f"SELECT salt, data {of}").fetchone()
    kept = connection.execute(f"SELECT {', '.join(names)} {of}").fetchone()
    link = chain.Link(**dict(zip(names, kept, strict=True)))
    (previous,) = connection.execute(f"SELECT hash FROM events WHERE version = {version - 1}").fetchone()
    forged = data.replace(b"Asset", b"Other")
    said = chain.digest(salt, forged)
    connection.execute("DROP TRIGGER events_are_only_erased")
    connection.execute(f"UPDATE events SET data = ?, digest = ? WHERE version = {version}", (forged, said))
    if sealed:
        sealing = chain.seal(previous, link, said)
        connection.execute(f"UPDATE events SET hash = ? WHERE version = {version}", (sealing,))
    connection.close()
