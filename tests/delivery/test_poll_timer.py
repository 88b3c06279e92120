"""When work is claimed after its quiet time."""

from bot.delivery.poll_timer import PollTimer
from bot.store.work_queue import Item, Touch
from tests.fake_clock import FakeMonotonicClock


def test_a_row_is_claimed_at_the_last_moment_of_its_quiet_time() -> None:
    clock = FakeMonotonicClock()
    timer = PollTimer(clock)
    touch = Touch(item=Item("T1", "card", "TM-1"), quiet=0.2, longest=0.5)
    claimed: list[float] = []
    for _ in range(10):  # touched for one second, each 0.1 s
        timer.touched([touch])
        clock.advance(0.1)
        if "T1" in timer.begin_poll().due:
            claimed.append(round(clock(), 1))
    assert len(claimed) == 1, "at the longest wait, and not once for each touch"
    clock.advance(0.2)
    assert "T1" in timer.begin_poll().due
    clock.advance(10)
    assert "T1" not in timer.begin_poll().due
