"""Files from before events had the workspace first in their key: no event is changed, and none is lost."""

import lzma
import sqlite3
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.store import Fault, StoreUnavailable, StreamId, Verified, open_store
from bot.store.sqlite import event_key_migration
from tests.store.saying import plainly, say, started

FILE = Path(__file__).parent / "fixtures" / "2026-11-27-work-queue.db.xz"
EVENTS = 40
ALL = "SELECT position, tenant, sequence, stream, version, data, hash FROM events ORDER BY position"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "threatmodel.db"
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    return path


def test_every_event_is_as_it_was_and_the_next_one_follows(path: Path) -> None:
    before = plainly(path, ALL)
    store = open_store(f"sqlite:///{path}")

    assert plainly(path, ALL) == before
    say(store, started("TM-9"), stream=StreamId("T1/TM-9"))

    sound = store.verify()
    assert isinstance(sound, Verified), sound
    assert plainly(path, "SELECT max(position), count(*) FROM events") == [(EVENTS + 1, EVENTS + 1)]
    store.close()


def test_the_workspace_is_first_in_the_key(path: Path) -> None:
    open_store(f"sqlite:///{path}").close()

    columns = plainly(path, "PRAGMA table_info(events)")
    assert [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]] == ["tenant", "sequence"]


def test_positions_that_an_earlier_release_gave_are_not_given_again(path: Path) -> None:
    """The count of an earlier release said that three events followed which are not there."""
    plainly(path, "UPDATE sqlite_sequence SET seq = seq + 3 WHERE name = 'events'")
    store = open_store(f"sqlite:///{path}")
    say(store, started("TM-9"), stream=StreamId("T1/TM-9"))

    fault = store.verify()

    assert isinstance(fault, Fault)
    assert "events are missing at positions 41 to 43; 3 are missing" in str(fault)
    assert plainly(path, "SELECT max(position) FROM events") == [(EVENTS + 4,)]
    store.close()


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    before = (plainly(path, schema), plainly(path, ALL))

    def fail(db: object) -> None:
        del db
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(event_key_migration, "_guard", fail)
        with pytest.raises(StoreUnavailable):
            open_store(f"sqlite:///{path}")

    assert (plainly(path, schema), plainly(path, ALL)) == before
    store = open_store(f"sqlite:///{path}")
    assert isinstance(store.verify(), Verified)
    store.close()


def test_a_long_migration_logs_its_progress(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_key_migration, "_EVENTS_PER_STATEMENT", 15)
    monkeypatch.setattr(event_key_migration, "_SECONDS_BETWEEN_MESSAGES", 0.0)

    with capture_logs() as logs:
        open_store(f"sqlite:///{path}").close()

    progress = [(15, EVENTS), (30, EVENTS), (EVENTS, EVENTS)]
    assert [(one["events"], one["of"]) for one in logs] == 2 * progress, "one step each for key and positions"
