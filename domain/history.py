"""History: the timeline of events, and the model as of a moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from domain.event_kinds import is_decision
from domain.events import Erased, RecordedEvent, ThreatModelStarted
from domain.kernel.elements import PersonId
from domain.model import ThreatModel, evolve, replay
from domain.wording import describe_event, displayed_author, mentioned_people


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event in words; `text` continues after the author's name and mentions people as `@id`.

    The author is empty if the event was erased or its author must not be named.
    `undone` if it was undone later, `undoes` the answer that it undoes itself; `decides` if it
    decided something, rather than added information; `from_template` if it started the model, and the other
    events of the answer are those of its template.
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
    from_template: bool = False


def timeline(events: Sequence[RecordedEvent]) -> tuple[TimelineEntry, ...]:
    """Return every event in words, in order."""
    undone = undone_answers(events)
    entries: list[TimelineEntry] = []
    model = ThreatModel()
    for version, event in enumerate(events, start=1):
        if isinstance(event, Erased):
            no_author = PersonId("")
            entries.append(
                TimelineEntry(version=version, answer=version, by=no_author, at=None, text="(erased)")
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
                    from_template=isinstance(event, ThreatModelStarted) and event.template is not None,
                )
            )
        model = evolve(model, event)
    return tuple(entries)


def as_of(events: Iterable[RecordedEvent], moment: datetime) -> ThreatModel:
    """Return the model at a moment; an erased event has the time of the one before it."""
    kept: list[RecordedEvent] = []
    for event in events:
        if not isinstance(event, Erased) and event.at > moment:
            break
        kept.append(event)
    return replay(kept)


def undone_answers(events: Iterable[RecordedEvent]) -> frozenset[int]:
    """Return the answers that were undone."""
    return frozenset(
        event.undoes for event in events if not isinstance(event, Erased) and event.undoes is not None
    )
