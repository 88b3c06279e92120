"""When the work that events cause is due: what waits long does not become due in all workspaces at once."""

from typing import Any, cast

from bot.slack.slots.delivery_pace import Pace, WorkKind
from bot.slack.slots.work_scheduler import EARLIER_BY, LONG_WAIT_SECONDS, WorkScheduler
from bot.store import StreamId
from bot.store.records import StreamState
from bot.store.work_queue import CausedWork, Checkpoint, Item

PACE = Pace()
TENANTS = [f"T{number:06}" for number in range(200)]


class Resting:
    """A worker whose changes have rested for some seconds."""

    def __init__(self, rest: float) -> None:
        self._rest = rest

    def rest(self) -> float:
        return self._rest


def scheduler(tenant: str, *, rest: float = 0.0) -> WorkScheduler:
    return WorkScheduler(cast("Any", Resting(rest)), tenant, PACE)


def longest(kind: WorkKind) -> list[float]:
    return sorted(scheduler(tenant).touch(kind, "TM-1").longest for tenant in TENANTS)


def test_long_waits_end_at_different_times_in_the_workspaces() -> None:
    waits, usual = longest("summaries"), PACE.summary.longest
    assert usual >= LONG_WAIT_SECONDS
    assert usual * (1 - EARLIER_BY) <= waits[0] < waits[-1] <= usual
    within_a_second = max(sum(one <= other < one + 1 for other in waits) for one in waits)
    assert within_a_second < len(TENANTS) / 4


def test_short_waits_are_the_same_everywhere() -> None:
    assert {*longest("card"), *longest("homes")} == {PACE.card.longest, PACE.home.longest}


def caused(*kinds: WorkKind, rest: float) -> CausedWork:
    state = StreamState(version=1, erasures=0)
    reached = Checkpoint(projector="changes", stream=StreamId("T1/TM-1"), state=state)
    return scheduler("T1", rest=rest).caused_work(reached, *kinds)


def test_a_card_whose_changes_have_rested_is_next() -> None:
    work = caused("summaries", "card", rest=PACE.card.quiet)
    assert work.next == Item("T1", "card", "TM-1")
    assert [(one.item.kind, one.quiet) for one in work.touches] == [
        ("summaries", PACE.summary.quiet),
        ("card", 0.0),
    ]


def test_a_card_whose_changes_have_not_rested_waits_for_more_of_them() -> None:
    work = caused("card", rest=PACE.card.quiet / 2)
    assert work.next is None
    assert [one.quiet for one in work.touches] == [PACE.card.quiet]
    assert caused("summaries", rest=PACE.card.quiet).next is None
