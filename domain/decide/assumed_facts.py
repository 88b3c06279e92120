"""Decisions on assumed facts: recorded with a technology or protocol, confirmed, or updated."""

from domain.commands import AdoptCatalog, ConfirmAssumptions
from domain.decide.decision import Decision
from domain.decide.input_checks import check_count, require_element
from domain.events import ElementAdded, ElementRevised, FactAnswered, FactsAssumed, described_element
from domain.implied_facts import (
    affected_elements,
    assumptions_in_force,
    first_targets_of,
    implied_facts,
    outdated_elements,
    technology_named,
)
from domain.kernel.assumed_fact import ElementAssumptions
from domain.kernel.elements import ElementId
from domain.model import ThreatModel, id_order
from domain.rejections import ContentMissing, NothingChanged


def record_assumptions(decision: Decision, before: ThreatModel) -> Decision:
    """Record what is assumed of each element whose technology or protocol the decision changes.

    Both sides follow from the current catalog, so that a newer catalog alone changes nothing.
    """
    changed = [
        described_element(event).id
        for event in decision.events
        if isinstance(event, ElementAdded | ElementRevised)
    ]
    if not changed:
        return decision
    then, now = first_targets_of(before), first_targets_of(decision.model)
    for id in affected_elements(decision.model, dict.fromkeys(changed)):
        technology = technology_named(decision.model.elements.get(id))
        if technology == technology_named(before.elements.get(id)) and (
            implied_facts(decision.model, id, now) == implied_facts(before, id, then)
        ):
            continue
        decision = _assume(decision, id)
    return decision


def confirm_assumptions(command: ConfirmAssumptions, decision: Decision) -> Decision:
    """Record the assumed answers as answers of the author; facts answered since are skipped."""
    if not command.facts:
        raise ContentMissing("No assumption is selected. Select at least one.", field="facts")
    check_count("assumptions", len(command.facts), field="facts")
    assumed = assumptions_in_force(decision.model)
    for one in dict.fromkeys(command.facts):
        require_element(decision.model, one.element)
        found = assumed.get((one.element, one.fact))
        if found is not None:
            decision = decision.record(
                FactAnswered(**decision.header, element=one.element, fact=one.fact, reply=found.answer)
            )
    if not decision.recorded:
        raise NothingChanged("All of these questions have already been answered.")
    return decision


def adopt_catalog(_command: AdoptCatalog, decision: Decision) -> Decision:
    """Record what the current catalog implies for the elements for which it implies something else now."""
    for id in sorted(
        outdated_elements(decision.model), key=lambda one: (one.partition("-")[0], id_order(one))
    ):
        decision = _assume(decision, id)
    if not decision.recorded:
        raise NothingChanged("The assumptions are up to date.")
    return decision


def _assume(decision: Decision, id: ElementId) -> Decision:
    return decision.record(
        FactsAssumed(
            **decision.header,
            element=id,
            assumptions=ElementAssumptions(
                element=id,
                catalog=decision.model.catalog.version,
                technology=technology_named(decision.model.elements.get(id)),
                facts=implied_facts(decision.model, id),
            ),
        )
    )
