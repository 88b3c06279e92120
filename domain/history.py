"""Who said what and when: timeline, as-of, and the difference of two moments."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never

import msgspec

from domain.elements import PLURAL, SINGULAR, Element, ElementId, PersonId, kind_of, kind_of_id
from domain.events import (
    AssetAdded,
    AssetRevised,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    ComponentAdded,
    ComponentRevised,
    DataFlowAdded,
    DataFlowRevised,
    ElementAdded,
    ElementRemoved,
    ElementRestored,
    ElementRevised,
    EntryPointAdded,
    EntryPointRevised,
    Erased,
    Event,
    ExternalDependencyAdded,
    ExternalDependencyRevised,
    FacilitatorChanged,
    FactAnswered,
    ParticipantsChosen,
    Past,
    PhaseMoved,
    RegisterCompleted,
    RegisterReopened,
    ScopeRevised,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
    ThreatModelStarted,
    TrustBoundaryAdded,
    TrustBoundaryRevised,
    TrustLevelAdded,
    TrustLevelRevised,
    TrustLevelsOrdered,
)
from domain.facts import FACTS, Answer
from domain.labels import label, name_of
from domain.lifecycle import phase_of
from domain.model import ThreatModel, evolve, replay


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event as people read it; `text` goes on from the author's name and mentions persons as `@id`.

    `undone` if it was taken back later, `undoes` the answer that it takes back itself.
    """

    version: int
    answer: int
    by: PersonId
    at: datetime | None
    text: str
    people: tuple[PersonId, ...] = ()
    undone: bool = False
    undoes: int | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What came, changed and went between two moments."""

    added: tuple[Element, ...]
    revised: tuple[tuple[Element, Element], ...]
    removed: tuple[Element, ...]


def timeline(events: Sequence[Past]) -> tuple[Entry, ...]:
    """Every event in words, the first one first."""
    undone = undone_answers(events)
    entries: list[Entry] = []
    model = ThreatModel()
    for version, event in enumerate(events, start=1):
        if isinstance(event, Erased):
            nobody = PersonId("")
            entries.append(Entry(version=version, answer=version, by=nobody, at=None, text="(erased)"))
        else:
            entries.append(
                Entry(
                    version=version,
                    answer=event.answer,
                    by=event.by,
                    at=event.at,
                    text=described(event, model),
                    people=mentioned(event),
                    undone=event.answer in undone and event.undoes is None,
                    undoes=event.undoes,
                )
            )
        model = evolve(model, event)
    return tuple(entries)


def as_of(events: Iterable[Past], moment: datetime) -> ThreatModel:
    """The model as it was at a moment, by today's fold; an erased event counts with the one before it."""
    kept: list[Past] = []
    for event in events:
        if not isinstance(event, Erased) and event.at > moment:
            break
        kept.append(event)
    return replay(kept)


def difference(before: ThreatModel, after: ThreatModel) -> Difference:
    """What came, changed and went from one moment to another."""
    came = [element for id, element in after.elements.items() if id not in before.elements]
    went = [element for id, element in before.elements.items() if id not in after.elements]
    changed = [
        (old, new)
        for id, new in after.elements.items()
        if (old := before.elements.get(id)) is not None and old != new
    ]
    return Difference(
        added=tuple(sorted(came, key=lambda one: one.id)),
        revised=tuple(sorted(changed, key=lambda pair: pair[0].id)),
        removed=tuple(sorted(went, key=lambda one: one.id)),
    )


def undone_answers(events: Iterable[Past]) -> frozenset[int]:
    """The answers that were taken back."""
    return frozenset(
        event.undoes for event in events if not isinstance(event, Erased) and event.undoes is not None
    )


def element_told(event: ElementAdded | ElementRevised) -> Element:
    """The element that an event describes in whole."""
    match event:
        case ExternalDependencyAdded() | ExternalDependencyRevised():
            return event.dependency
        case EntryPointAdded() | EntryPointRevised():
            return event.entry_point
        case AssetAdded() | AssetRevised():
            return event.asset
        case TrustLevelAdded() | TrustLevelRevised():
            return event.level
        case DataFlowAdded() | DataFlowRevised():
            return event.flow
        case ComponentAdded() | ComponentRevised():
            return event.component
        case TrustBoundaryAdded() | TrustBoundaryRevised():
            return event.boundary


def about(event: Event) -> frozenset[str]:
    """What an event touches: ids of elements and assumptions, or the part of the model it is about."""
    if isinstance(event, ElementAdded | ElementRevised):
        return frozenset({element_told(event).id})
    match event:
        case ElementRemoved() | ElementRestored() | FactAnswered():
            return frozenset({event.element})
        case TrustLevelsOrdered():
            return frozenset(event.order)
        case RegisterCompleted() | RegisterReopened():
            return frozenset({f"register {event.register}"})
        case AssumptionRecorded() | AssumptionRevised():
            return frozenset({event.assumption.id})
        case AssumptionWithdrawn():
            return frozenset({event.assumption})
        case ScopeRevised():
            return frozenset({"the scope"})
        case ParticipantsChosen():
            return frozenset({"the participants"})
        case (
            ThreatModelStarted()
            | FacilitatorChanged()
            | PhaseMoved()
            | ThreatModelClosed()
            | ThreatModelReopened()
            | ThreatModelArchived()
        ):
            return frozenset()
    assert_never(event)


def mentioned(event: Event) -> tuple[PersonId, ...]:
    """The persons whom the words about an event mention."""
    match event:
        case ThreatModelStarted():
            return (event.facilitator,)
        case FacilitatorChanged():
            return (event.facilitator,)
        case ParticipantsChosen():
            return event.participants
        case AssumptionRecorded() | AssumptionRevised():
            return (event.assumption.held_by,)
        case _:
            return ()


def described(event: Event, before: ThreatModel) -> str:
    """What the author did, to be read after the author's name; `before` is the model until then."""
    words = _words(event, before)
    return f"took back: {words}" if event.undoes is not None else words


def _words(event: Event, before: ThreatModel) -> str:
    if isinstance(event, ElementAdded | ElementRevised):
        return _element_words(event, before)
    match event:
        case ThreatModelStarted():
            return f"started “{event.name}” ({event.key}) with @{event.facilitator} as facilitator"
        case ScopeRevised():
            return f"revised the scope of “{event.name}”"
        case ParticipantsChosen():
            people = ", ".join(f"@{person}" for person in event.participants)
            return f"chose the participants: {people or 'everybody in the channel'}"
        case FacilitatorChanged():
            if event.facilitator == event.by:
                return "took over as facilitator"
            return f"made @{event.facilitator} the facilitator"
        case TrustLevelsOrdered():
            names = " < ".join(f"“{name_of(before, id)}”" for id in event.order)
            return f"ordered the trust levels: {names}"
        case ElementRemoved():
            return f"removed the {_named(before, event.element)}"
        case ElementRestored():
            return f"restored the {_named(before, event.element)}"
        case FactAnswered():
            return _answer_words(event, before)
        case RegisterCompleted():
            return f"marked the {PLURAL[event.register]} complete"
        case RegisterReopened():
            return f"reopened the {PLURAL[event.register]}"
        case AssumptionRecorded():
            return f"recorded the assumption “{event.assumption.text}”, held by @{event.assumption.held_by}"
        case AssumptionRevised():
            return f"reworded the assumption {event.assumption.id}: “{event.assumption.text}”"
        case AssumptionWithdrawn():
            old = before.assumptions.get(event.assumption)
            return f"withdrew the assumption {f'“{old.text}”' if old else event.assumption}"
        case PhaseMoved():
            without = f", without {', '.join(event.missing)}" if event.missing else ""
            return f"moved to {phase_of(event.step)}{without}{_because(event.reason)}"
        case ThreatModelClosed():
            return f"closed the threat model{_because(event.reason)}"
        case ThreatModelReopened():
            return f"reopened the threat model{_because(event.reason)}"
        case ThreatModelArchived():
            return f"archived the threat model{_because(event.reason)}"
    assert_never(event)


def _element_words(event: ElementAdded | ElementRevised, before: ThreatModel) -> str:
    element = element_told(event)
    name = label(before, element)
    words = f"the {SINGULAR[kind_of(element)]} “{name}” ({element.id})"
    if isinstance(event, ElementAdded):
        return f"added {words}"
    old = before.elements.get(element.id)
    was = label(before, old) if old else name
    return f"revised {words}" + (f", called “{was}” before" if was != name else "")


def _answer_words(event: FactAnswered, before: ThreatModel) -> str:
    fact = FACTS.get(event.fact)
    reply = _REPLIES[event.reply] if event.reply else "no answer"
    question = fact.question if fact else event.fact
    return f"answered “{reply}” to “{question}” for {name_of(before, event.element)} ({event.element})"


def _named(before: ThreatModel, id: ElementId) -> str:
    return f"{SINGULAR[kind_of_id(id)]} “{name_of(before, id)}” ({id})"


def _because(reason: str) -> str:
    return f", because: {reason}" if reason else ""


_REPLIES = {
    Answer.YES: "yes",
    Answer.NO: "no",
    Answer.UNKNOWN: "don't know",
    Answer.NOT_APPLICABLE: "doesn't apply",
}
