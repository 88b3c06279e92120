"""Plans of threads: which events a message sums up, which message they extend, and which they change."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeVar, get_args

import msgspec
import pytest
from msgspec.structs import replace

from bot.slack.projectors.channel_contents import (
    PAUSE,
    SessionSpan,
    VersionedEvent,
    plan_results,
    plan_sessions,
)
from bot.slack.projectors.event_table import Projector, caused_by
from bot.slack.slots.model_work import schedule_caused
from bot.slack.slots.thread_slots import ThreadSlots
from bot.slack.slots.work_scheduler import WorkKind
from bot.store import StoreUnavailable, StreamId
from bot.store.records import StreamState
from bot.store.repositories.cards import CardParameters
from bot.store.repositories.deliveries import DeliveryRecord
from domain.events import (
    AssetAdded,
    AssumptionWithdrawn,
    BallotCast,
    BallotExplained,
    Event,
    RecordedEvent,
    RoundClosed,
    ThreatModelStarted,
)
from domain.register import register
from domain.replay import EMPTY
from tests.fresh_database import fresh_store
from tests.sample_events import ONE_OF_EACH
from tests.slack.slot_contexts import make_context
from tests.store.saying import HOUSE

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


def shown(ts: str, suspended: str | None = None) -> list[DeliveryRecord]:
    """The slots of a model whose card was posted, if it has a timestamp."""
    parameters = msgspec.json.encode(CardParameters(suspension_reason=suspended))
    return [
        DeliveryRecord(
            slot="card/TM-1", sink="channel", stream=HOUSE, place="C1", external_id=ts, parameters=parameters
        )
    ]


class Unannounced:
    """What was announced of a model, and the state of the model, which is further."""

    def announced(self, _: StreamId) -> StreamState:
        return StreamState(version=3, erasures=0)

    def state(self, _: StreamId) -> StreamState:
        return StreamState(version=9, erasures=0)

    def events(self, _: StreamId, after: int) -> list[RecordedEvent]:
        del after
        return []


def planner(summarize: Callable[[StreamId], None]) -> ThreadSlots:
    unused: Any = None
    model = Unannounced()

    def schedule(stream: StreamId, kind: WorkKind) -> None:
        assert kind == "summaries"
        summarize(stream)

    scheduler = SimpleNamespace(schedule_model=schedule)
    unit = SimpleNamespace(cards=None, deliveries=None, thread_messages=model)
    return ThreadSlots(make_context(unit, model, scheduler=scheduler), unused, written=unused)


def test_a_process_catches_up_once_with_each_post_of_a_card() -> None:
    summarized: list[StreamId] = []
    thread = planner(summarized.append)
    for slots in ([], shown(""), shown("1.1", suspended="is_archived")):
        thread.catch_up(HOUSE, slots)
    assert summarized == [], "there is no card to write below"

    thread.catch_up(HOUSE, shown("1.1"))
    thread.catch_up(HOUSE, shown("1.1"))
    assert summarized == [HOUSE]
    thread.catch_up(HOUSE, shown("2.2"))
    assert summarized == [HOUSE, HOUSE], "the card was posted again"
    thread.catch_up(HOUSE, shown("2.2", suspended="is_archived"))
    thread.catch_up(HOUSE, shown("2.2"))
    assert summarized == [HOUSE, HOUSE, HOUSE], "meanwhile nothing could be requested"


def test_catching_up_that_failed_is_repeated() -> None:
    asked: list[StreamId] = []

    def fail_once(stream: StreamId) -> None:
        asked.append(stream)
        if len(asked) == 1:
            raise StoreUnavailable("the database is away")

    thread = planner(fail_once)
    with pytest.raises(StoreUnavailable):
        thread.catch_up(HOUSE, shown("1.1"))
    thread.catch_up(HOUSE, shown("1.1"))
    thread.catch_up(HOUSE, shown("1.1"))
    assert asked == [HOUSE, HOUSE]


STREAM = StreamId("T1/TM-1")
ASSET, CLOSED = (
    next(event for event in ONE_OF_EACH if isinstance(event, kind)) for kind in (AssetAdded, RoundClosed)
)


class Model:
    """A model that is read, and the work that its changes caused."""

    def __init__(self) -> None:
        self.events_so_far: list[RecordedEvent] = []
        self.erasures = 0
        self.caused: list[set[str]] = []
        self.deliveries = self
        self.projections = fresh_store().unit("T1").projections
        self.settings = SimpleNamespace(trackers=SimpleNamespace(trackers=("one",)))
        self.installation = SimpleNamespace(scopes=())
        self._context = make_context(self, self, scheduler=self)

    def look(self) -> set[str]:
        """Do the work on changes; return what it caused."""
        schedule_caused(self._context, STREAM)
        return self.caused.pop() if self.caused else set()

    # What the work reads and causes

    def state(self, _: StreamId) -> StreamState:
        return StreamState(version=len(self.events_so_far), erasures=self.erasures)

    def events(self, _: StreamId, after: int) -> list[RecordedEvent]:
        return self.events_so_far[after:]

    def changeable_kinds(self, _: StreamId) -> frozenset[str]:
        return frozenset(get_args(WorkKind))

    def schedule_caused(self, _: StreamId, *kinds: str) -> None:
        self.caused.append(set(kinds))


@pytest.fixture
def model() -> Model:
    model = Model()
    model.events_so_far += [ASSET]
    return model


def names(projectors: Sequence[Projector]) -> set[str]:
    return {projector.value for projector in projectors}


def test_everything_is_looked_at_the_first_time_and_after_an_erasure(model: Model) -> None:
    assert model.look() == names(tuple(Projector))
    model.erasures += 1
    assert model.look() == names(tuple(Projector))


def test_new_events_cause_what_they_need(model: Model) -> None:
    model.look()
    model.events_so_far += [CLOSED]
    assert model.look() == names(caused_by([CLOSED]))


def test_events_that_were_read_before_cause_nothing_more(model: Model) -> None:
    model.look()
    model.events_so_far += [CLOSED]
    model.look()
    assert model.look() == set(), "the model was due for an event that the work before had read"
