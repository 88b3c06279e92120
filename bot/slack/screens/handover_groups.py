"""Groups of handovers: what one command gives to one person, who is notified of it in one message."""

from collections.abc import Iterable, Sequence

import msgspec

from domain.events import AcceptanceApproved, AcceptanceProposed, Erased, MitigationPlanned, RecordedEvent
from domain.kernel.elements import PersonId

JoinedEvent = MitigationPlanned | AcceptanceProposed | AcceptanceApproved
"""Events of which one command may record many, about different threats."""


class HandoverGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The versions of the events that one message to a person is about."""

    versions: tuple[int, ...]
    person: PersonId


def handover_groups(
    events: Sequence[RecordedEvent], handovers: Iterable[tuple[int, PersonId]]
) -> list[HandoverGroup]:
    """Return the groups of handovers, which are given by version and recipient, in order."""
    found: dict[tuple[int, type[RecordedEvent], PersonId], list[int]] = {}
    for version, person in handovers:
        event = events[version - 1]
        joined = isinstance(event, JoinedEvent)
        answer = version if isinstance(event, Erased) or not joined else event.answer
        found.setdefault((answer, type(event), person), []).append(version)
    return [
        HandoverGroup(versions=tuple(versions), person=person) for (_, _, person), versions in found.items()
    ]
