"""The draft of an answer: its events so far, and the model after them."""

from datetime import datetime
from typing import Any, TypedDict

from domain.commands import Command
from domain.events import ELEMENT_EVENTS, Event
from domain.kernel.elements import ID_PREFIX, AssumptionId, Element, ElementId, Kind, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel, evolve


class EventHeader(TypedDict):
    """The fields common to all events."""

    by: PersonId
    at: datetime
    answer: int
    undoes: int | None


class Draft:
    """An answer being decided: each recorded event is applied, so that the next decision sees it."""

    def __init__(self, model: ThreatModel, command: Command) -> None:
        self.model = model
        self.by: PersonId = command.by
        self.at: datetime = command.at
        self.answer = model.version + 1
        self.undoes: int | None = None
        self._events: list[Event] = []

    @property
    def header(self) -> EventHeader:
        """Return the common fields of the answer's events: author, time, answer, and what it undoes."""
        return {"by": self.by, "at": self.at, "answer": self.answer, "undoes": self.undoes}

    @property
    def events(self) -> tuple[Event, ...]:
        """Return the events recorded so far."""
        return tuple(self._events)

    def record(self, event: Event) -> None:
        """Record an event and apply it to the model."""
        self._events.append(event)
        self.model = evolve(self.model, event)

    def add(self, element: Element) -> None:
        """Record that an element was added."""
        self.record(ELEMENT_EVENTS[type(element)].added(**self._described(element)))

    def revise(self, element: Element) -> None:
        """Record the new state of an element."""
        self.record(ELEMENT_EVENTS[type(element)].revised(**self._described(element)))

    def _described(self, element: Element) -> dict[str, Any]:
        return {ELEMENT_EVENTS[type(element)].attribute: element, **self.header}

    def next_id(self, kind: Kind, parent: ElementId | None = None) -> ElementId:
        """Return the next id of a kind, or the next one nested in a parent; ids are never reused."""
        stem = parent or ID_PREFIX[kind]
        number = self.model.numbers.get(stem, 0) + 1
        return ElementId(f"{stem}.{number}" if parent else f"{stem}-{number}")

    def next_assumption(self) -> AssumptionId:
        """Return the next id of an assumption."""
        return AssumptionId(f"AU-{self.model.numbers.get('AU', 0) + 1}")

    def next_threat(self) -> ThreatId:
        """Return the next id of a threat."""
        return ThreatId(f"TH-{self.model.numbers.get('TH', 0) + 1}")

    def next_round(self) -> RoundId:
        """Return the next id of a round."""
        return RoundId(f"RD-{self.model.numbers.get('RD', 0) + 1}")

    def next_mitigation(self) -> MitigationId:
        """Return the next id of a mitigation."""
        return MitigationId(f"MI-{self.model.numbers.get('MI', 0) + 1}")
