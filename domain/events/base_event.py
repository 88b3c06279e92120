"""What is known of everything that has happened: who said it, when, and as part of which answer."""

from datetime import datetime

import msgspec

from domain.kernel.elements import PersonId


class BaseEvent(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Who said it and when; `answer` is the version of the first event of the same answer.

    `undoes` is set on an event that takes an earlier answer back.
    """

    # No garbage collection: an event cannot be part of a cycle, and a long past is read faster without.

    by: PersonId
    at: datetime
    answer: int
    undoes: int | None = None
