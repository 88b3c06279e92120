"""A file from before time-driven work was queued: what is owed stays owed, and nothing is sent again."""

import lzma
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from bot.scheduled_jobs.reminder_batches import slot_of
from bot.scheduled_jobs.reminder_work import DUE_REMINDER
from bot.slack.slots.home_slots import HOME, HomeParameters
from bot.store import SqliteStore, StreamId, Verified, open_store
from bot.store.records import StreamState
from bot.store.reminder_store import REMINDERS
from bot.store.salted_digests import matches_salted_digest
from domain.kernel.elements import ModelKey
from domain.reminder_deliveries import DeliveryState
from tests.examples import ANA, BEN, CHI, DEE

FILE = Path(__file__).parent / "fixtures" / "2026-11-27-work-queue.db.xz"
TENANTS = ("T1", "T2")
DEADLINE = datetime(2026, 3, 4, 9, 5, tzinfo=UTC)


@pytest.fixture
def earlier(tmp_path: Path) -> Iterator[SqliteStore]:
    path = tmp_path / "threatmodel.db"
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


def test_work_that_is_named_otherwise_by_now_is_still_due(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    names = {"reveal": "results", "summary": "summaries", "nudges": "sent-reminders"}
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("DELETE FROM work")
        file.executemany(
            "INSERT INTO work (tenant, kind, subject, lane, due) VALUES ('T1', ?, 'TM-1', '', '0')",
            [(name,) for name in names],
        )
    store = open_store(f"sqlite:///{path}")
    for kind in names.values():
        assert store.work.due("T1", kind, NOW) == ["TM-1"]
    store.close()


def test_the_file_verifies(earlier: SqliteStore) -> None:
    found = earlier.verify()

    assert isinstance(found, Verified), found
    assert {one.tenant: one.sequence for one in found.heads} == dict.fromkeys(TENANTS, 20)


@pytest.mark.parametrize("tenant", TENANTS)
def test_an_open_round_is_due_at_its_deadline(earlier: SqliteStore, tenant: str) -> None:
    assert earlier.work.due(tenant, "rounds", DEADLINE.replace(minute=4)) == []
    assert earlier.work.due(tenant, "rounds", DEADLINE) == ["TM-2"]


NOW = datetime(2027, 1, 13, 10, 10, tzinfo=UTC)
"""When the file was left."""


@pytest.mark.parametrize("tenant", TENANTS)
def test_models_wait_for_their_next_look_at_reminders(earlier: SqliteStore, tenant: str) -> None:
    assert earlier.work.due(tenant, REMINDERS, NOW) == ["TM-3"], "it was not looked at yet"
    assert earlier.work.due(tenant, REMINDERS, NOW + timedelta(minutes=10)) == ["TM-1", "TM-3"]
    assert earlier.work.due(tenant, REMINDERS, NOW + timedelta(hours=1)) == ["TM-1", "TM-2", "TM-3"]


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_message_that_may_exist_is_looked_for(earlier: SqliteStore, tenant: str) -> None:
    assert earlier.work.due(tenant, DUE_REMINDER, NOW) == [f"{CHI}/TM-1"]
    claim = earlier.work.claim(tenant, NOW, exclude=[REMINDERS, "rounds"])
    assert claim is not None
    assert (claim.item.kind, claim.lane) == (DUE_REMINDER, f"person/{CHI}")
    (attempt,) = earlier.unit(tenant).reminders.attempts(CHI)
    assert attempt.keys == (f"TM-1:{CHI}:due-today:MI-2:2027-01-13+0",)
    slot = earlier.unit(tenant).deliveries.find(f"reminder/{CHI}/2027-01-13.1")
    assert slot is not None
    assert (slot_of(attempt), slot.is_uncertain) == (slot.slot, True)


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_message_that_reminded_someone_keeps_its_state(earlier: SqliteStore, tenant: str) -> None:
    shown = earlier.unit(tenant).deliveries.find(f"reminder/{BEN}/2027-01-13.2")
    assert shown is not None
    assert (shown.place, shown.external_id, shown.final) == (f"DBEN{tenant}", "7.1", False)
    assert matches_salted_digest(shown.shown, "what it shows"), (
        "it is not edited unless something was done since"
    )


@pytest.mark.parametrize("tenant", TENANTS)
def test_what_became_of_reminders_is_known(earlier: SqliteStore, tenant: str) -> None:
    nudges = earlier.unit(tenant).reminders
    states = {one.to: one.state for one in nudges.of(ModelKey("TM-1")).values()}
    assert states == {
        BEN: DeliveryState.SENT,
        CHI: DeliveryState.CLAIMED,
        DEE: DeliveryState.HELD_BACK,
    }
    assert nudges.waits_until(DEE, NOW) == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("kind", ["invitation", "handover"])
def test_a_direct_message_keeps_its_state(earlier: SqliteStore, tenant: str, kind: str) -> None:
    deliveries = earlier.unit(tenant).deliveries
    records = {one.subject: one for one in deliveries.of_kind(kind)}
    assert set(records) == {f"TM-2/2/{ANA}", f"TM-2/2/{BEN}", f"TM-2/2/{CHI}", f"TM-2/1/{CHI}"}
    assert records[f"TM-2/2/{ANA}"].is_uncertain, "it is looked for before it is posted"
    assert not records[f"TM-2/2/{BEN}"].attempt, "it was not tried"
    sent, over = records[f"TM-2/2/{CHI}"], records[f"TM-2/1/{CHI}"]
    assert (sent.place, sent.external_id, sent.final) == (f"DCHI{tenant}", "8.1", False)
    assert matches_salted_digest(sent.shown, "d8")
    assert (over.external_id, over.final) == ("8.0", True)


@pytest.mark.parametrize("tenant", TENANTS)
def test_models_were_looked_through_for_handovers(earlier: SqliteStore, tenant: str) -> None:
    projections = earlier.unit(tenant).projections
    assert projections.find("handovers", StreamId(f"{tenant}/TM-1")) == StreamState(version=3, erasures=0)
    assert projections.behind("handovers") == {StreamId(f"{tenant}/TM-{one}") for one in (1, 3)}


@pytest.mark.parametrize("tenant", TENANTS)
def test_home_tabs_that_were_opened_are_kept_up_to_date(earlier: SqliteStore, tenant: str) -> None:
    (home,) = earlier.unit(tenant).deliveries.of_kind(HOME)
    opened = msgspec.json.decode(home.parameters, type=HomeParameters)
    assert (home.slot, home.external_id, home.final) == (f"home/{ANA}", "", False)
    assert opened.opened_at == NOW
