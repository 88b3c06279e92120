"""Decisions on answers, assumed facts, complete registers and assumptions."""

from domain.commands import (
    AdoptCatalog,
    AnswerQuestions,
    CompleteRegister,
    ConfirmAssumptions,
    RecordAssumption,
    ReopenRegister,
    ReviseAssumption,
    WithdrawAssumption,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import check_count, clean_text, require_element, require_question
from domain.events import (
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    ElementAdded,
    ElementRevised,
    FactAnswered,
    FactsAssumed,
    RegisterCompleted,
    RegisterReopened,
    described_element,
)
from domain.implied_facts import (
    affected_elements,
    assumptions_in_force,
    first_targets_of,
    implied_facts,
    outdated_elements,
    technology_named,
)
from domain.kernel.elements import (
    REGISTERS,
    Assumption,
    AssumptionId,
    ElementAssumptions,
    ElementId,
    Kind,
)
from domain.model import ThreatModel, id_order
from domain.rejections import ContentMissing, NoSuchAssumption, NothingChanged, Rejected


def answer_questions(command: AnswerQuestions, decision: Decision) -> Decision:
    """Record each answer that differs from the previous one."""
    if not command.replies:
        raise ContentMissing("No question is answered. Answer at least one; “Don't know” is also an answer.")
    check_count("answers", len(command.replies))
    for reply in command.replies:
        require_question(decision.model, reply.element, reply.fact)
        if decision.model.facts.get((reply.element, reply.fact)) is not reply.answer:
            decision = decision.record(
                FactAnswered(
                    **decision.header,
                    element=reply.element,
                    fact=reply.fact,
                    reply=reply.answer,
                )
            )
    return decision


def complete_register(command: CompleteRegister, decision: Decision) -> Decision:
    """Mark a register as complete."""
    return decision.record_if(
        _register(command.register) not in decision.model.complete,
        RegisterCompleted(**decision.header, register=command.register),
    )


def reopen_register(command: ReopenRegister, decision: Decision) -> Decision:
    """Mark a register as incomplete again."""
    return decision.record_if(
        _register(command.register) in decision.model.complete,
        RegisterReopened(**decision.header, register=command.register),
    )


def record_assumption(command: RecordAssumption, decision: Decision) -> Decision:
    """Record an assumption and its holder."""
    assumption = Assumption(
        id=decision.next_assumption(), text=_text(command.text), held_by=command.held_by or command.by
    )
    return decision.record(AssumptionRecorded(**decision.header, assumption=assumption))


def revise_assumption(command: ReviseAssumption, decision: Decision) -> Decision:
    """Reword an assumption."""
    old = _assumption(decision.model, command.assumption)
    new = Assumption(id=old.id, text=_text(command.text), held_by=command.held_by or old.held_by)
    return decision.record_if(new != old, AssumptionRevised(**decision.header, assumption=new))


def withdraw_assumption(command: WithdrawAssumption, decision: Decision) -> Decision:
    """Withdraw an assumption."""
    old = _assumption(decision.model, command.assumption)
    return decision.record(AssumptionWithdrawn(**decision.header, assumption=old.id))


def _register(kind: Kind) -> Kind:
    if kind not in REGISTERS:
        raise Rejected(f"“{kind.value}” is not one of the five registers.")
    return kind


def _assumption(model: ThreatModel, id: AssumptionId) -> Assumption:
    found = model.assumptions.get(id)
    if found is None:
        raise NoSuchAssumption(id)
    return found


def _text(text: str) -> str:
    said = clean_text(text, what="The assumption", field="text")
    if not said:
        raise ContentMissing("The assumption is empty. Enter what is assumed to be true.", field="text")
    return said


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
    for fact in dict.fromkeys(command.facts):
        require_element(decision.model, fact.element)
        found = assumed.get((fact.element, fact.fact))
        if found is not None:
            decision = decision.record(
                FactAnswered(**decision.header, element=fact.element, fact=fact.fact, reply=found.answer)
            )
    if not decision.recorded:
        raise NothingChanged("All of these questions have already been answered.")
    return decision


def adopt_catalog(_command: AdoptCatalog, decision: Decision) -> Decision:
    """Record what the current catalog implies for the elements for which it implies something else now."""
    for id in sorted(
        outdated_elements(decision.model), key=lambda element: (element.partition("-")[0], id_order(element))
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
