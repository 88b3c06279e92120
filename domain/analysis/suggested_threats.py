"""Suggested threats sorted by decision: undecided, confirmed and dismissed."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from domain.analysis.rule_findings import FactUsed, SuggestedThreat
from domain.kernel.elements import Asset, Component, DataFlow, ElementId, EntryPoint
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import (
    AnswerChange,
    Dismissal,
    PlacementAtDecision,
    PlacementChange,
    Reappearance,
    SuggestedThreatId,
    ThreatId,
    elements_of,
    rule_of,
)
from domain.model import ThreatModel
from domain.model.crossings import boundary_path, component
from domain.model.element_labels import name_of
from domain.rules.rule import Rule


class DismissalState(StrEnum):
    """The state of a dismissed suggested threat."""

    HOLDS = "holds"
    """The rule still yields it, and the dismissal is in force."""
    RETURNED = "returned"
    """An answer or a placement has changed: it needs a decision again."""
    SILENT = "silent"
    """The rule no longer yields it."""
    ORPHAN = "orphan"
    """Its element was removed."""


class DismissedSuggestedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A dismissed suggested threat with its texts; without a rule if the catalog no longer has it.

    `rule_changed` if the rule has another version now than at the time of the dismissal; `facts` are the
    answers that it still rests on.
    """

    dismissal: Dismissal
    state: DismissalState
    title: str
    element_name: str
    rule: Rule | None
    rule_changed: bool
    facts: tuple[FactUsed, ...] = ()


class SortedSuggestedThreats(msgspec.Struct, frozen=True, kw_only=True):
    """The suggested threats by decision: undecided (or to be decided again), confirmed, dismissed."""

    undecided: tuple[SuggestedThreat, ...]
    confirmed: tuple[SuggestedThreat, ...]
    dismissed: tuple[DismissedSuggestedThreat, ...]


def sort_suggested_threats(model: ThreatModel, found: Iterable[SuggestedThreat]) -> SortedSuggestedThreats:
    """Sort the suggested threats that the rules yield now by the team's decisions."""
    confirmed = confirmations(model)
    brought_up = {SuggestedThreatId(one.id): one for one in found}
    undecided: list[SuggestedThreat] = []
    returned: set[SuggestedThreatId] = set()
    for id, suggested_threat in brought_up.items():
        if id in confirmed:
            continue
        dismissal = model.dismissals.get(id)
        if dismissal is None:
            undecided.append(suggested_threat)
        else:
            changes, moved = _changes(model, dismissal, suggested_threat), _moved(model, dismissal)
            if changes or moved:
                back = Reappearance(dismissal=dismissal, changes=changes, moved=moved)
                undecided.append(replace(suggested_threat, returned=back))
                returned.add(id)
    by_id = model.catalog.rules_by_id
    dismissed = [
        _dismissed(model, value, by_id.get(rule_of(value.suggested_threat)), brought_up, returned)
        for value in values_of(model.dismissals)
        if value.suggested_threat not in confirmed
    ]
    dismissed.sort(key=lambda one: (one.dismissal.at, one.dismissal.suggested_threat), reverse=True)
    return SortedSuggestedThreats(
        undecided=tuple(undecided),
        confirmed=tuple(suggested_threat for id, suggested_threat in brought_up.items() if id in confirmed),
        dismissed=tuple(dismissed),
    )


def confirmations(model: ThreatModel) -> dict[SuggestedThreatId, ThreatId]:
    """Return the threat of each confirmed suggested threat."""
    return {
        suggested_threat: threat.id
        for threat in values_of(model.threats)
        for suggested_threat in threat.suggested_threats
    }


def placements_of(model: ThreatModel, suggested_threat: SuggestedThreatId) -> tuple[PlacementAtDecision, ...]:
    """Return the placements of its components, on which a dismissal is based as well."""
    components = (id for about in elements_of(suggested_threat) for id in _components(model, about))
    placed = (component(model, id) for id in dict.fromkeys(components))
    return tuple(_place(model, one) for one in placed if one is not None)


def _components(model: ThreatModel, about: ElementId) -> tuple[ElementId, ...]:
    """Return the components concerned, such as the ends of a flow, or the stores of an asset."""
    match model.elements.get(about):
        case Component():
            return (about,)
        case DataFlow(source=source, target=target):
            return source, target
        case EntryPoint(component=behind):
            through = (data_flow for data_flow in model.of_type(DataFlow) if data_flow.entry_point == about)
            ends = (end for flow in through for end in (flow.source, flow.target))
            return (*ends, *((behind,) if behind else ()))
        case Asset(stored_in=stored):
            return stored
        case _:  # other elements concern no component
            return ()


def _place(model: ThreatModel, one: Component) -> PlacementAtDecision:
    return PlacementAtDecision(
        element=one.id, trust_level=one.trust_level, boundaries=boundary_path(model, one)
    )


def _moved(model: ThreatModel, dismissal: Dismissal) -> tuple[PlacementChange, ...]:
    """Return the placements that changed since the dismissal."""
    found = ((then, component(model, then.element)) for then in dismissal.places)
    now = ((then, _place(model, one)) for then, one in found if one is not None)
    return tuple(PlacementChange(before=then, now=place) for then, place in now if place != then)


def _changes(
    model: ThreatModel, dismissal: Dismissal, suggested_threat: SuggestedThreat
) -> tuple[AnswerChange, ...]:
    """Return the answers that changed since the dismissal.

    A newer version of the rule may use more facts: then only the facts behind the dismissal count.
    """
    then = {(fact.element, fact.fact): fact.answer for fact in dismissal.facts}
    looked_at = dict.fromkeys(then)
    if suggested_threat.rule.version == dismissal.rule_version:
        looked_at |= dict.fromkeys((fact.element, fact.fact) for fact in suggested_threat.facts)
    changes = (
        AnswerChange(element=about[0], fact=about[1], before=then.get(about), now=model.facts.get(about))
        for about in looked_at
    )
    return tuple(change for change in changes if change.before is not change.now)


def _dismissed(
    model: ThreatModel,
    dismissal: Dismissal,
    rule: Rule | None,
    brought_up: dict[SuggestedThreatId, SuggestedThreat],
    returned: set[SuggestedThreatId],
) -> DismissedSuggestedThreat:
    id = dismissal.suggested_threat
    about = elements_of(id)
    if any(one in model.removed for one in about):
        fate = DismissalState.ORPHAN
    elif id in returned:
        fate = DismissalState.RETURNED
    else:
        fate = DismissalState.HOLDS if id in brought_up else DismissalState.SILENT
    return DismissedSuggestedThreat(
        dismissal=dismissal,
        state=fate,
        title=rule.title if rule else rule_of(id),
        element_name=", ".join(name_of(model, one) for one in about),
        rule=rule,
        rule_changed=rule is not None and rule.version != dismissal.rule_version,
        facts=brought_up[id].facts if id in brought_up else (),
    )
