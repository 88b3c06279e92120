"""A decision in progress: its events so far, and the model after them."""

from datetime import datetime
from typing import Any, TypedDict

import msgspec
from msgspec.structs import replace
from rpds import List

from domain.commands import Command, CreatingCommand
from domain.decide.name_spelling import likely_duplicate
from domain.events import ELEMENT_EVENTS, Event
from domain.kernel.elements import (
    ID_PREFIX,
    AssumptionId,
    Element,
    ElementId,
    Kind,
    LikelyDuplicate,
    NameChoice,
    PersonId,
)
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


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What has been decided on a command so far; a function that decides more returns a new decision.

    `model` is the model after the events recorded so far: the next one builds on them. `recorded` holds these
    events, the latest first; as a persistent list, it is not copied for each further event.
    `choices` are what the command says of new names that are like others; `duplicates` are those of which it
    says nothing.
    """

    model: ThreatModel
    by: PersonId
    at: datetime
    answer: int
    undoes: int | None = None
    recorded: "List[Event]" = List()
    choices: tuple[NameChoice, ...] = ()
    duplicates: tuple[LikelyDuplicate, ...] = ()

    @property
    def header(self) -> EventHeader:
        """Return the common fields of the answer's events: author, time, answer, and what it undoes."""
        return {"by": self.by, "at": self.at, "answer": self.answer, "undoes": self.undoes}

    @property
    def events(self) -> tuple[Event, ...]:
        """Return the events recorded so far, the earliest first."""
        return tuple(self.recorded)[::-1]

    def record(self, event: Event) -> "Decision":
        """Return the decision with one more event, which is applied to the model."""
        return replace(self, model=evolve(self.model, event), recorded=self.recorded.push_front(event))

    def record_if(self, changed: object, event: Event) -> "Decision":  # the condition comes first
        """Return the decision with one more event if it changes anything."""
        return self.record(event) if changed else self

    def revise_if(self, changed: object, element: Element) -> "Decision":
        """Return the decision with an element's new state if it differs."""
        return self.revise(element) if changed else self

    def add(self, element: Element) -> "Decision":
        """Return the decision with the event that an element was added, after its name was compared."""
        found = likely_duplicate(self.model, element, self.choices)
        decision = replace(self, duplicates=(*self.duplicates, found)) if found else self
        return decision.add_as_named(element)

    def add_as_named(self, element: Element) -> "Decision":
        """Return the decision with the event that an element was added, whose name was compared before."""
        return self.record(ELEMENT_EVENTS[type(element)].added(**self._described(element)))

    def revise(self, element: Element) -> "Decision":
        """Return the decision with the event of an element's new state."""
        return self.record(ELEMENT_EVENTS[type(element)].revised(**self._described(element)))

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


def begin_decision(command: Command, model: ThreatModel) -> Decision:
    """Return the decision on a command before its first event."""
    choices = command.choices if isinstance(command, CreatingCommand) else ()
    return Decision(model=model, by=command.by, at=command.at, answer=model.version + 1, choices=choices)
