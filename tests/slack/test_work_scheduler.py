"""When the work that events cause is due: what waits long does not become due in all workspaces at once."""

from typing import Any, cast

from bot.slack.slots.delivery_pace import Pace, WorkKind
from bot.slack.slots.work_scheduler import EARLIER_BY, LONG_WAIT_SECONDS, WorkScheduler

PACE = Pace()
TENANTS = [f"T{number:06}" for number in range(200)]


def scheduler(tenant: str) -> WorkScheduler:
    return WorkScheduler(cast("Any", None), tenant, PACE)


def longest(kind: WorkKind) -> list[float]:
    return sorted(scheduler(tenant).touch(kind, "TM-1").longest for tenant in TENANTS)


def test_long_waits_end_at_different_times_in_the_workspaces() -> None:
    waits, usual = longest("summaries"), PACE.summary.longest
    assert usual >= LONG_WAIT_SECONDS
    assert usual * (1 - EARLIER_BY) <= waits[0] < waits[-1] <= usual
    within_a_second = max(sum(one <= other < one + 1 for other in waits) for one in waits)
    assert within_a_second < len(TENANTS) / 4


def test_short_waits_are_the_same_everywhere() -> None:
    assert {*longest("model"), *longest("homes")} == {PACE.card.longest, PACE.home.longest}
