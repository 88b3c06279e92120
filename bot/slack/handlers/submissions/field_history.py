"""Search for the event that set the current value of a form field."""

from collections.abc import Callable, Mapping

from bot.slack.ui.forms.three_way_merge import ShownValue
from bot.store import EventStore, StreamId
from domain.events import Erased, Event
from domain.model import ThreatModel, evolve, replay


class FieldHistory:
    """Versions of a model since a form was opened."""

    def __init__(
        self,
        store: EventStore,
        stream: StreamId,
        since: int,
        model: ThreatModel,
        shown_at: Callable[[ThreatModel], Mapping[str, ShownValue]],
    ) -> None:
        self._events = list(store.events(stream, since, model.version))
        self._models = [replay(store.events(stream, until=since))]
        for event in self._events:
            self._models.append(evolve(self._models[-1], event))
        # Each version takes a whole register to compute, so only few are examined, each once.
        self._shown_at = shown_at
        self._shown: dict[int, Mapping[str, ShownValue]] = {}

    def last_change_of(self, key: str, now: ShownValue) -> Event | None:
        """Return an event that set a field's current value; None if no event did, or it was erased."""
        before, after = 0, len(self._events)
        if self._holds(before, key, now) or not self._holds(after, key, now):
            return None
        while after - before > 1:
            middle = (before + after) // 2
            if self._holds(middle, key, now):
                after = middle
            else:
                before = middle
        setting_event = self._events[after - 1]
        return None if isinstance(setting_event, Erased) else setting_event

    def _holds(self, number: int, key: str, now: ShownValue) -> bool:
        if number not in self._shown:
            self._shown[number] = self._shown_at(self._models[number])
        return self._shown[number].get(key, ShownValue()).stored == now.stored
