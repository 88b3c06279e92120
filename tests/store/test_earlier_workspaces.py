"""A file of two workspaces that an earlier version wrote: nothing is lost, and nothing crosses."""

import lzma
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.scheduled_jobs.reminder_batches import slot_of
from bot.slack.directory.member_directory import Directory
from bot.slack.queries.form_snapshots import FormSnapshots
from bot.slack.queries.pending_imports import PendingImports
from bot.store import CommandKey, SqliteStore, StreamId, UnitOfWork, Verified, open_store
from bot.store.records import StreamState
from bot.store.repositories.file_slots import file_parameters
from bot.store.repositories.thread_messages import version_of
from bot.store.salted_digests import matches_salted_digest
from bot.store.work_queue import MODEL
from domain.kernel.elements import ModelKey
from domain.reminder_deliveries import DeliveryState
from tests.examples import ANA, BEN, CHI, HOUSE_CHANNEL
from tests.store.saying import plainly

FILE = Path(__file__).parent / "fixtures" / "2026-11-27-two-workspaces.db.xz"
TENANTS = ("T1", "T2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "threatmodel.db"
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    return path


@pytest.fixture
def earlier(path: Path) -> Iterator[SqliteStore]:
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture(params=TENANTS)
def unit(request: pytest.FixtureRequest, earlier: SqliteStore) -> UnitOfWork:
    return earlier.unit(request.param)


def model(unit: UnitOfWork, number: int) -> StreamId:
    return StreamId(f"{unit.tenant}/TM-{number}")


def test_the_file_verifies(earlier: SqliteStore) -> None:
    found = earlier.verify()

    assert isinstance(found, Verified), found
    assert {one.tenant: one.sequence for one in found.heads} == {"T1": 9, "T2": 9}


def test_every_row_is_still_there(path: Path) -> None:
    before = rows(path)

    open_store(f"sqlite:///{path}").close()

    # The message of nudges is in both workspaces; the one whose nudges are not known is in neither.
    after = {**rows(path), **slots(path)}
    files = {name: before.pop(name) for name in BECAME_FILES}
    assert files == {"slack_pictures": 2, "slack_diagrams": 4, "slack_exports": 6, "slack_uploads": 2}
    directs = before.pop("slack_invitations") + before.pop("slack_handovers")
    # Of reminders, the message in both workspaces and the claimed batch of each; the message is two by now.
    assert before.pop("slack_nudges") == 2
    directs += 4
    for name, count in {**FILES, "direct_message": directs}.items():
        after[name] = after.get(name, 0) - count
    left = {name: count for name, count in after.items() if count}
    assert left == {MOVED.get(name, name): count for name, count in before.items()}


MOVED = {
    "slack_cards": "channel",
    "slack_summaries": "thread",
    "slack_threads": "checkpoints of thread",
    "slack_followed": "checkpoints of handovers",
}
"""The tables whose rows are slots or checkpoints by now, and the sink of these."""

BECAME_FILES = ("slack_pictures", "slack_diagrams", "slack_exports", "slack_uploads")
FILES = {"file": 12, "thread": 2, "canvas": 2, "checkpoints of picture": 2}
"""The slots that were made of them: four pictures are owed or shown; what is told of a file has its own."""


def slots(path: Path) -> dict[str, int]:
    counted = plainly(
        path,
        "SELECT sink, count(*) FROM deliveries GROUP BY sink UNION ALL "
        "SELECT 'checkpoints of ' || kind, count(*) FROM projections GROUP BY kind",
    )
    return {kind: count for kind, count in counted}  # noqa: C416  (its rows are sequences)


def rows(path: Path) -> dict[str, int]:
    tables = plainly(
        path, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'slack!_%' ESCAPE '!'"
    )
    return {name: plainly(path, f"SELECT count(*) FROM {name}")[0][0] for (name,) in tables}


def test_cards_stay_where_they_are(unit: UnitOfWork) -> None:
    shown, resting, untold = unit.cards.all()

    assert [one.stream for one in (shown, resting, untold)] == [model(unit, number) for number in (1, 2, 3)]
    assert shown.ts == f"1.{unit.tenant}"
    records = {one.stream: one for one in unit.deliveries.of_kind("card")}
    assert matches_salted_digest(records[shown.stream].shown, "d1")
    assert [one.is_uncertain for one in records.values()] == [False, False, True]
    assert (resting.suspension_reason, resting.notified_reason) == ("is_archived", "is_archived")
    assert untold.ts is None


def test_what_was_told_in_threads_is_not_told_again(unit: UnitOfWork) -> None:
    messages, one = unit.thread_messages, model(unit, 1)
    assert messages.announced(one) == StreamState(version=3, erasures=0)
    assert [(version_of(it), it.external_id) for it in messages.sessions(one)] == [(2, "3.1")]
    assert [(version_of(it), it.external_id) for it in messages.results(one)] == [(2, "3.3"), (3, "3.2")]
    assert messages.unposted(one) == []
    places = {it.place for it in (*messages.sessions(one), *messages.results(one))}
    assert places == {it.channel for it in unit.cards.all() if it.stream == one}


def test_files_that_are_owed_are_still_owed(unit: UnitOfWork) -> None:
    one, two = model(unit, 1), model(unit, 2)

    pictures = unit.deliveries.of_kind("picture")
    assert [(one.stream, one.external_id, one.thread) for one in pictures] == [
        (one, f"F1{unit.tenant} F2", f"1.{unit.tenant}"),
        (one, "", f"1.{unit.tenant}"),
    ]
    assert [file_parameters(picture).version for picture in pictures] == [2, 3]
    assert unit.projections.find("picture", one) == StreamState(version=3, erasures=0)
    assert [
        (slot.stream, slot.external_id, file_parameters(slot).phase, bool(slot.shown))
        for slot in unit.deliveries.of_kind("diagram")
    ] == [(one, f"FD{unit.tenant}", "analysis", True), (two, "", "", False)]
    first, second = unit.deliveries.of_kind("export")
    assert (first.external_id, file_parameters(first).key) == (f"FE{unit.tenant}", "order:1")
    assert (file_parameters(first).shared_at, first.shown) == (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), "")
    assert (second.external_id, second.attempt, file_parameters(second).key) == ("", "", "order:2")
    assert [told.external_id for told in unit.deliveries.of_kind("export-message")] == ["4.1"]
    canvas = unit.deliveries.find("canvas/TM-1")
    assert canvas is not None
    assert canvas.external_id == f"FC{unit.tenant}"
    in_channels = [slot for slot in unit.deliveries.of_model(one) if slot.sink != "direct_message"]
    assert {slot.place for slot in in_channels} == {HOUSE_CHANNEL}


def test_direct_messages_are_neither_lost_nor_repeated(unit: UnitOfWork) -> None:
    one, two = model(unit, 1), model(unit, 2)

    for kind in ("invitation", "handover"):
        records = unit.deliveries.of_kind(kind)
        waiting = [one for one in records if not one.external_id and not one.final]
        assert {record.stream for record in waiting} == {one}
        assert {record.is_uncertain for record in waiting} == {True, False}
        attempted = unit.deliveries.find(f"{kind}/TM-1/2/{ANA}")
        assert attempted is not None
        assert attempted.is_uncertain
        sent = unit.deliveries.find(f"{kind}/TM-2/1/{CHI}")
        assert sent is not None
        assert (sent.stream, sent.external_id) == (two, f"5.{unit.tenant}")
    assert unit.projections.find("handovers", one) == StreamState(version=2, erasures=0)
    assert unit.projections.behind("handovers") == {one, model(unit, 3)}


def test_claimed_nudges_are_still_claimed(unit: UnitOfWork) -> None:
    (attempt,) = unit.reminders.attempts()

    assert attempt.place == CHI
    slot = unit.deliveries.find(slot_of(attempt))
    assert slot is not None
    assert slot.is_uncertain, "it is searched for before it is posted"
    states = sorted(one.state for one in unit.reminders.of(ModelKey("TM-1")).values())
    assert states == [DeliveryState.CLAIMED, DeliveryState.HELD_BACK, DeliveryState.SENT]


def test_the_message_of_nudges_in_both_workspaces_is_looked_at_again(unit: UnitOfWork) -> None:
    shown = unit.deliveries.find(f"reminder/{BEN}/2026-03-02.2")

    assert shown is not None
    assert (shown.place, shown.external_id) == ("D1", "6.1")
    assert (shown.shown, shown.final) == ("", False), "of two with the same ids nobody knows whose it was"


def test_the_messages_of_nudges_go_to_the_workspace_of_their_channel(path: Path) -> None:
    plainly(path, "DELETE FROM nudges WHERE tenant = 'T1' AND ts = '6.1'")
    store = open_store(f"sqlite:///{path}")

    slot = f"reminder/{BEN}/2026-03-02.2"
    assert store.unit("T1").deliveries.find(slot) is None
    shown = store.unit("T2").deliveries.find(slot)
    assert shown is not None
    assert (matches_salted_digest(shown.shown, "what it shows"), shown.final) == (True, True)
    store.close()


def test_requests_drafts_and_forms_still_wait(unit: UnitOfWork) -> None:
    (waiting,) = unit.pending.all()
    draft = PendingImports(unit.imports).find(HOUSE_CHANNEL, ANA, "ab" * 32)
    form = FormSnapshots(unit.open_forms, run_later=lambda work: work()).find("tok", model(unit, 1))

    assert waiting.body == {"text": f"add asset Waits in {unit.tenant}"}
    assert draft is None, "the file of an import that waits is read again"
    assert form is not None
    assert form.shown["name"].value == f"Shop of {unit.tenant}"


def test_the_models_wait_to_be_looked_at_and_not_for_half_a_century(
    earlier: SqliteStore, unit: UnitOfWork
) -> None:
    now = datetime.now(UTC)

    assert earlier.work.due(unit.tenant, MODEL, now) == ["TM-1", "TM-2", "TM-3"]
    assert earlier.work.backlog(unit.tenant, now).oldest_seconds == 0


def test_the_directory_is_known(unit: UnitOfWork) -> None:
    known = Directory(unit)

    assert known.name_of(ANA) == f"Ana of {unit.tenant}"
    assert known.members(HOUSE_CHANNEL) == (ANA, BEN)
    assert known.administrators(HOUSE_CHANNEL) == (ANA,)
    assert known.is_expected(HOUSE_CHANNEL, CHI)


def test_what_was_answered_is_not_answered_twice(unit: UnitOfWork) -> None:
    assert {one.key for one in unit.events.streams()} == {"TM-1", "TM-2", "TM-3"}
    assert unit.events.answered(unit.tenant, CommandKey("trigger:999"), b"") is None
