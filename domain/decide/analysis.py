"""Decisions on reopened suggested threats, rows of the coverage grid, and the assignment of questions."""

from collections.abc import Iterable, Iterator, Sequence

from domain.analysis.control_questions import presupposed_answers
from domain.analysis.coverage import ROWS
from domain.commands import (
    AnswerOpenQuestions,
    AnswerScreening,
    AskPerson,
    BulkReply,
    ConfirmScreening,
    ConsiderRow,
    ConsiderRows,
    MissingControl,
    ReopenRow,
    ReopenSuggestedThreat,
    Reply,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import check_count, require_element, require_question, require_reason
from domain.events import (
    BulkAnswered,
    FactAnswered,
    PersonAsked,
    RowConsidered,
    RowReopened,
    ScreeningAnswered,
    ScreeningConfirmed,
    SuggestedThreatReopened,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import PLURAL, ElementId, kind_of
from domain.kernel.screening_answer import ScreeningAnswer
from domain.kernel.threat import Consideration
from domain.model import ThreatModel
from domain.rejections import (
    AnswerTakenBack,
    CannotAnswer,
    ContentMissing,
    NoSuchQuestion,
    NoSuchTopic,
    NotDismissed,
    NothingToConfirm,
    NotInTheGrid,
    OwnScreening,
)
from domain.screening.screened_facts import suggesting, topic_statuses


def reopen_suggested_threat(command: ReopenSuggestedThreat, decision: Decision) -> Decision:
    """Reopen a dismissed suggested threat for decision."""
    if command.suggested_threat not in decision.model.dismissals:
        raise NotDismissed(command.suggested_threat)
    return decision.record(
        SuggestedThreatReopened(**decision.header, suggested_threat=command.suggested_threat)
    )


def consider_row(command: ConsiderRow, decision: Decision) -> Decision:
    """Record that an element was considered in every category, with a reason."""
    return _consider((command.element,), command.reason, decision)


def consider_rows(command: ConsiderRows, decision: Decision) -> Decision:
    """Record each of several elements as considered, with the same reason."""
    elements = tuple(dict.fromkeys(command.elements))
    if not elements:
        raise ContentMissing("No row is selected. Select at least one.", field="rows")
    check_count("rows", len(elements), field="rows")
    return _consider(elements, command.reason, decision)


def _consider(elements: Sequence[ElementId], reason: str, decision: Decision) -> Decision:
    """Record what is new: a row that has this reason already is left as it is."""
    for id in elements:
        kind = kind_of(require_element(decision.model, id))
        if kind not in ROWS:
            raise NotInTheGrid(id, PLURAL[kind])
    reason = require_reason(reason, "The reason is missing. Explain why no further threats apply.")
    for id in elements:
        old = decision.model.considered.get(id)
        if old is None or old.reason != reason:
            said = Consideration(element=id, reason=reason, by=decision.by, at=decision.at)
            decision = decision.record(RowConsidered(**decision.header, consideration=said))
    return decision


def reopen_row(command: ReopenRow, decision: Decision) -> Decision:
    """Reopen the consideration of an element; no event if it was not considered."""
    return decision.record_if(
        command.element in decision.model.considered, RowReopened(**decision.header, element=command.element)
    )


def ask_person(command: AskPerson, decision: Decision) -> Decision:
    """Hand questions to a person; those already handed to them until that day are skipped."""
    if not command.questions:
        raise ContentMissing("No question is selected. Select at least one.", field="questions")
    check_count("questions", len(command.questions), field="questions")
    if not decision.model.participates(command.person):
        raise CannotAnswer(command.person)
    for question in command.questions:
        about = (require_question(decision.model, question.element, question.fact), question.fact)
        asked = PersonAsked(
            **decision.header,
            element=question.element,
            fact=question.fact,
            person=command.person,
            due=command.due,
            urgent=command.urgent,
        )
        known = decision.model.asked_of.get(about)
        same = known is not None and known.person == command.person and command.due in (None, known.due)
        decision = decision.record_if(not same, asked)
    return decision


def answer_screening(command: AnswerScreening, decision: Decision) -> Decision:
    """Record each answer that differs from the previous one, or confirms it after the topic came up again."""
    for id in command.left_open:
        answered = decision.model.screening.get(id)
        if answered is not None and answered.answer is not Answer.NO and id in decision.model.catalog.topics:
            raise AnswerTakenBack(decision.model.catalog.topics[id].label, answered.answer.label)
    open_again = {status.topic.id for status in topic_statuses(decision.model) if status.reopened_by}
    for reply in command.replies:
        topic = decision.model.catalog.topics.get(reply.topic)
        if topic is None or reply.answer is Answer.NOT_APPLICABLE:
            raise NoSuchTopic(reply.topic)
        known = decision.model.screening.get(topic.id)
        if known is not None and known.answer is reply.answer and topic.id not in open_again:
            continue
        said = ScreeningAnswer(
            topic=topic.id,
            answer=reply.answer,
            by=decision.by,
            at=decision.at,
            known=() if reply.answer is Answer.YES else suggesting(decision.model, topic),
        )
        decision = decision.record(ScreeningAnswered(**decision.header, screening=said))
    return decision


def confirm_screening(_command: ConfirmScreening, decision: Decision) -> Decision:
    """Confirm what others have screened out."""
    unconfirmed = [status for status in topic_statuses(decision.model) if status.unconfirmed]
    if not unconfirmed:
        raise NothingToConfirm
    others = tuple(one.topic.id for one in unconfirmed if one.answer and one.answer.by != decision.by)
    if not others:
        raise OwnScreening
    return decision.record(ScreeningConfirmed(**decision.header, topics=others))


def answer_open_questions(command: AnswerOpenQuestions, decision: Decision) -> Decision:
    """Record each answer to a question that is still open.

    Someone else may have answered meanwhile, or removed the element: their decision stays. An answer of
    one's own replaces a *don't know*; a bulk answer does not, because that element was looked at. A missing
    control is answered with *no*, and what it presupposes at its element as far as that is open.
    """
    if not command.replies and not command.missing and not any(one.elements for one in command.bulk):
        raise ContentMissing("No question is answered. Answer at least one; “Don't know” is also an answer.")
    check_count("answers", len(command.replies) + len(command.missing) + len(command.bulk))
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
