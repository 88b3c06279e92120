"""The work queue: rows become due, one process at a time claims each, and no change is forgotten."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.store import Store, StreamId
from bot.store.repositories.cards import Card
from bot.store.work_queue import (
    MODEL,
    PARKED_AFTER,
    PATIENCE_SECONDS,
    Backlog,
    Claim,
    Item,
    Overtaken,
    Touch,
    WorkQueue,
)
from tests.queue_rows import (
    are_waiting,
    claim_one,
    claims_of,
    due_subjects,
    end_claims,
    is_busy,
    parked_items,
    subjects_of,
    take_over,
)
from tests.store.contract.adapters import Adapter, Postgres
from tests.store.saying import LISTED, TENANT, say, started
from tests.waiting import wait_until

HERE, THERE = "T0HERE", "T0THERE"
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
CARD, OTHER_CARD = Item(HERE, "card", "TM-1"), Item(HERE, "card", "TM-2")
CHANGES = Item(HERE, "changes", "TM-1")


class Machine:
    """The machine's clock, in the test's hand."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def queue(adapter: Adapter, machine: Machine) -> WorkQueue:
    return adapter.work(machine)


def touched(item: Item, *, lane: str = "C1", quiet: float = 0.0, longest: float = 0.0) -> Touch:
    return Touch(item=item, lane=lane, quiet=quiet, longest=longest)


def claimed(queue: WorkQueue, tenant: str = HERE, now: datetime = NOON) -> Claim:
    claim = claim_one(queue, tenant, now)
    assert claim is not None
    return claim


def test_a_touched_row_is_claimed_once_until_it_is_touched_again(queue: WorkQueue) -> None:
    queue.touch(touched(CARD))
    claim = claimed(queue)
    assert claim.item == CARD
    assert claim_one(queue, HERE, NOON) is None
    assert queue.settle(claim)
    assert claim_one(queue, HERE, NOON) is None
    queue.touch(touched(CARD))
    assert claimed(queue).token != claim.token


def test_a_row_waits_for_quiet_but_no_longer_than_the_longest_wait(
    queue: WorkQueue, machine: Machine
) -> None:
    for _ in range(4):
        queue.touch(touched(CARD, quiet=0.2, longest=0.5))
        assert claim_one(queue, HERE, NOON) is None
        machine.seconds += 0.15
    assert claimed(queue).item == CARD, "0.6 s after the first touch"


def test_a_touch_does_not_delay_work_that_is_to_come_again(queue: WorkQueue, machine: Machine) -> None:
    queue.touch(touched(CARD))
    queue.settle(claimed(queue), again_after=5.0)
    for quiet in (600.0, 900.0):
        queue.touch(Touch(item=CARD, lane="C1", quiet=quiet, longest=900.0))
    machine.seconds += 5
    assert claimed(queue).item == CARD


def test_a_touch_brings_work_forward(queue: WorkQueue, machine: Machine) -> None:
    queue.touch(touched(CARD))
    queue.settle(claimed(queue), again_after=600.0)
    queue.touch(Touch(item=CARD, lane="C1", quiet=5.0))
    machine.seconds += 5
    assert claimed(queue).item == CARD


def test_a_touch_while_the_work_is_under_way_makes_the_row_due_again(queue: WorkQueue) -> None:
    queue.touch(touched(CARD))
    claim = claimed(queue)
    queue.touch(touched(CARD))
    assert claim_one(queue, HERE, NOON) is None, "one at a time"
    assert queue.settle(claim)
    assert claimed(queue).item == CARD


def test_a_claim_that_was_made_again_after_a_settle_is_not_settled_by_the_first_one(
    queue: WorkQueue,
) -> None:
    queue.touch(touched(CARD))
    first = claimed(queue)
    assert queue.settle(first)
    queue.touch(touched(CARD))
    second = claimed(queue)
    assert not queue.settle(first, again_at=NOON)
    assert not queue.retry_later(first, 60)
    assert queue.is_held(second)


def test_of_the_rows_of_a_lane_one_is_claimed_at_a_time_in_the_order_in_which_they_became_due(
    queue: WorkQueue, machine: Machine
) -> None:
    queue.touch(touched(OTHER_CARD))
    machine.seconds += 0.1
    queue.touch(touched(CARD))
    first = claimed(queue)
    assert first.item == OTHER_CARD
    assert claim_one(queue, HERE, NOON) is None
    queue.settle(first)
    assert claimed(queue).item == CARD


def test_after_a_write_the_lane_rests_for_a_moment(queue: WorkQueue, machine: Machine) -> None:
    queue.touch(touched(CARD), touched(OTHER_CARD))
    queue.settle(claimed(queue), pause=1.0)
    assert claim_one(queue, HERE, NOON) is None
    queue.touch(touched(Item(HERE, "card", "TM-3"), lane="C2"))
    assert claimed(queue).item.subject == "TM-3", "another channel does not wait"
    machine.seconds += 1
    assert claimed(queue).lane == "C1"


def test_timed_work_is_due_when_the_callers_clock_has_come_to_its_moment(queue: WorkQueue) -> None:
    queue.touch(touched(CARD))
    queue.settle(claimed(queue), again_at=NOON + timedelta(days=1))
    assert claim_one(queue, HERE, NOON + timedelta(hours=23)) is None
    claim = claimed(queue, now=NOON + timedelta(days=1))
    assert claim.timed
    queue.settle(claim)
    queue.touch(touched(CARD))
    assert not claimed(queue).timed, "something changed"


def test_work_that_is_to_be_looked_at_soon_waits_in_the_machines_time(
    queue: WorkQueue, machine: Machine
) -> None:
    queue.touch(touched(CARD))
    queue.settle(claimed(queue), again_after=5.0)
    assert claim_one(queue, HERE, NOON + timedelta(days=9)) is None
    machine.seconds += 5
    assert claimed(queue).item == CARD


@pytest.mark.parametrize("back", [timedelta(days=1), timedelta(days=400)])
def test_a_machine_clock_that_is_set_back_does_not_keep_work_waiting(
    queue: WorkQueue, machine: Machine, back: timedelta
) -> None:
    queue.touch(touched(CARD, quiet=0.2, longest=1.0))
    queue.touch(touched(OTHER_CARD, lane="C2"))
    queue.retry_later(claimed(queue), 30.0, pause=30.0)
    machine.seconds -= back.total_seconds()
    assert {claimed(queue).item, claimed(queue).item} == {CARD, OTHER_CARD}


def test_failed_work_is_put_off_however_often_it_is_touched_meanwhile(
    queue: WorkQueue, machine: Machine
) -> None:
    queue.touch(touched(CARD))
    claim = claimed(queue)
    queue.touch(touched(CARD))
    queue.retry_later(claim, 30.0)
    for _ in range(3):
        machine.seconds += 9
        queue.touch(touched(CARD))
        assert claim_one(queue, HERE, NOON) is None, "rate limited by Slack"
    machine.seconds += 4
    assert claimed(queue).tries == 2


@pytest.mark.parametrize("end", ["put off", "released"])
def test_work_that_did_not_succeed_does_not_wait_for_a_late_change_made_meanwhile(
    queue: WorkQueue, machine: Machine, end: str
) -> None:
    queue.touch(touched(CARD))
    claim = claimed(queue)
    queue.touch(touched(CARD, quiet=600.0, longest=600.0))
    if end == "put off":
        queue.retry_later(claim, 1.0)
    else:
        end_claims(queue)
    machine.seconds += 1
    assert claimed(queue).item == CARD


def test_failed_work_is_not_delayed_by_a_change_that_waits_longer(queue: WorkQueue, machine: Machine) -> None:
    queue.touch(touched(CARD))
    queue.retry_later(claimed(queue), 2.0)
    queue.touch(Touch(item=CARD, lane="C1", quiet=600.0, longest=600.0))
    machine.seconds += 2
    assert claimed(queue).item == CARD


def test_work_that_fails_again_and_again_is_parked_and_tried_each_hour_and_at_a_change(
    queue: WorkQueue, machine: Machine
) -> None:
    queue.touch(touched(CARD))
    for _ in range(PARKED_AFTER):
        queue.retry_later(claimed(queue), 1.0)
        machine.seconds += 1
    assert claim_one(queue, HERE, NOON) is None
    assert parked_items(queue, HERE) == [CARD]
    assert queue.backlog(NOON, tenant=HERE).parked == 1
    machine.seconds += 3600
    queue.retry_later(claimed(queue), 1.0)
    queue.touch(touched(CARD))
    queue.settle(claimed(queue))
    assert parked_items(queue, HERE) == []


def test_the_oldest_work_waits_since_it_became_due(queue: WorkQueue, machine: Machine) -> None:
    queue.touch(touched(CARD))
    machine.seconds += 60
    assert queue.backlog(NOON, tenant=HERE).oldest_seconds == 60
    queue.settle(claimed(queue), again_at=NOON + timedelta(days=3))

    machine.seconds += 3 * 86_400
    assert queue.backlog(NOON, tenant=HERE).due == 0
    late = queue.backlog(NOON + timedelta(days=3, seconds=90), tenant=HERE)

    assert late.due == 1
    assert late.oldest_seconds == pytest.approx(90, abs=0.01)


def test_the_work_of_all_workspaces_is_counted_together(queue: WorkQueue, machine: Machine) -> None:
    assert queue.backlog(NOON) == Backlog(due=0, oldest_seconds=0.0, parked=0)
    tenants = ("T1", "T2", "T3")
    queue.touch(*(touched(Item(tenant, "card", "TM-1")) for tenant in tenants))
    machine.seconds += 60
    claimed(queue, "T1")
    queue.settle(claimed(queue, "T2"), again_at=NOON + timedelta(days=3))
    queue.touch(touched(Item("T2", "card", "TM-2"), quiet=90, longest=90))
    for _ in range(PARKED_AFTER):
        queue.retry_later(claimed(queue, "T3"), 0.0)

    found = queue.backlog(NOON)

    assert found == Backlog(due=1, oldest_seconds=60, parked=1)
    assert found.due == sum(queue.backlog(NOON, tenant=tenant).due for tenant in tenants)
    late = queue.backlog(NOON + timedelta(days=3, seconds=90))
    assert late.due == 2
    assert late.oldest_seconds == pytest.approx(90, abs=0.01)


def test_an_outage_however_long_parks_nothing(queue: WorkQueue, machine: Machine) -> None:
    queue.touch(touched(CARD))
    for _ in range(3 * PARKED_AFTER):
        queue.retry_later(claimed(queue), 60.0, counted=False)
        machine.seconds += 60
    assert parked_items(queue, HERE) == []


def test_a_claim_is_taken_over_by_a_new_token_and_the_old_one_is_worth_nothing(queue: WorkQueue) -> None:
    queue.touch(touched(CARD))
    lost = claimed(queue)
    assert [row.token for row in claims_of(queue, HERE)] == [lost.token]
    taken = take_over(queue, lost)
    assert not queue.is_held(lost)
    assert not queue.settle(lost)
    assert queue.settle(taken)


def test_a_thread_whose_claim_was_taken_over_changes_nothing_any_more(queue: WorkQueue) -> None:
    queue.touch(touched(CARD))
    claim = claimed(queue)
    with queue.guarding(claim):
        queue.touch(touched(OTHER_CARD, lane="C2"))
        take_over(queue, claim)
        with pytest.raises(Overtaken):
            queue.touch(touched(Item(HERE, "card", "TM-3"), lane="C3"))
    assert claimed(queue).item == OTHER_CARD
    assert claim_one(queue, HERE, NOON) is None


def test_a_thread_whose_claim_was_taken_over_changes_nothing_beside_the_work_either(store: Store) -> None:
    store.work.touch(touched(Item(TENANT, "card", "TM-1")))
    claim, unit = claimed(store.work, TENANT), store.unit(TENANT)
    card = Card(stream=StreamId(f"{TENANT}/TM-1"), channel=LISTED.channel)
    with store.work.guarding(claim):
        unit.cards.request(card.stream, card.channel)
        take_over(store.work, claim)
        with pytest.raises(Overtaken):
            unit.cards.record_suspension(card.stream, "resting")
    assert unit.cards.all() == [card]


def test_work_is_kept_or_undone_with_what_it_is_about(store: Store) -> None:
    unit = store.unit(TENANT)

    def refused() -> None:
        with unit.transaction():
            say(store, started(), summary=LISTED)
            store.work.touch(touched(Item(TENANT, "card", "TM-1")))
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  (raised above)
        refused()

    assert not is_busy(store.work, TENANT, NOON)


def test_another_start_finds_the_work_and_a_removed_workspace_leaves_none(
    adapter: Adapter, store: Store
) -> None:
    say(store, started(), summary=LISTED)
    store.work.touch(touched(Item(TENANT, "card", "TM-1")), durable=True)
    again = adapter.again()
    assert is_busy(again.work, TENANT, NOON)
    again.close()

    store.remove_workspace(TENANT)

    assert not is_busy(store.work, TENANT, NOON)


def test_the_claims_of_a_process_that_has_ended_are_free_and_those_of_this_one_stay(adapter: Adapter) -> None:
    store = adapter.store()
    store.work.touch(touched(CARD), touched(Item(THERE, "card", "TM-1")))
    lost, after = claimed(store.work), adapter.again()
    (own,) = after.work.claim([THERE], NOON)
    store.close()
    wait_until(lambda: after.work.look(NOON) == [HERE])  # a server takes a moment to end a session
    assert claimed(after.work).item == lost.item
    assert after.work.is_held(own)
    after.close()


def test_patient_work_gives_way_for_some_seconds(queue: WorkQueue, machine: Machine) -> None:
    patient = [Item(HERE, "card", f"TM-{number}") for number in (7, 8)]
    queue.touch(*(Touch(item=one, lane=one.subject, patient=True) for one in patient))
    machine.seconds += PATIENCE_SECONDS - 1
    queue.touch(touched(CARD))
    assert claimed(queue).item == CARD
    machine.seconds += 2
    queue.touch(touched(OTHER_CARD, lane="C2"))
    assert claimed(queue).item in patient, "it has waited for long enough"


def test_a_workspace_sees_nothing_of_another_ones_work(queue: WorkQueue) -> None:
    there = Item(THERE, "card", "TM-1")
    queue.touch(touched(there), touched(Item(THERE, MODEL, "TM-1"), lane="model/TM-1"))
    assert claim_one(queue, HERE, NOON) is None
    assert not is_busy(queue, HERE, NOON)
    queue.settle(claimed(queue, THERE), pause=60.0)
    queue.touch(touched(CARD))
    assert claimed(queue).item == CARD, "a lane is one of a workspace"
    assert claims_of(queue, THERE) == []
    assert queue.backlog(NOON, tenant=THERE).due == 1, "the model"


def test_a_row_is_claimed_in_each_of_several_workspaces(queue: WorkQueue) -> None:
    there, home = Item(THERE, "card", "TM-1"), Item(THERE, "home", "U1")
    queue.touch(touched(there), touched(home, lane="U1"), touched(CARD), touched(OTHER_CARD))

    claims = queue.claim([THERE, "T0NONE", HERE], NOON)

    assert [claim.item for claim in claims] == [there, CARD]
    assert len({claim.token for claim in claims}) == 2
    assert all(queue.is_held(claim) for claim in claims)
    assert [one.item for one in queue.claim([THERE, HERE], NOON)] == [home], (
        "the other card here is in a lane with a claim"
    )
    assert queue.claim([], NOON) == []


def test_kinds_that_are_busy_are_passed_over(queue: WorkQueue, machine: Machine) -> None:
    queue.touch(touched(CARD))
    machine.seconds += 1
    queue.touch(touched(Item(HERE, "reminders", "TM-1"), lane="U1"))
    claim = claim_one(queue, HERE, NOON, exclude=["card"])
    assert claim is not None
    assert claim.item.kind == "reminders"


def test_a_wait_that_would_be_taken_for_the_mistake_of_a_clock_is_refused() -> None:
    with pytest.raises(ValueError, match="86400 s is longer than a row can be put off"):
        touched(Item(HERE, "card", "x"), quiet=86_400.0)


def test_at_the_end_some_kinds_do_not_wait_for_quiet(queue: WorkQueue) -> None:
    queue.touch(touched(CARD, quiet=5, longest=9))
    queue.touch(touched(Item(HERE, "summary", "TM-1"), lane="C2", quiet=5, longest=9))
    assert are_waiting(queue, HERE, ["card"])
    claim = claim_one(queue, HERE, NOON, only=["card"])
    assert claim is not None
    assert claim.item == CARD
    assert claim_one(queue, HERE, NOON, only=["card"]) is None
    queue.settle(claim)
    assert not are_waiting(queue, HERE, ["card"])


def test_one_look_names_the_workspaces_with_something_to_do(queue: WorkQueue, machine: Machine) -> None:
    assert queue.look(NOON) == []
    queue.touch(
        touched(Item("T1", MODEL, "TM-1")),
        *(touched(Item(tenant, "card", "TM-1")) for tenant in ("T2", "T3", "T4", "T6")),
        touched(Item("T5", "card", "TM-1"), quiet=60, longest=60),
    )
    queue.settle(claimed(queue, "T3"), again_at=NOON)
    queue.settle(claimed(queue, "T4"), again_at=NOON + timedelta(days=1))
    queue.settle(claimed(queue, "T6"))
    claimed(queue, "T2")

    assert queue.look(NOON) == ["T1", "T3"]
    machine.seconds += 61
    assert queue.look(NOON + timedelta(days=1)) == ["T1", "T3", "T4", "T5"]


def test_rows_that_became_due_lately_can_be_left_to_other_replicas(
    adapter: Adapter, queue: WorkQueue, machine: Machine
) -> None:
    queue.touch(touched(CARD), touched(Item(THERE, MODEL, "TM-1")), touched(Item("T9", "home", "U1")))
    queue.settle(claimed(queue, "T9"), again_at=NOON)

    all_of_them = [HERE, THERE, "T9"]
    assert queue.look(NOON, overdue=2.0) == (["T9"] if isinstance(adapter, Postgres) else all_of_them)
    machine.seconds += 2.0
    assert queue.look(NOON, overdue=2.0) == all_of_them


def test_work_that_a_machine_clock_put_off_absurdly_keeps_its_workspace_busy(
    queue: WorkQueue, machine: Machine
) -> None:
    queue.touch(touched(CARD, quiet=30, longest=30))
    machine.seconds -= 86_400
    assert queue.look(NOON) == [HERE]


def test_threads_that_claim_at_once_get_different_rows(queue: WorkQueue) -> None:
    items = [Item(HERE, "card", f"TM-{number}") for number in range(40)]
    queue.touch(*(touched(item, lane=item.subject) for item in items))
    got: list[Item] = []
    together(8, lambda: _claim_all(queue, got))
    assert sorted(got) == sorted(items)


def _claim_all(queue: WorkQueue, got: list[Item]) -> None:
    while (claim := claim_one(queue, HERE, NOON)) is not None:
        got.append(claim.item)


def together(threads: int, work: Callable[[], None]) -> None:
    running = [threading.Thread(target=work) for _ in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()


def test_the_lane_of_a_model_is_its_channel(store: Store) -> None:
    say(store, started(), summary=LISTED)
    store.work.touch(Touch(item=Item(TENANT, "card", "TM-1")))
    claim = claim_one(store.work, TENANT, NOON, only=["card"])
    assert claim is not None
    assert claim.lane == LISTED.channel


def test_an_append_makes_its_model_due_and_so_does_an_erasure(store: Store) -> None:
    say(store, started(), summary=LISTED)
    claim = claimed(store.work, TENANT)
    assert (claim.item, claim.lane) == (Item(TENANT, MODEL, "TM-1"), "C1")
    store.work.settle(claim)
    assert claim_one(store.work, TENANT, NOON) is None
    store.erase(StreamId(f"{TENANT}/TM-1"), [1])
    assert claimed(store.work, TENANT).lane == "C1"


def test_a_model_that_changes_while_it_is_looked_at_is_looked_at_again(store: Store) -> None:
    say(store, started(), summary=LISTED)
    claim = claimed(store.work, TENANT)
    store.erase(StreamId(f"{TENANT}/TM-1"), [1])
    assert store.work.settle(claim)
    assert claimed(store.work, TENANT).item == claim.item


def test_of_what_is_done_no_row_is_left(queue: WorkQueue) -> None:
    queue.touch(touched(CARD), touched(OTHER_CARD, lane="C2"))
    queue.settle(claimed(queue))
    queue.settle(claimed(queue), again_at=NOON + timedelta(days=1))
    assert claim_one(queue, HERE, NOON + timedelta(days=2)) is not None, "the one that waits"
    assert claim_one(queue, HERE, NOON + timedelta(days=2)) is None


def test_what_is_due_can_be_listed_whether_it_waits_is_claimed_or_was_put_off(queue: WorkQueue) -> None:
    touches = [touched(Item(HERE, "card", f"TM-{number}"), lane=f"C{number % 2}") for number in range(1, 5)]
    queue.touch(*touches, touched(Item(HERE, "home", "U1")), touched(Item(THERE, "card", "TM-9")))
    queue.retry_later(claimed(queue), 60)
    later, _ = claimed(queue), claimed(queue)
    queue.settle(later, again_at=NOON + timedelta(hours=1))
    missing = {later.item.subject}
    assert set(due_subjects(queue, HERE, "card", NOON)) == {"TM-1", "TM-2", "TM-3", "TM-4"} - missing
    assert due_subjects(queue, HERE, "card", NOON + timedelta(hours=1)) == ["TM-1", "TM-2", "TM-3", "TM-4"]


def test_the_subjects_of_a_kind_are_those_with_a_row_in_whatever_state(queue: WorkQueue) -> None:
    touches = [touched(Item(HERE, "card", f"TM-{number}"), lane=f"C{number}") for number in range(1, 5)]
    queue.touch(*touches, touched(Item(HERE, "home", "U1")), touched(Item(THERE, "card", "TM-9")))
    queue.settle(claimed(queue), again_at=NOON + timedelta(days=300))
    queue.retry_later(claimed(queue), 60)
    assert subjects_of(queue, HERE, "card") == ["TM-1", "TM-2", "TM-3", "TM-4"]
    queue.settle(claimed(queue))
    assert len(subjects_of(queue, HERE, "card")) == 3
    assert subjects_of(queue, HERE, "report") == []


def test_what_waits_for_too_late_a_moment_can_be_made_due(queue: WorkQueue) -> None:
    for item, again in ((CARD, timedelta(days=1)), (OTHER_CARD, timedelta(days=300))):
        queue.touch(touched(item, lane=item.subject))
        queue.settle(claimed(queue), again_at=NOON + again)
    queue.touch(touched(Item(HERE, "home", "U1")))
    queue.settle(claimed(queue), again_at=NOON + timedelta(days=300))
    assert queue.bring_forward("card", NOON + timedelta(days=1), tenant=HERE) == 1
    assert queue.bring_forward("card", NOON + timedelta(days=1), tenant=HERE) == 0
    assert claimed(queue).item == OTHER_CARD
    assert claim_one(queue, HERE, NOON) is None


def test_what_waits_too_long_can_be_made_due_in_every_workspace(queue: WorkQueue) -> None:
    for tenant, kind, days in (
        (HERE, "card", 300),
        (THERE, "card", 300),
        ("T9", "card", 1),
        (HERE, "home", 300),
    ):
        queue.touch(touched(Item(tenant, kind, "S1"), lane=kind))
        queue.settle(claimed(queue, tenant), again_at=NOON + timedelta(days=days))
    assert queue.bring_forward("card", NOON + timedelta(days=1)) == 2
    assert queue.bring_forward("card", NOON + timedelta(days=1)) == 0
    assert queue.look(NOON) == [HERE, THERE]
    assert claimed(queue).item == Item(HERE, "card", "S1")
    assert claim_one(queue, HERE, NOON) is None


def test_moments_are_reserved_one_after_the_other_and_unused_ones_come_back(
    adapter: Adapter, machine: Machine
) -> None:
    queue = adapter.work(machine)

    def reserve(tenant: str = HERE, lane: str = "calls") -> float:
        return queue.reserve(tenant, lane, interval=2.0)

    assert [reserve() for _ in range(3)] == [2.0, 4.0, 6.0]
    assert reserve(lane="other calls") == reserve(tenant="T9") == 2.0
    machine.seconds += 100.0
    assert [reserve() for _ in range(2)] == [2.0, 4.0]
    queue.reserve(HERE, "calls", pause=30.0)
    assert reserve() == 30.0 + 2.0
    queue.reserve(HERE, "calls", pause=1.0)
    assert reserve() > 20.0, "a later request to wait is not shortened"
    machine.seconds -= 100_000.0
    assert reserve() == 2.0, "a clock that was set back blocks nothing"


def test_what_was_put_off_can_be_made_due(queue: WorkQueue) -> None:
    for number in (1, 2):
        queue.touch(touched(Item(HERE, "card", f"TM-{number}"), lane=f"C{number}"))
        queue.retry_later(claimed(queue), 60, counted=False)
    assert claim_one(queue, HERE, NOON) is None
    assert not queue.hurry(HERE, "card", ["TM-3"])
    assert not queue.hurry(THERE, "card", ["TM-2"])
    assert queue.hurry(HERE, "card", ["TM-2", "TM-3"])
    assert claimed(queue).item == Item(HERE, "card", "TM-2")
    assert not queue.hurry(HERE, "card", ["TM-2"]), "it is claimed"
    assert claim_one(queue, HERE, NOON) is None
