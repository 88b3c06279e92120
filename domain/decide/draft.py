"""The events of one answer while they are being decided, and the model as they make it."""

from datetime import datetime

from domain.commands import Command
from domain.elements import ID_PREFIX, AssumptionId, ElementId, Kind, PersonId
from domain.events import Event
from domain.model import ThreatModel, evolve


class Draft:
    """An answer in the making: each event said is folded in, so that the next one sees it."""

    def __init__(self, model: ThreatModel, command: Command) -> None:
        self.model = model
        self.by: PersonId = command.by
        self.at: datetime = command.at
        self.answer = model.version + 1
        self.undoes: int | None = None
        self._events: list[Event] = []

    @property
    def events(self) -> tuple[Event, ...]:
        """What has been said so far."""
        return tuple(self._events)

    def say(self, event: Event) -> None:
        """Add an event to the answer."""
        self._events.append(event)
        self.model = evolve(self.model, event)

    def next_id(self, kind: Kind, parent: ElementId | None = None) -> ElementId:
        """The next id of a kind, or the next one nested in a parent; none is ever used twice."""
        stem = parent or ID_PREFIX[kind]
        number = self.model.numbers.get(stem, 0) + 1
        return ElementId(f"{stem}.{number}" if parent else f"{stem}-{number}")

    def next_assumption(self) -> AssumptionId:
        """The next id of an assumption."""
        return AssumptionId(f"AU-{self.model.numbers.get('AU', 0) + 1}")
