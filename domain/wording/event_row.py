"""The row of an event type: what it says, what it changes, touches and presupposes, and whom it mentions."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from string import Formatter
from typing import Any, TypeVar

import msgspec

from domain.events import Event
from domain.kernel import event_subjects as of
from domain.kernel.elements import PLURAL, SINGULAR, ElementId, PersonId, kind_of_id
from domain.kernel.event_subjects import Subject
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.model.element_labels import name_of


def element_phrase(before: ThreatModel, id: ElementId) -> str:
    """Return kind, name and id, such as `entry point “Front door” (EP-1)`, also of a removed element."""
    return f"{SINGULAR[kind_of_id(id)]} “{name_of(before, id)}” ({id})"


def threat_phrase(before: ThreatModel, id: ThreatId) -> str:
    """Return `the threat “Burglars” (TH-1)`, also for a withdrawn or merged threat."""
    found = before.threats.get(id) or before.withdrawn.get(id)
    if found is None and id in before.merged:
        found = before.merged[id].threat
    return f"the threat “{found.title}” ({id})" if found else f"the threat {id}"


def mitigation_phrase(before: ThreatModel, id: MitigationId) -> str:
    """Return `the mitigation “Parameterized queries” (MI-1)`, or its ID if it was removed."""
    found = before.mitigations.get(id)
    return f"the mitigation “{found.title}” ({id})" if found else f"the mitigation {id}"


def reason_suffix(reason: str) -> str:
    """Return the reason as the end of a sentence; empty without one."""
    return f", because: {reason}" if reason else ""


def question_phrase(before: ThreatModel, name: str) -> str:
    """Return the question of a fact, or its name if this release does not know it."""
    fact = before.catalog.facts.get(name)
    return fact.question if fact else name


_E = TypeVar("_E", bound=Event)


class EventKind(msgspec.Struct, frozen=True, kw_only=True):
    """Properties of one event type that other parts of the domain need."""

    says: Callable[[Any, ThreatModel], str]
    """What the author did, to follow the author's name, given the model before the event."""
    changes: Callable[[Any], Iterable[Subject]]
    """What may differ after it, for the report of changes since a day."""
    touches: Callable[[Any], Iterable[Subject]]
    """What must not have been touched since by an event that still holds, if an answer is to be undone."""
    builds_on: Callable[[Any], Iterable[Subject]]
    """What it presupposes besides: its addition can no longer be undone."""
    decides: bool
    """Whether it is a decision, which auditors want to read, rather than new information."""
    people: Callable[[Any], Iterable[PersonId | None]]
    """The people that its words mention; the author counts only if it `mentions_author`."""
    mentions_author: bool


Row = tuple[type[Event], EventKind]
_Subjects = Callable[[_E], Iterable[Subject]]


def nothing(_event: object) -> tuple[Subject, ...]:
    """Return no subject."""
    return ()


def no_one(_event: object) -> tuple[PersonId, ...]:
    """Return no person."""
    return ()


def about(subject: Callable[[str], Subject], attribute: str) -> Callable[[Event], Iterable[Subject]]:
    """Return the function that finds the subject of an event, given the path of the attribute with its ID."""
    id = attrgetter(attribute)
    return lambda event: (subject(id(event)),)


def row(
    kind: type[_E],
    says: str | Callable[[_E, ThreatModel], str],
    changes: Subject | _Subjects[_E] = nothing,
    *,
    touches: _Subjects[_E] | None = None,
    builds_on: _Subjects[_E] = nothing,
    decides: bool = False,
    people: Callable[[_E], Iterable[PersonId | None]] = no_one,
    mentions_author: bool = False,
) -> Row:
    """Return the row of an event type; by default it touches what it changes.

    What it says may be a text with the names of `PHRASES` in braces; the subject that it changes may be one
    that exists once.
    """
    changed = _always(changes) if isinstance(changes, Subject) else changes

    def as_changed(event: _E) -> Iterable[Subject]:
        return map(of.coarse, changed(event))

    return kind, EventKind(
        says=_filled(says) if isinstance(says, str) else says,
        changes=changed,
        touches=touches or as_changed,
        builds_on=builds_on,
        decides=decides,
        people=people,
        mentions_author=mentions_author,
    )


def _always(subject: Subject) -> Callable[[Event], Iterable[Subject]]:
    return lambda _event: (subject,)


def _filled(text: str) -> Callable[[Any, ThreatModel], str]:
    names = [name for _, name, _, _ in Formatter().parse(text) if name]

    def says(event: Event, before: ThreatModel) -> str:
        return text.format(**{name: PHRASES[name](event, before) for name in names})

    return says


PHRASES: Mapping[str, Callable[[Any, ThreatModel], str]] = {
    "element": lambda event, before: element_phrase(before, event.element),
    "kept": lambda event, _: f"“{event.kept.title}” ({event.kept.id})",
    "merged": lambda event, before: threat_phrase(before, event.merged),
    "mitigation": lambda event, before: mitigation_phrase(before, event.mitigation),
    "new_mitigation": lambda event, _: f"the mitigation “{event.mitigation.title}” ({event.mitigation.id})",
    "new_threat": lambda event, _: f"“{event.threat.title}” ({event.threat.id})",
    "reason": lambda event, _: reason_suffix(event.reason),
    "register": lambda event, _: PLURAL[event.register],
    "round": lambda event, _: f"the round {event.round}",
    "threat": lambda event, before: threat_phrase(before, event.threat),
    "threat_id": lambda event, _: event.threat,
    "threats": lambda event, _: ", ".join(event.threats),
}
"""Phrases in the texts of rows, each from the attribute of the event that has its name."""
