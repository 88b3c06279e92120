"""Answers of a screening: whether something rare exists anywhere in the system."""

from datetime import datetime

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId


class ScreeningAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer about one topic for the whole model: *yes*, *no*, or *don't know* for *not sure*.

    `known` are the elements that suggested the topic when it was not known to exist: others reopen it.
    `confirmed_by` is the second person who agreed that it does not exist.
    """

    topic: str
    answer: Answer
    by: PersonId
    at: datetime
    known: tuple[ElementId, ...] = ()
    confirmed_by: PersonId | None = None
