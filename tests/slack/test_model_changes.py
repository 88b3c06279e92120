"""What a changed model causes: the work for its events since the last look, and nothing if there are none."""

from collections.abc import Iterator, Sequence
from typing import Any, cast, get_args

import pytest

from bot.slack.projectors.event_table import Projector, caused_by
from bot.slack.slots.delivery_pace import WorkKind
from bot.slack.slots.model_work import ModelChanges
from bot.store import StreamId
from bot.store.records import StreamState
from domain.events import AssetAdded, RecordedEvent, RoundClosed
from tests.fresh_database import fresh_store
from tests.sample_events import ONE_OF_EACH

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
        self._work = ModelChanges(
            cast("Any", self), cast("Any", self), cast("Any", self), has_trackers=lambda: True
        )

    def look(self) -> set[str]:
        """Do the work on changes; return what it caused."""
        self._work.schedule_caused(STREAM)
        return self.caused.pop() if self.caused else set()

    # What the work reads and causes

    def state(self, _: StreamId) -> StreamState:
        return StreamState(version=len(self.events_so_far), erasures=self.erasures)

    def events(self, _: StreamId, after: int) -> Iterator[RecordedEvent]:
        return iter(self.events_so_far[after:])

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
    return {one.value for one in projectors}


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
