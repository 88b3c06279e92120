"""History: the timeline of events, the model as of a moment, and what undo would revert."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from domain.events import Erased, Event, RecordedEvent, ThreatModelImported, ThreatModelStarted
from domain.kernel.elements import PersonId
from domain.model import ThreatModel, evolve
from domain.model.imports import as_imported, last_import
from domain.replay import EMPTY, replay
from domain.wording import (
    Lasting,
    describe_event,
    displayed_author,
    is_decision,
    mentioned_people,
    summarize_answer,
)

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


_BEGINNING = 1
"""The answer that starts the model, with everything from its template."""


def last_answer_in_force(past: Sequence[RecordedEvent], by: PersonId) -> int | None:
    """Return the last answer of a person that can be undone; None if there is none."""
    undone = undone_answers(past)
    for event in reversed(past):
        if isinstance(event, ThreatModelImported):
            break  # undoing what a file says could bring back an approval that was never given
        if isinstance(event, Erased | Lasting) or event.by != by or event.undoes is not None:
            continue
        if event.answer not in (_BEGINNING, *undone):
            return event.answer
    return None


class UndoPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What undo would revert, and a later change of the same person that stays; both follow “You”.

    They mention people as `@id`.
    """

    reverts: str
    stays: str = ""
    people: frozenset[PersonId]


def preview_undo(recorded: Sequence[RecordedEvent], by: PersonId) -> UndoPreview | None:
    """Return what undo would revert for a person now; None if they have nothing left to undo."""
    answer = last_answer_in_force(recorded, by)
    if answer is None:
        return None
    told: list[Event] = []
    for event in recorded[answer - 1 :]:
        if isinstance(event, Erased) or event.answer != answer:
            break
        told.append(event)
    reverts = summarize_answer(told, replay(recorded[: answer - 1]))
    stays = ""
    for version in range(len(recorded), answer + len(told) - 1, -1):
        event = recorded[version - 1]
        if isinstance(event, Lasting) and event.by == by and event.undoes is None:
            stays = describe_event(event, replay(recorded[: version - 1]))
            told.append(event)
            break
    people = frozenset(person for event in told for person in mentioned_people(event))
    return UndoPreview(reverts=reverts, stays=stays, people=people)
