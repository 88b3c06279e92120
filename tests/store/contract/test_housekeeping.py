"""What is done for all workspaces together: nothing of one is missed, and nothing young is deleted."""

from datetime import timedelta

from bot.store import Store
from bot.store.repositories.drafts import ImportDraft
from bot.store.repositories.open_forms import OpenForm
from bot.store.repositories.pending_requests import PendingRequest
from domain.kernel.elements import ChannelId, PersonId
from tests.store.contract.test_workspaces import model
from tests.store.saying import NOON, started

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


def test_old_drafts_are_deleted_in_every_workspace_and_young_ones_stay(store: Store) -> None:
    for tenant in TENANTS:
        for digest, at in (("old", NOON), ("young", NOON + HOUR)):
            store.unit(tenant).drafts.save(
                ImportDraft(channel=HOUSE, person=BEN, digest=digest, preview=b"", events=(started(),), at=at)
            )
    for _ in range(2):
        store.housekeeping.forget_drafts_before(NOON + HOUR)
        for tenant in TENANTS:
            drafts = store.unit(tenant).drafts
            assert drafts.find(HOUSE, BEN, "old") is None
            assert drafts.find(HOUSE, BEN, "young") is not None


def test_old_forms_are_deleted_in_every_workspace_and_young_ones_stay(store: Store) -> None:
    for tenant in TENANTS:
        unit = store.unit(tenant)
        unit.open_forms.save(
            OpenForm(token=token, stream=model(unit), version=1, shown=b"{}", at=at)
            for token, at in (("old", NOON), ("young", NOON + HOUR))
        )
    for _ in range(2):
        store.housekeeping.forget_open_forms_before(NOON + HOUR)
        for tenant in TENANTS:
            forms = store.unit(tenant).open_forms
            assert forms.find("old") is None
            assert forms.find("young") is not None


def test_the_last_check_of_reminders_is_known(store: Store) -> None:
    assert store.housekeeping.last_reminder_check() is None
    for at in (NOON, NOON + HOUR):
        store.housekeeping.note_reminder_check(at)
        assert store.housekeeping.last_reminder_check() == at
