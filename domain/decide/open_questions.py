"""Decision on the answers of a page of questions, which changes only open ones."""

from collections.abc import Iterable, Iterator

from domain.analysis.control_questions import presupposed_answers
from domain.commands import AnswerOpenQuestions, BulkReply, MissingControl, Reply
from domain.decide.decision import Decision
from domain.decide.input_checks import check_count
from domain.events import BulkAnswered, FactAnswered
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, kind_of
from domain.model import ThreatModel
from domain.rejections import ContentMissing, NoSuchQuestion


def answer_open_questions(command: AnswerOpenQuestions, decision: Decision) -> Decision:
    """Record each answer to a question that is still open.

    Someone else may have answered meanwhile, or removed the element: their decision stays. An answer of
    one's own replaces a *don't know*; a bulk answer does not, because that element was looked at. A missing
    control is answered with *no*, and what it presupposes at its element as far as that is open.
    """
    if not command.replies and not command.missing and not any(one.elements for one in command.bulk):
        raise ContentMissing("No question is answered. Answer at least one; “Don't know” is also an answer.")
    told = len(command.replies) + len(command.missing) + sum(len(one.elements) for one in command.bulk)
    check_count("answers", told)
    for reply in _open_replies(decision.model, command.replies):
        decision = _record_answer(decision, reply)
    for one in command.bulk:
        if left := _unanswered(decision.model, one):
            decision = decision.record(
                BulkAnswered(**decision.header, fact=one.fact, elements=left, reply=one.answer)
            )
    for missing in command.missing:
        decision = _record_missing(decision, missing)
    return decision


def _record_missing(decision: Decision, missing: MissingControl) -> Decision:
    reply = Reply(element=missing.element, fact=missing.fact, answer=Answer.NO)
    for one in _open_replies(decision.model, (reply,)):
        decision = _record_answer(decision, one)
        for (element, fact), answer in presupposed_answers(decision.model, one.element, one.fact):
            decision = _record_answer(decision, Reply(element=element, fact=fact, answer=answer))
    return decision


def _record_answer(decision: Decision, reply: Reply) -> Decision:
    return decision.record(
        FactAnswered(**decision.header, element=reply.element, fact=reply.fact, reply=reply.answer)
    )


def _open_replies(model: ThreatModel, replies: Iterable[Reply]) -> Iterator[Reply]:
    for reply in replies:
        if not _exists(model, reply.element, reply.fact):
            continue
        known = model.facts.get((reply.element, reply.fact))
        if known is None or (known is Answer.UNKNOWN and reply.answer is not Answer.UNKNOWN):
            yield reply


def _unanswered(model: ThreatModel, bulk: BulkReply) -> tuple[ElementId, ...]:
    return tuple(
        id
        for id in dict.fromkeys(bulk.elements)
        if _exists(model, id, bulk.fact) and (id, bulk.fact) not in model.facts
    )


def _exists(model: ThreatModel, id: ElementId, name: str) -> bool:
    """Return whether an element is still there; raises Rejected if its kind has no such fact."""
    fact, element = model.catalog.facts.get(name), model.elements.get(id)
    if fact is None or (element is not None and kind_of(element) not in fact.kinds):
        raise NoSuchQuestion(id, name)
    return element is not None
