"""Decisions on answers and their checks, assumed facts, complete registers and assumptions."""

from msgspec.structs import replace

from domain.analysis.model_analysis import analyze
from domain.analysis.spot_checks import checked_since_picked, pending_checks
from domain.commands import (
    AdoptCatalog,
    AnswerQuestions,
    CheckAnswer,
    CompleteRegister,
    ConfirmAssumptions,
    RecordAssumption,
    ReopenRegister,
    Reply,
    ReviseAssumption,
    WithdrawAssumption,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import check_count, clean_text, require_element, require_question
from domain.events import (
    AnswerChecked,
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
from domain.kernel.answer_basis import AnswerBasis, AnswerCheck, BasisKind, CheckOutcome
from domain.kernel.elements import (
    REGISTERS,
    Assumption,
    AssumptionId,
    ElementAssumptions,
    ElementId,
    Kind,
)
from domain.model import ThreatModel, id_order
from domain.model.revised_elements import answers_to_restate
from domain.rejections import (
    AlreadyChecked,
    ContentMissing,
    NoSuchAssumption,
    NothingChanged,
    NothingToCheck,
    NotPicked,
    OwnAnswer,
    Rejected,
)
from domain.rules.conditions import Asked


def answer_questions(command: AnswerQuestions, decision: Decision) -> Decision:
    """Record each answer that differs from the previous one, gets a better basis, or had to be restated."""
    earlier = answers_to_restate(decision.model)
    if not command.replies and not command.still_true:
        raise ContentMissing("No question is answered. Answer at least one; “Don't know” is also an answer.")
    check_count("answers", len(command.replies))
    restated = (
        Reply(element=id, fact=fact, answer=decision.model.facts[id, fact])
        for id in dict.fromkeys(command.still_true)
        for fact in earlier.get(id, ())
    )
    for reply in (*command.replies, *restated):
        require_question(decision.model, reply.element, reply.fact)
        decision = decision.record_if(
            decision.model.facts.get((reply.element, reply.fact)) is not reply.answer
            or (not command.only_changes and reply.fact in earlier.get(reply.element, ()))
            or _states_it(command, decision, reply),
            FactAnswered(
                **decision.header,
                element=reply.element,
                fact=reply.fact,
                reply=reply.answer,
                basis=_basis(command, decision, reply),
            ),
        )
    return decision


def _states_it(command: AnswerQuestions, decision: Decision, reply: Reply) -> bool:
    """Return whether an answer that only stood for all, or was only assumed, is stated of its element."""
    known = decision.model.bases.get((reply.element, reply.fact))
    weaker = (BasisKind.STATED_FOR_ALL, BasisKind.ASSUMED)
    stated = command.basis is BasisKind.STATED and not command.only_changes
    return stated and known is not None and known.kind in weaker


def _basis(command: AnswerQuestions, decision: Decision, reply: Reply) -> AnswerBasis | None:
    """Return what an answer of a file rests on; None for one that is stated of its element.

    A check that a file mentions was made elsewhere, so that its answer is stated here.
    """
    if command.basis in (BasisKind.STATED, BasisKind.CONFIRMED):
        return None
    recorded = decision.model.assumed.get(reply.element)
    assumed = next((one for one in recorded.facts if one.fact == reply.fact), None) if recorded else None
    return AnswerBasis(
        kind=command.basis,
        by=decision.by,
        at=decision.at,
        assumed=assumed if command.basis is BasisKind.ASSUMED else None,
    )


def check_answer(command: CheckAnswer, decision: Decision) -> Decision:
    """Record the result of a spot check by someone who did not give the answer."""
    about = (require_question(decision.model, command.element, command.fact), command.fact)
    given, basis = decision.model.facts.get(about), decision.model.bases.get(about)
    if given is not command.answer or basis is None:
        raise NothingToCheck(command.element)
    evidence = clean_text(command.evidence, what="The evidence", field="evidence")
    check = AnswerCheck(
        outcome=command.outcome, answer=given, by=decision.by, at=decision.at, evidence=evidence
    )
    known = decision.model.checks.get(about) if about in checked_since_picked(decision.model) else None
    if known is not None and replace(known, at=check.at) == check:
        return decision
    _check_is_asked_for(decision.model, about, command.outcome, known)
    if basis.by == decision.by:
        raise OwnAnswer
    if command.outcome is CheckOutcome.CONFIRMED and not evidence:
        raise ContentMissing(
            "The evidence is missing. Enter a link, or how you know that the control is in place.",
            field="evidence",
        )
    return decision.record(
        AnswerChecked(**decision.header, element=command.element, fact=command.fact, check=check)
    )


def _check_is_asked_for(
    model: ThreatModel, about: Asked, outcome: CheckOutcome, known: AnswerCheck | None
) -> None:
    """Raise if an answer is not picked, or if someone has checked it and knew as much."""
    if known is not None:
        if _KNOWS_MORE.index(outcome) <= _KNOWS_MORE.index(known.outcome):
            raise AlreadyChecked(known.by, known.outcome.label)
    elif about not in {(one.element, one.fact) for one in pending_checks(model, analyze(model).found)}:
        raise NotPicked(about[0])


_KNOWS_MORE = (CheckOutcome.NOT_KNOWN, CheckOutcome.CONFIRMED, CheckOutcome.WRONG)
"""Of two people at once, the later one is heard if they know more; *wrong* is the more careful answer."""


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
    """Record the assumed answers as answers that the author accepts; facts answered since are skipped."""
    if not command.facts:
        raise ContentMissing("No assumption is selected. Select at least one.", field="facts")
    check_count("assumptions", len(command.facts), field="facts")
    assumed = assumptions_in_force(decision.model)
    for fact in dict.fromkeys(command.facts):
        require_element(decision.model, fact.element)
        found = assumed.get((fact.element, fact.fact))
        if found is not None:
            basis = AnswerBasis(kind=BasisKind.ASSUMED, by=decision.by, at=decision.at, assumed=found)
            decision = decision.record(
                FactAnswered(
                    **decision.header,
                    element=fact.element,
                    fact=fact.fact,
                    reply=found.answer,
                    basis=basis,
                )
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
