"""Decisions on answers, complete registers and assumptions."""

from collections.abc import Iterator

from domain.analysis.model_analysis import group_name
from domain.analysis.rule_findings import apply_rules
from domain.commands import (
    AnswerQuestions,
    CompleteRegister,
    RecordAssumption,
    ReopenRegister,
    Reply,
    ReviseAssumption,
    WithdrawAssumption,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import check_count, clean_text, require_element
from domain.events import (
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    FactAnswered,
    RegisterCompleted,
    RegisterReopened,
)
from domain.kernel.elements import REGISTERS, Assumption, AssumptionId, ElementId, Kind, kind_of
from domain.model import ThreatModel
from domain.model.crossings import crossings
from domain.rejections import ContentMissing, NoSuchAssumption, NoSuchQuestion, Rejected
from domain.screening.screened_facts import with_screening


def answer_questions(command: AnswerQuestions, decision: Decision) -> Decision:
    """Record each answer that differs from the previous one."""
    if not command.replies:
        raise ContentMissing("No question is answered. Answer at least one; “Don't know” is also an answer.")
    check_count("answers", len(command.replies))
    spread = any(reply.for_all_alike for reply in command.replies)
    replies = (*command.replies, *(_spread(command.replies, decision.model) if spread else ()))
    for reply in replies:
        element = require_element(decision.model, reply.element)
        fact = decision.model.catalog.facts.get(reply.fact)
        if fact is None or kind_of(element) not in fact.kinds:
            raise NoSuchQuestion(reply.element, reply.fact)
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


def _spread(replies: tuple[Reply, ...], model: ThreatModel) -> Iterator[Reply]:
    """Apply an answer to similar elements with the same open question; explicit answers take precedence."""
    crossing = crossings(model)

    def sort(id: ElementId) -> str:
        return group_name(model, id, crosses=id in crossing)

    by_name = {(reply.element, reply.fact) for reply in replies}
    wanted = {(sort(reply.element), reply.fact): reply.answer for reply in replies if reply.for_all_alike}
    for question in apply_rules(with_screening(model)).questions:
        answer = wanted.get((sort(question.element), question.fact))
        if answer is not None and (question.element, question.fact) not in by_name:
            yield Reply(element=question.element, fact=question.fact, answer=answer)


def complete_register(command: CompleteRegister, decision: Decision) -> Decision:
    """Mark a register as complete."""
    if _register(command.register) not in decision.model.complete:
        return decision.record(RegisterCompleted(**decision.header, register=command.register))
    return decision


def reopen_register(command: ReopenRegister, decision: Decision) -> Decision:
    """Mark a register as incomplete again."""
    if _register(command.register) in decision.model.complete:
        return decision.record(RegisterReopened(**decision.header, register=command.register))
    return decision


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
    if new != old:
        return decision.record(AssumptionRevised(**decision.header, assumption=new))
    return decision


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
