"""Assignment of an open question to a person."""

from datetime import date

import msgspec

from domain.kernel.elements import PersonId


class QuestionAssignment(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The person to whom a question was assigned, and until which day; None is the usual time."""

    person: PersonId
    due: date | None = None
