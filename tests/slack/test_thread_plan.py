"""Plans of threads: which events a message sums up, which message they extend, and which they change."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from msgspec.structs import replace

from bot.slack.projectors.thread_plan import SessionSpan, plan_results, plan_sessions
from bot.slack.projectors.work_sessions import PAUSE, VersionedEvent
from domain.events import (
    AssumptionWithdrawn,
    BallotCast,
    BallotExplained,
    Event,
    RoundClosed,
    ThreatModelStarted,
)
from domain.register import register
from domain.replay import EMPTY
from tests.sample_events import ONE_OF_EACH

SampleEvent = TypeVar("SampleEvent", bound=Event)

BEGAN = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EMPTY_REGISTER = register(EMPTY, BEGAN)


def said(*moments: timedelta, first: int = 1, undoes: int | None = None) -> list[VersionedEvent]:
    """Return events that a summary counts, one at each moment."""
    return [
        (version, replace(sample(AssumptionWithdrawn), at=BEGAN + moment, undoes=undoes))
        for version, moment in enumerate(moments, start=first)
    ]


def sample(kind: type[SampleEvent]) -> SampleEvent:
    return next(one for one in ONE_OF_EACH if isinstance(one, kind))


def span(first: int, last: int, until: timedelta) -> SessionSpan:
    return SessionSpan(first=first, last=last, until=BEGAN + until)


def test_the_first_events_begin_a_message() -> None:
    plan = plan_sessions(said(0 * MINUTE, 3 * MINUTE), [], open_session=None)
    assert plan.begun == span(1, 2, 3 * MINUTE)
    assert plan.extended is None


def test_events_after_a_short_pause_extend_the_last_message() -> None:
    last = span(1, 2, 3 * MINUTE)
    plan = plan_sessions(said(10 * MINUTE, 12 * MINUTE, first=3), [last], open_session=last)
    assert plan.extended == span(1, 4, 12 * MINUTE)
    assert plan.begun is None


def test_events_after_a_long_pause_begin_another_message() -> None:
    last = span(1, 2, 3 * MINUTE)
    plan = plan_sessions(said(3 * MINUTE + PAUSE, first=3), [last], open_session=last)
    assert plan.extended is None
    assert plan.begun == span(3, 3, 3 * MINUTE + PAUSE)


def test_one_look_may_extend_a_message_and_begin_another() -> None:
    last = span(1, 1, 0 * MINUTE)
    plan = plan_sessions(said(5 * MINUTE, 5 * MINUTE + PAUSE, first=2), [last], open_session=last)
    assert plan.extended == span(1, 2, 5 * MINUTE)
    assert plan.begun == span(3, 3, 5 * MINUTE + PAUSE)


def test_a_message_in_the_thread_of_another_card_is_not_extended() -> None:
    last = span(1, 1, 0 * MINUTE)
    plan = plan_sessions(said(1 * MINUTE, first=2), [last], open_session=None)
    assert plan.extended is None
    assert plan.begun == span(2, 2, 1 * MINUTE)


def test_what_was_undone_changes_the_message_that_announced_it_however_old() -> None:
    shown: Sequence[SessionSpan] = [span(1, 4, 0 * MINUTE), span(5, 9, 2 * PAUSE)]
    plan = plan_sessions(said(5 * PAUSE, first=10, undoes=3), shown, open_session=shown[-1])
    assert plan.changed == (1,)


def test_a_ballot_neither_begins_nor_extends_a_message() -> None:
    last = span(1, 1, 0 * MINUTE)
    plan = plan_sessions([(2, sample(BallotCast))], [last], open_session=last)
    assert (plan.extended, plan.begun) == (None, None)


def test_a_closed_round_has_a_message_of_its_own_and_an_explanation_changes_earlier_ones() -> None:
    closed = plan_results([(7, sample(RoundClosed))], EMPTY_REGISTER)
    assert closed.wanted == (7,)
    explained = plan_results([(8, sample(BallotExplained))], EMPTY_REGISTER)
    assert (explained.wanted, explained.others_change) == ((), True)
    started = plan_results([(1, sample(ThreatModelStarted))], EMPTY_REGISTER)
    assert (started.wanted, started.others_change) == ((), False)
