"""The base of all events: author, time, and the answer that an event belongs to."""

from datetime import datetime
from typing import Any

import msgspec

from domain.kernel.elements import PersonId


class BaseEvent(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """The author and time of an event; `answer` is the version of the first event of the same answer.

    `undoes` is set on an event that undoes an earlier answer.
    """

    # No garbage collection: an event cannot be part of a cycle, and a long past is read faster without.

    by: PersonId
    at: datetime
    answer: int
    undoes: int | None = None


def own_fields(event: BaseEvent) -> dict[str, Any]:
    """Return what an event states besides its author, its time and its answer."""
    return {name: getattr(event, name) for name in event.__struct_fields__ if name not in _COMMON}


_COMMON = frozenset(BaseEvent.__struct_fields__)
