"""What is done for all workspaces together: nothing of one is missed, and nothing young is deleted."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.store import CommandKey, Fault, Store, StreamId, Verified, utc_now
from bot.store.records import COMMANDS_KEPT_FOR, RETURNED, StorableEvent, summary_of
from bot.store.reminder_store import ReminderAttempt
from bot.store.repositories.open_forms import OpenForm
from bot.store.repositories.pending_requests import PendingRequest
from bot.store.repositories.stored_imports import StoredImport
from bot.store.sql import cross_checks
from bot.store.work_queue import PARKED_AFTER, Item, Touch
from domain.kernel.elements import ChannelId, PersonId
from domain.reminder_deliveries import DeliveryEvent, ReminderSent
from domain.replay import replay
from tests.queue_rows import claim_one
from tests.store.contract.test_installations_kept import ACME, GRID, workspace
from tests.store.contract.test_reminders import reminder
from tests.store.contract.test_workspaces import model
from tests.store.saying import NOON, asset, started

HOUSE, BEN = ChannelId("C0HOUSE01"), PersonId("U2")
TENANTS = ("T1", "T2")
HOUR = timedelta(hours=1)


def test_the_workspaces_with_pending_requests_are_known(store: Store) -> None:
    assert store.housekeeping.tenants_with_pending_requests() == []
    pending = [
        PendingRequest(key=key, channel=HOUSE, person=BEN, kind="slash", body={}, at=NOON)
        for key in ("k1", "k2")
    ]
    for tenant in ("T3", *TENANTS):
        for one in pending:
            store.unit(tenant).pending.save(one)
    for one in pending:
        store.unit("T3").pending.settle(one)
    assert store.housekeeping.tenants_with_pending_requests() == ["T1", "T2"]


def test_old_imports_and_forms_are_deleted_in_every_workspace_and_young_ones_stay(store: Store) -> None:
    for tenant in TENANTS:
        unit = store.unit(tenant)
        for name, at in (("old", NOON), ("young", NOON + HOUR)):
            stored = StoredImport(
                channel=HOUSE, person=BEN, digest=name, preview=b"", events=(started(),), at=at
            )
            unit.imports.save(stored)
            unit.open_forms.save(OpenForm(token=name, stream=model(unit), version=1, shown=b"{}", at=at))
    for _ in range(2):
        store.housekeeping.forget_before({"pending_imports": NOON + HOUR, "open_forms": NOON + HOUR})
        for unit in map(store.unit, TENANTS):
            for name, is_kept in (("old", False), ("young", True)):
                assert (unit.imports.find(HOUSE, BEN, name) is not None) == is_kept
                assert (unit.open_forms.find(name) is not None) == is_kept


def test_the_last_check_of_reminders_is_known(store: Store) -> None:
    assert store.housekeeping.last_reminder_check() is None
    for at in (NOON, NOON + HOUR):
        store.housekeeping.note_reminder_check(at)
        assert store.housekeeping.last_reminder_check() == at


PLAN, SEND = "plan", "send"


def overdue(store: Store, now: datetime = NOON, *, seconds: float = 600) -> int:
    return store.housekeeping.overdue_reminders((PLAN, SEND), now, seconds=seconds)


def row_due_at(store: Store, tenant: str, kind: str, at: datetime) -> None:
    """Leave a row of work that waits for a moment."""
    store.work.touch(Touch(item=Item(tenant, kind, "TM-1"), lane=kind))
    claim = claim_one(store.work, tenant, NOON, only=(kind,))
    assert claim is not None
    store.work.settle(claim, again_at=at)


def test_reminders_count_as_overdue_by_the_time_since_which_they_are_due(store: Store) -> None:
    assert overdue(store) == 0
    for tenant in TENANTS:
        row_due_at(store, tenant, PLAN, NOON + HOUR)
        row_due_at(store, tenant, "card", NOON)
    assert overdue(store, NOON + HOUR) == 0, "due, and not yet late"
    assert overdue(store, NOON + HOUR + timedelta(minutes=10)) == len(TENANTS)
    store.work.touch(Touch(item=Item("T3", SEND, "U2/TM-1"), lane="U2"))
    assert overdue(store) == 0
    assert overdue(store, seconds=0) == 1
    for _ in range(PARKED_AFTER):
        claim = claim_one(store.work, "T3", NOON, only=(SEND,))
        assert claim is not None
        store.work.retry_later(claim, 0.0)
    assert overdue(store) == 1, "it failed again and again"


def test_a_reminder_that_slack_does_not_take_counts_as_overdue(store: Store) -> None:
    for tenant in TENANTS:
        unit = store.unit(tenant)
        model(unit)
        attempt = unit.reminders.attempt(
            [reminder(1), reminder(2)], place=BEN, day=NOON.date(), now=NOON, overtaken=()
        )
        assert attempt is not None
    due = reminder(1).due
    assert overdue(store, due + timedelta(minutes=9)) == 0
    assert overdue(store, due + timedelta(minutes=10)) == 2 * len(TENANTS)
    store.unit("T1").reminders.settle(*settled(store, "T1"))
    assert overdue(store, due + timedelta(minutes=10)) == 2


def settled(store: Store, tenant: str) -> tuple[ReminderAttempt, list[DeliveryEvent]]:
    """Return the attempt of a workspace, and that its message was sent."""
    (attempt,) = store.unit(tenant).reminders.attempts()
    return attempt, [ReminderSent(at=NOON, to=attempt.to, keys=attempt.keys, channel="D1", ts="1.1")]


def test_work_of_workspaces_without_the_app_is_neither_waited_for_nor_overdue(store: Store) -> None:
    for team in TENANTS:
        store.installations.save(replace(ACME, team=team))
        row_due_at(store, team, PLAN, NOON)
    late = NOON + timedelta(minutes=10)
    assert (overdue(store, late), store.work.backlog(late).due) == (2, 2)
    assert store.installations.change_state(replace(ACME, team="T2"), "uninstalled")
    assert (overdue(store, late), store.work.backlog(late).due) == (1, 1)
    store.installations.save(replace(ACME, team="T2", installed_at=late))
    assert (overdue(store, late), store.work.backlog(late).due) == (2, 2)


def test_the_workspaces_of_an_organization_end_with_it(store: Store) -> None:
    store.installations.save(GRID)
    store.installations.add_missing(workspace("T1"))
    row_due_at(store, "T1", PLAN, NOON)
    late = NOON + timedelta(minutes=10)
    assert (overdue(store, late), store.work.backlog(late).due) == (1, 1)
    assert store.installations.change_state(GRID, "revoked")
    assert (overdue(store, late), store.work.backlog(late).due) == (0, 0)


def test_keys_of_commands_are_forgotten_after_thirty_days_and_the_record_stays_sound(store: Store) -> None:
    for key in ("click:1", "click:2", f"{RETURNED}TM-9"):
        append(store, key)
    append(store, "click:nothing", events=())
    now, after = utc_now(), COMMANDS_KEPT_FOR + timedelta(minutes=1)
    assert store.housekeeping.forget_commands(now) == 0
    assert store.housekeeping.forget_commands(now + after) == 2
    assert store.housekeeping.forget_commands(now + after) == 0
    kept = {key for key in ("click:1", "click:2", f"{RETURNED}TM-9", "click:nothing") if answered(store, key)}
    assert kept == {f"{RETURNED}TM-9", "click:nothing"}, "one came back, one has no later event"


def test_a_command_that_was_forgotten_too_early_is_found(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store, "click:1")
    append(store, "click:2")
    assert store.housekeeping.forget_commands(utc_now() + COMMANDS_KEPT_FOR + timedelta(minutes=1)) == 2
    lacking = store.verify()
    assert isinstance(lacking, Fault)
    assert lacking.what == "`commands` lacks the command that caused it"
    monkeypatch.setattr(cross_checks, "COMMANDS_KEPT_FOR", timedelta(0))
    assert isinstance(store.verify(), Verified)


def append(store: Store, key: str, *, events: tuple[StorableEvent, ...] | None = None) -> None:
    """One more event of a model, or a command without any."""
    state = store.state(STREAM)
    version = state.version if state else 0
    made = (asset(f"Asset {version}", number=version) if version else started(),)
    store.append(
        "T1",
        STREAM,
        made if events is None else events,
        expected=version,
        key=CommandKey(key),
        request=b"",
        summary=summary_of(replay([started()])),
    )


def answered(store: Store, key: str) -> bool:
    return store.answered("T1", CommandKey(key), b"") is not None


STREAM = StreamId("T1/TM-1")
