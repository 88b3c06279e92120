"""What people have made of the candidates: which are still to be decided, and what was dismissed."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from domain.analysis.rule_findings import Candidate
from domain.kernel.decisions import (
    AnswerChange,
    CandidateId,
    Dismissal,
    PlacementAtDecision,
    PlacementChange,
    Reappearance,
    elements_of,
    rule_of,
)
from domain.kernel.elements import Asset, Component, DataFlow, ElementId, EntryPoint
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.model.crossings import boundary_path, component
from domain.model.labels import name_of
from domain.rules import RULES
from domain.rules.rule import Rule


class DismissalState(StrEnum):
    """What has become of a dismissed candidate."""

    HOLDS = "holds"
    """The rule still brings it up, and the dismissal answers it."""
    RETURNED = "returned"
    """One of its facts has changed, or a component has another place: it is up for decision again."""
    SILENT = "silent"
    """The rule does not bring it up any more."""
    ORPHAN = "orphan"
    """Its element was removed."""


class DismissedCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """A dismissed candidate as people read it; no rule where today's catalogue does not know it any more.

    `rule_changed` if the rule has another version by now than the one that was dismissed.
    """

    dismissal: Dismissal
    fate: DismissalState
    title: str
    element_name: str
    rule: Rule | None
    rule_changed: bool


class SortedCandidates(msgspec.Struct, frozen=True, kw_only=True):
    """The candidates still to be decided (or again, since they changed), those confirmed, those dismissed."""

    undecided: tuple[Candidate, ...]
    confirmed: tuple[Candidate, ...]
    dismissed: tuple[DismissedCandidate, ...]


def sort_candidates(
    model: ThreatModel, found: Iterable[Candidate], rules: tuple[Rule, ...] = RULES
) -> SortedCandidates:
    """Lay what people decided beside what the rules bring up now."""
    confirmed = confirmations(model)
    brought_up = {CandidateId(one.id): one for one in found}
    undecided: list[Candidate] = []
    returned: set[CandidateId] = set()
    for id, candidate in brought_up.items():
        if id in confirmed:
            continue
        dismissal = model.dismissals.get(id)
        if dismissal is None:
            undecided.append(candidate)
        else:
            changes, moved = _changes(model, dismissal, candidate), _moved(model, dismissal)
            if changes or moved:
                back = Reappearance(dismissal=dismissal, changes=changes, moved=moved)
                undecided.append(replace(candidate, returned=back))
                returned.add(id)
    by_id = {rule.id: rule for rule in rules}
    dismissed = [
        _dismissed(model, one, by_id.get(rule_of(one.candidate)), brought_up, returned)
        for one in values_of(model.dismissals)
        if one.candidate not in confirmed
    ]
    dismissed.sort(key=lambda one: (one.dismissal.at, one.dismissal.candidate), reverse=True)
    return SortedCandidates(
        undecided=tuple(undecided),
        confirmed=tuple(candidate for id, candidate in brought_up.items() if id in confirmed),
        dismissed=tuple(dismissed),
    )


def confirmations(model: ThreatModel) -> dict[CandidateId, ThreatId]:
    """The threat that each confirmed candidate has become."""
    return {one: threat.id for threat in values_of(model.threats) for one in threat.candidates}


def placements_of(model: ThreatModel, candidate: CandidateId) -> tuple[PlacementAtDecision, ...]:
    """Where the components are that a candidate is about: whoever dismisses it goes by that, too."""
    components = (id for about in elements_of(candidate) for id in _components(model, about))
    placed = (component(model, id) for id in dict.fromkeys(components))
    return tuple(_place(model, one) for one in placed if one is not None)


def _components(model: ThreatModel, about: ElementId) -> tuple[ElementId, ...]:
    """A component itself, the ends of a flow, what lies before and behind an entry point."""
    match model.elements.get(about):
        case Component():
            return (about,)
        case DataFlow(source=source, target=target):
            return source, target
        case EntryPoint(component=behind):
            through = (one for one in model.of_type(DataFlow) if one.entry_point == about)
            ends = (end for flow in through for end in (flow.source, flow.target))
            return (*ends, *((behind,) if behind else ()))
        case Asset(stored_in=stored):
            return stored
        case _:
            return ()


def _place(model: ThreatModel, one: Component) -> PlacementAtDecision:
    return PlacementAtDecision(
        element=one.id, trust_level=one.trust_level, boundaries=boundary_path(model, one)
    )


def _moved(model: ThreatModel, dismissal: Dismissal) -> tuple[PlacementChange, ...]:
    """What has another place than when it was dismissed."""
    found = ((then, component(model, then.element)) for then in dismissal.places)
    now = ((then, _place(model, one)) for then, one in found if one is not None)
    return tuple(PlacementChange(before=then, now=place) for then, place in now if place != then)


def _changes(model: ThreatModel, dismissal: Dismissal, candidate: Candidate) -> tuple[AnswerChange, ...]:
    """What is answered otherwise than when it was dismissed.

    A newer version of the rule may look at more facts: only those that the dismissal went by count then.
    """
    then = {(one.element, one.fact): one.answer for one in dismissal.facts}
    looked_at = dict.fromkeys(then)
    if candidate.rule.version == dismissal.rule_version:
        looked_at |= dict.fromkeys((one.element, one.fact) for one in candidate.facts)
    changes = (
        AnswerChange(element=about[0], fact=about[1], before=then.get(about), now=model.facts.get(about))
        for about in looked_at
    )
    return tuple(one for one in changes if one.before is not one.now)


def _dismissed(
    model: ThreatModel,
    dismissal: Dismissal,
    rule: Rule | None,
    brought_up: dict[CandidateId, Candidate],
    returned: set[CandidateId],
) -> DismissedCandidate:
    id = dismissal.candidate
    about = elements_of(id)
    if any(one in model.removed for one in about):
        fate = DismissalState.ORPHAN
    elif id in returned:
        fate = DismissalState.RETURNED
    else:
        fate = DismissalState.HOLDS if id in brought_up else DismissalState.SILENT
    return DismissedCandidate(
        dismissal=dismissal,
        fate=fate,
        title=rule.title if rule else rule_of(id),
        element_name=", ".join(name_of(model, one) for one in about),
        rule=rule,
        rule_changed=rule is not None and rule.version != dismissal.rule_version,
    )
