"""Deciding to take back one's own last answer: its events, inverted, last one first."""

from collections.abc import Sequence
from typing import assert_never

from msgspec.structs import replace

from domain.decide.adding import levels
from domain.decide.checks import name_is_free
from domain.decide.draft import Draft
from domain.decide.revising import users
from domain.elements import (
    Asset,
    Component,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    PersonId,
    TrustBoundary,
    TrustLevel,
    kind_of,
    references,
)
from domain.events import (
    AssetRevised,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    ComponentRevised,
    DataFlowRevised,
    ElementAdded,
    ElementRemoved,
    ElementRestored,
    ElementRevised,
    EntryPointRevised,
    Erased,
    Event,
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
    TrustBoundaryRevised,
    TrustLevelRevised,
    TrustLevelsOrdered,
)
from domain.history import about, described, element_told, undone_answers
from domain.labels import label
from domain.model import ThreatModel, evolve, replay
from domain.rejections import NoSuchElement, NothingToUndo, StillUsed, UndoBlocked

NEVER_UNDONE = (
    ThreatModelStarted,
    FacilitatorChanged,
    PhaseMoved,
    ThreatModelClosed,
    ThreatModelReopened,
    ThreatModelArchived,
)
"""What everybody saw and went on from: it is moved back or handed on, not taken back."""


def undo(draft: Draft, told: Sequence[Past]) -> None:
    """Say the inverse of the asker's last answer that still holds."""
    past = told[: draft.model.version]
    answer = _last_answer(past, draft.by)
    before = replay(past[: answer - 1])
    steps: list[tuple[ThreatModel, Event]] = []
    model = before
    for event in past[answer - 1 :]:
        if isinstance(event, Erased) or event.answer != answer:
            break
        steps.append((model, event))
        model = evolve(model, event)
    _nobody_built_on(past, answer, steps)
    draft.undoes = answer
    for earlier, event in reversed(steps):
        inverse = _inverse(earlier, event, draft)
        _fits(draft.model, inverse)
        draft.say(inverse)


def _last_answer(past: Sequence[Past], by: PersonId) -> int:
    undone = undone_answers(past)
    for event in reversed(past):
        if isinstance(event, (Erased, *NEVER_UNDONE)) or event.by != by or event.undoes is not None:
            continue
        if event.answer not in undone:
            return event.answer
    raise NothingToUndo


def _nobody_built_on(past: Sequence[Past], answer: int, steps: list[tuple[ThreatModel, Event]]) -> None:
    """Raise Rejected, naming who and what, if a later event that still holds touches the same."""
    undone = undone_answers(past)
    touched = {subject for _, event in steps for subject in about(event)}
    added = {subject for earlier, event in steps for subject in about(event) if _is_new(earlier, subject)}
    model = replay(past[: answer - 1 + len(steps)])
    for event in past[answer - 1 + len(steps) :]:
        if isinstance(event, Erased):
            model = evolve(model, event)
            continue
        if event.undoes is None and event.answer not in undone:
            clash = touched.intersection(about(event)) or added.intersection(_named_by(event))
            if clash:
                raise UndoBlocked(ElementId(min(clash)), event.by, described(event, model))
        model = evolve(model, event)


def _is_new(earlier: ThreatModel, subject: str) -> bool:
    return ElementId(subject) not in earlier.elements


def _named_by(event: Event) -> frozenset[str]:
    if isinstance(event, ElementAdded | ElementRevised):
        return frozenset(references(element_told(event)))
    return frozenset()


def _inverse(earlier: ThreatModel, event: Event, draft: Draft) -> Event:
    """The event after which everything is as it was before the other one."""
    by, at, answer, undoes = draft.by, draft.at, draft.answer, draft.undoes
    if isinstance(event, ElementAdded):
        return ElementRemoved(by=by, at=at, answer=answer, undoes=undoes, element=element_told(event).id)
    if isinstance(event, ElementRevised):
        return _as_it_was(earlier, event, draft)
    match event:
        case TrustLevelsOrdered():
            order = tuple(level.id for level in levels(earlier))
            return TrustLevelsOrdered(by=by, at=at, answer=answer, undoes=undoes, order=order)
        case ElementRemoved():
            return ElementRestored(by=by, at=at, answer=answer, undoes=undoes, element=event.element)
        case ElementRestored():
            return ElementRemoved(by=by, at=at, answer=answer, undoes=undoes, element=event.element)
        case FactAnswered():
            reply = earlier.facts.get((event.element, event.fact))
            return replace(event, by=by, at=at, answer=answer, undoes=undoes, reply=reply)
        case RegisterCompleted():
            return RegisterReopened(by=by, at=at, answer=answer, undoes=undoes, register=event.register)
        case RegisterReopened():
            return RegisterCompleted(by=by, at=at, answer=answer, undoes=undoes, register=event.register)
        case AssumptionRecorded():
            return AssumptionWithdrawn(
                by=by, at=at, answer=answer, undoes=undoes, assumption=event.assumption.id
            )
        case AssumptionRevised():
            old = earlier.assumptions[event.assumption.id]
            return AssumptionRevised(by=by, at=at, answer=answer, undoes=undoes, assumption=old)
        case AssumptionWithdrawn():
            old = earlier.assumptions[event.assumption]
            return AssumptionRecorded(by=by, at=at, answer=answer, undoes=undoes, assumption=old)
        case ScopeRevised():
            return ScopeRevised(
                by=by,
                at=at,
                answer=answer,
                undoes=undoes,
                name=earlier.name,
                description=earlier.description,
                out_of_scope=earlier.out_of_scope,
                answers_by=earlier.answers_by,
            )
        case ParticipantsChosen():
            return replace(
                event, by=by, at=at, answer=answer, undoes=undoes, participants=earlier.participants
            )
        case (
            ThreatModelStarted()
            | FacilitatorChanged()
            | PhaseMoved()
            | ThreatModelClosed()
            | ThreatModelReopened()
            | ThreatModelArchived()
        ):
            raise NothingToUndo
    assert_never(event)


def _as_it_was(earlier: ThreatModel, event: ElementRevised, draft: Draft) -> Event:
    """The revising event of the same kind that tells the element as it was before."""
    old = earlier.elements[element_told(event).id]
    by, at, answer, undoes = draft.by, draft.at, draft.answer, draft.undoes
    match old:
        case ExternalDependency():
            return ExternalDependencyRevised(by=by, at=at, answer=answer, undoes=undoes, dependency=old)
        case EntryPoint():
            return EntryPointRevised(by=by, at=at, answer=answer, undoes=undoes, entry_point=old)
        case Asset():
            return AssetRevised(by=by, at=at, answer=answer, undoes=undoes, asset=old)
        case TrustLevel():
            return TrustLevelRevised(by=by, at=at, answer=answer, undoes=undoes, level=old)
        case DataFlow():
            return DataFlowRevised(by=by, at=at, answer=answer, undoes=undoes, flow=old)
        case Component():
            return ComponentRevised(by=by, at=at, answer=answer, undoes=undoes, component=old)
        case TrustBoundary():
            return TrustBoundaryRevised(by=by, at=at, answer=answer, undoes=undoes, boundary=old)


def _fits(model: ThreatModel, inverse: Event) -> None:
    """Raise Rejected where what comes back has lost its name or its references to others meanwhile."""
    match inverse:
        case ElementRemoved():
            using = users(model, inverse.element)
            if using:
                raise StillUsed(inverse.element, using)
        case ElementRestored():
            _has_its_place(model, model.removed[inverse.element])
        case _ if isinstance(inverse, ElementRevised):
            _has_its_place(model, element_told(inverse))
        case _:
            pass


def _has_its_place(model: ThreatModel, element: Element) -> None:
    name_is_free(model, kind_of(element), label(model, element), but=element.id)
    for id in references(element):
        if id not in model.elements:
            raise NoSuchElement(id)
