"""Search for the event that set the current value of a form field."""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from bot.slack.ui.forms.three_way_merge import ShownValue
from bot.store import EventStore, StreamId
from domain.events import RecordedEvent
from domain.model import ThreatModel, evolve
from domain.replay import replay

State = TypeVar("State")
EventOf = TypeVar("EventOf")


class FieldHistory(Generic[State, EventOf]):
    """Versions of the subject of a form since it was opened: one state more than events between them."""

    def __init__(
        self,
        events: Sequence[EventOf],
        states: Sequence[State],
        shown_at: Callable[[State], Mapping[str, ShownValue]],
    ) -> None:
        self._events = events
        self._states = states
        # Each version of a model takes a whole register to compute, so only few are examined, each once.
        self._shown_at = shown_at
        self._shown: dict[int, Mapping[str, ShownValue]] = {}

    def last_change_of(self, key: str, now: ShownValue) -> EventOf | None:
        """Return an event that set a field's current value; None if no event did."""
        before, after = 0, len(self._events)
        if self._holds(before, key, now) or not self._holds(after, key, now):
            return None
        while after - before > 1:
            middle = (before + after) // 2
            if self._holds(middle, key, now):
                after = middle
            else:
                before = middle
        return self._events[after - 1]

    def _holds(self, number: int, key: str, now: ShownValue) -> bool:
        if number not in self._shown:
            self._shown[number] = self._shown_at(self._states[number])
        return self._shown[number].get(key, ShownValue()).stored == now.stored


def model_versions(
    store: EventStore, stream: StreamId, since: int, until: int
) -> tuple[list[RecordedEvent], list[ThreatModel]]:
    """Return the events of a model between two versions, and the model before the first and after each."""
    events = list(store.events(stream, since, until))
    models = [replay(store.events(stream, until=since))]
    for event in events:
        models.append(evolve(models[-1], event))
    return events, models
