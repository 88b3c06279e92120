"""Decisions on the screening: rare features that exist somewhere, or nowhere."""

from domain.commands import AnswerScreening
from domain.decide.decision import Decision
from domain.events import ScreeningAnswered, ScreeningConfirmed
from domain.kernel.answer import Answer
from domain.kernel.screening_answer import ScreeningAnswer
from domain.rejections import NoSuchTopic, NothingToConfirm, OwnScreening
from domain.screening.screened_facts import suggesting, topic_statuses


def answer_screening(command: AnswerScreening, decision: Decision) -> Decision:
    """Record each answer that differs from the previous one, or confirms it after the topic came up again."""
    open_again = {one.topic.id for one in topic_statuses(decision.model) if one.reopened_by}
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
            known=suggesting(decision.model, topic) if reply.answer is Answer.NO else (),
        )
        decision = decision.record(ScreeningAnswered(**decision.header, screening=said))
    return decision


def confirm_screening(decision: Decision) -> Decision:
    """Confirm what others have screened out."""
    unconfirmed = [one for one in topic_statuses(decision.model) if one.unconfirmed]
    if not unconfirmed:
        raise NothingToConfirm
    others = tuple(one.topic.id for one in unconfirmed if one.answer and one.answer.by != decision.by)
    if not others:
        raise OwnScreening
    return decision.record(ScreeningConfirmed(**decision.header, topics=others))
