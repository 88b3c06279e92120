"""Decisions on follow-up: snoozed reminders and the retrospective."""

from datetime import timedelta

from domain.commands import AnswerRetrospective, SnoozeReminder
from domain.decide.decision import Decision
from domain.decide.input_checks import clean_text
from domain.events import ReminderSnoozed, RetrospectiveAnswered
from domain.kernel.retrospective import RetrospectiveAnswer, RetrospectiveQuestion
from domain.rejections import ContentMissing, Rejected

LONGEST_SNOOZE = timedelta(days=14)
"""The longest time that one reminder may be snoozed; for longer, change the due date."""


def snooze_reminder(command: SnoozeReminder, decision: Decision) -> Decision:
    """Snooze one reminder."""
    if command.until <= decision.at:
        raise Rejected("The time is in the past. Choose a later one.", field="until")
    if command.until > decision.at + LONGEST_SNOOZE:
        raise Rejected(
            f"A reminder can be snoozed for {LONGEST_SNOOZE.days} days at most. If you need more time, "
            f"change the due date.",
            field="until",
        )
    if decision.model.snoozed.get(command.key) != command.until:
        return decision.record(ReminderSnoozed(**decision.header, key=command.key, until=command.until))
    return decision


def answer_retrospective(command: AnswerRetrospective, decision: Decision) -> Decision:
    """Record a person's answers to the retrospective, replacing earlier ones."""
    said = {
        one.question: clean_text(one.text, what="The answer", field=one.question.value)
        for one in command.answers
    }
    answers = tuple(
        RetrospectiveAnswer(question=question, text=text)
        for question in RetrospectiveQuestion
        if (text := said.get(question))
    )
    if not answers:
        raise ContentMissing("No question is answered. Answer at least one.")
    known = decision.model.retrospectives.get(decision.by)
    if known is None or known.answers != answers:
        return decision.record(RetrospectiveAnswered(**decision.header, answers=answers))
    return decision
