"""Who said what and when: the timeline, and the model as of a moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from domain.event_kinds import is_decision
from domain.events import Erased, RecordedEvent
from domain.kernel.elements import PersonId
from domain.model import ThreatModel, evolve, replay
from domain.wording import describe_event, displayed_author, mentioned_people


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event as people read it; `text` goes on from the author's name and mentions persons as `@id`.

    Nobody is named as the author of what was erased, or of what was said on condition of that.
    `undone` if it was taken back later, `undoes` the answer that it takes back itself; `is_decision` if it
    settled something, rather than added to what is known.
    """

    version: int
    answer: int
    by: PersonId
    at: datetime | None
    text: str
    people: tuple[PersonId, ...] = ()
    undone: bool = False
    undoes: int | None = None
    decides: bool = False


def timeline(events: Sequence[RecordedEvent]) -> tuple[TimelineEntry, ...]:
    """Every event in words, the first one first."""
    undone = undone_answers(events)
    entries: list[TimelineEntry] = []
    model = ThreatModel()
    for version, event in enumerate(events, start=1):
        if isinstance(event, Erased):
            nobody = PersonId("")
            entries.append(
                TimelineEntry(version=version, answer=version, by=nobody, at=None, text="(erased)")
            )
        else:
            entries.append(
                TimelineEntry(
                    version=version,
                    answer=event.answer,
                    by=displayed_author(event, model),
                    at=event.at,
                    text=describe_event(event, model),
                    people=mentioned_people(event),
                    undone=event.answer in undone and event.undoes is None,
                    undoes=event.undoes,
                    decides=is_decision(event),
                )
            )
        model = evolve(model, event)
    return tuple(entries)


def as_of(events: Iterable[RecordedEvent], moment: datetime) -> ThreatModel:
    """The model as it was at a moment, by today's fold; an erased event counts with the one before it."""
    kept: list[RecordedEvent] = []
    for event in events:
        if not isinstance(event, Erased) and event.at > moment:
            break
        kept.append(event)
    return replay(kept)


def undone_answers(events: Iterable[RecordedEvent]) -> frozenset[int]:
    """The answers that were taken back."""
    return frozenset(
        event.undoes for event in events if not isinstance(event, Erased) and event.undoes is not None
    )
