"""The end of a torture: it comes although something is lost, and nobody is killed before it."""

from tests.delivery.tortures.torture_run import LAST_KILLS_SECONDS, SETTLED_SECONDS, Acts
from tests.fake_clock import FakeMonotonicClock


class Play:
    """Two acts on a fake clock."""

    def __init__(self) -> None:
        self.clock = FakeMonotonicClock()
        self.done = self.due = 0
        self.is_shown = False
        self.acts = Acts(
            2,
            self._act,
            apart=lambda: 1.0,
            due=lambda: self.due,
            is_shown=lambda: self.is_shown,
            clock=self.clock,
        )

    def _act(self) -> None:
        self.done += 1

    def act_twice(self) -> None:
        """Do all that makes work."""
        self.acts.share_done()
        self.clock.advance(1.0)
        self.acts.share_done()
        self.due = 1


def test_acts_are_done_one_after_the_other() -> None:
    play = Play()
    play.acts.share_done()
    play.acts.share_done()
    assert play.done == 1
    play.clock.advance(1.0)
    assert play.acts.share_done() == 2 / 3
    assert play.done == 2


def test_a_torture_is_over_once_everything_is_shown() -> None:
    play = Play()
    play.act_twice()
    assert play.acts.share_done() < 1
    play.is_shown = True
    assert play.acts.share_done() == 1


def test_a_torture_is_over_once_nothing_was_due_for_a_while_though_something_is_lost() -> None:
    play = Play()
    play.act_twice()
    play.clock.advance(10 * SETTLED_SECONDS)
    assert play.acts.share_done() < 1, "there is work to do"
    play.due = 0
    play.clock.advance(SETTLED_SECONDS - 1)
    assert play.acts.share_done() < 1
    play.clock.advance(2)
    assert play.acts.share_done() == 1


def test_nobody_is_killed_once_the_work_of_all_acts_was_done_for_a_moment() -> None:
    play = Play()
    play.act_twice()
    play.acts.share_done()
    assert not play.acts.are_over()
    play.due = 0
    play.acts.share_done()
    play.due = 1
    play.acts.share_done()
    assert play.acts.are_over(), "a process that starts makes work: it must not begin again"


def test_nobody_is_killed_for_ever_where_the_work_is_never_done() -> None:
    play = Play()
    play.act_twice()
    play.clock.advance(LAST_KILLS_SECONDS + 1)
    play.acts.share_done()
    assert play.acts.are_over()
