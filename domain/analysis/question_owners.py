"""Owners and days of open questions: assigned by a person, or following from a *don't know*."""

from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId
from domain.model import ThreatModel, question_key
from domain.model.component_owners import component_owner

OPEN_QUESTION_DAYS: Final = 7
"""Days until an open question is due, counted from its assignment or from the *don't know*."""


class QuestionOwner(msgspec.Struct, frozen=True, kw_only=True):
    """The person who has to find out an answer until the `due` day, and since when."""

    person: PersonId
    due: date
    since: datetime


def usual_due(today: date) -> date:
    """Return the day on which a question that is assigned today is due unless another is chosen."""
    return today + timedelta(days=OPEN_QUESTION_DAYS)


def question_owner(model: ThreatModel, element: ElementId, fact: str) -> QuestionOwner | None:
    """Return the owner of an open question; None if no one was asked and no one said *don't know*.

    The person to whom it was assigned comes first. A *don't know* belongs to the owner of the component
    that the question is about, else to its author; the facilitator stands in for those who may not answer.
    """
    about = (element, fact)
    assigned, since = model.asked_of.get(about), model.since.get(question_key(*about))
    if assigned is not None and since is not None:
        due = assigned.due or usual_due(since.date())
        return QuestionOwner(person=assigned.person, due=due, since=since)
    basis = model.bases.get(about)
    if basis is None or model.facts.get(about) is not Answer.UNKNOWN:
        return None
    imported = model.imported is not None and basis.at <= model.imported.at
    author = model.facilitator if imported else basis.by  # no one is reminded whom only a file names
    candidates = (component_owner(model, (element,)), author)
    person = next((one for one in candidates if one and model.participates(one)), model.facilitator)
    return QuestionOwner(person=person, due=usual_due(basis.at.date()), since=basis.at)
