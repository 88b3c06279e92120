"""Decisions on answers, complete registers and assumptions."""

from collections.abc import Iterator

from domain.analysis.question_checklists import group_name
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
from domain.decide.decision import Draft
from domain.decide.input_checks import check_count, clean_text, require_element
from domain.events import (
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    FactAnswered,
    RegisterCompleted,
    RegisterReopened,
)
from domain.facts import FACTS
from domain.kernel.elements import REGISTERS, Assumption, AssumptionId, ElementId, Kind, kind_of
from domain.model import ThreatModel
from domain.model.crossings import crossings
from domain.rejections import NoSuchAssumption, NoSuchQuestion, NothingSaid, Rejected


def answer_questions(command: AnswerQuestions, draft: Draft) -> None:
    """Record each answer that differs from the previous one."""
    if not command.replies:
        raise NothingSaid("Please answer at least one question; “I don't know” is an answer too.")
    check_count("answers", len(command.replies))
    spread = any(reply.for_all_alike for reply in command.replies)
    replies = (*command.replies, *(_spread(command.replies, draft.model) if spread else ()))
    for reply in replies:
        element = require_element(draft.model, reply.element)
        fact = FACTS.get(reply.fact)
        if fact is None or kind_of(element) not in fact.kinds:
            raise NoSuchQuestion(reply.element, reply.fact)
        if draft.model.facts.get((reply.element, reply.fact)) is not reply.answer:
            draft.record(
                FactAnswered(
                    **draft.header,
                    element=reply.element,
                    fact=reply.fact,
                    reply=reply.answer,
                )
            )


def _spread(replies: tuple[Reply, ...], model: ThreatModel) -> Iterator[Reply]:
    """Apply an answer to similar elements with the same open question; explicit answers take precedence."""
    crossing = crossings(model)

    def sort(id: ElementId) -> str:
        return group_name(model, id, crosses=id in crossing)

    by_name = {(reply.element, reply.fact) for reply in replies}
    wanted = {(sort(reply.element), reply.fact): reply.answer for reply in replies if reply.for_all_alike}
    for question in apply_rules(model).questions:
        answer = wanted.get((sort(question.element), question.fact))
        if answer is not None and (question.element, question.fact) not in by_name:
            yield Reply(element=question.element, fact=question.fact, answer=answer)


def complete_register(command: CompleteRegister, draft: Draft) -> None:
    """Mark a register as complete."""
    if _register(command.register) not in draft.model.complete:
        draft.record(RegisterCompleted(**draft.header, register=command.register))


def reopen_register(command: ReopenRegister, draft: Draft) -> None:
    """Mark a register as incomplete again."""
    if _register(command.register) in draft.model.complete:
        draft.record(RegisterReopened(**draft.header, register=command.register))


def record_assumption(command: RecordAssumption, draft: Draft) -> None:
    """Record an assumption and its holder."""
    assumption = Assumption(
        id=draft.next_assumption(), text=_text(command.text), held_by=command.held_by or command.by
    )
    draft.record(AssumptionRecorded(**draft.header, assumption=assumption))


def revise_assumption(command: ReviseAssumption, draft: Draft) -> None:
    """Reword an assumption."""
    old = _assumption(draft.model, command.assumption)
    new = Assumption(id=old.id, text=_text(command.text), held_by=command.held_by or old.held_by)
    if new != old:
        draft.record(AssumptionRevised(**draft.header, assumption=new))


def withdraw_assumption(command: WithdrawAssumption, draft: Draft) -> None:
    """Withdraw an assumption."""
    old = _assumption(draft.model, command.assumption)
    draft.record(AssumptionWithdrawn(**draft.header, assumption=old.id))


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
        raise NothingSaid("Please write what you take for true.", field="text")
    return said
