"""History: the timeline of events, and the model as of a moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from domain.events import Erased, RecordedEvent, ThreatModelStarted
from domain.kernel.elements import PersonId
from domain.model import ThreatModel, evolve
from domain.model.imports import as_imported, last_import
from domain.replay import EMPTY, replay
from domain.wording import describe_event, displayed_author, is_decision, mentioned_people

NOT_VERIFIED = " (from a file, not verified)"
"""Follows the text of each entry that an import brought."""


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event in words; `text` continues after the author's name and mentions people as `@id`.

    The author is empty if the event was erased or its author must not be named.
    `undone` if it was undone later, `undoes` the answer that it undoes itself; `decides` if it decided
    something, rather than added information; `unverified` if it comes from a file; `from_template` if it
    started the model, and the other events of the answer are those of its template.
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
    unverified: bool = False
    from_template: bool = False


def timeline(events: Sequence[RecordedEvent]) -> tuple[TimelineEntry, ...]:
    """Return every event in words, in order."""
    undone = undone_answers(events)
    _, from_file = last_import(events)
    entries: list[TimelineEntry] = []
    model = EMPTY
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
                    text=f"{describe_event(event, model)}{NOT_VERIFIED if version < from_file else ''}",
                    people=mentioned_people(event),
                    undone=event.answer in undone and event.undoes is None,
                    undoes=event.undoes,
                    decides=is_decision(event),
                    unverified=version < from_file,
                    from_template=isinstance(event, ThreatModelStarted) and event.template is not None,
                )
            )
        model = evolve(model, event)
    return tuple(entries)


def as_of(events: Iterable[RecordedEvent], moment: datetime) -> ThreatModel:
    """Return the model at a moment; an erased event has the time of the one before it."""
    every = list(events)
    later = (n for n, one in enumerate(every) if not isinstance(one, Erased) and one.at > moment)
    return at_version(every, next(later, len(every)))


def at_version(events: Sequence[RecordedEvent], version: int) -> ThreatModel:
    """Return the model at a version.

    What a file said of an earlier moment was not verified then either, so its import applies to that as well.
    """
    return as_imported(replay(events[:version]), *last_import(events))


def undone_answers(events: Iterable[RecordedEvent]) -> frozenset[int]:
    """Return the answers that were undone."""
    return frozenset(
        event.undoes for event in events if not isinstance(event, Erased) and event.undoes is not None
    )
