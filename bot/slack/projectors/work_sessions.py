"""Work sessions: runs of answers with pauses under half an hour."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.slack.projectors.event_table import Announcement, announcement_of
from bot.slack.ui.messages.thread_announcements import SessionEntry, WorkSession
from domain.events import (
    ElementAdded,
    ElementRemoved,
    ElementRevised,
    Erased,
    Event,
    FactAnswered,
    RecordedEvent,
    described_element,
)
from domain.history import undone_answers
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.text_formatting import join_list
from domain.model import ThreatModel, evolve
from domain.wording import describe_event, mentioned_people, summarize_answer

PAUSE: Final = timedelta(minutes=30)
"""Pause after which a new session begins."""


VersionedEvent = tuple[int, RecordedEvent]
"""An event with its version."""


def session_events(events: Iterable[VersionedEvent]) -> list[tuple[int, Event]]:
    """Return the events that belong to a session."""
    apart = (Announcement.MESSAGE, Announcement.SILENT)
    return [
        (version, event)
        for version, event in events
        if not isinstance(event, Erased) and announcement_of(event) not in apart
    ]


def continuing(events: Sequence[tuple[int, Event]], until: datetime | None) -> int:
    """Return the number of events that continue a session whose last event was at `until`."""
    if until is None:
        return 0
    for number, (_, event) in enumerate(events):
        if event.at - until >= PAUSE:
            return number
        until = max(until, event.at)
    return len(events)


def work_session(
    events: Sequence[VersionedEvent], before: ThreatModel, *, last: int, taken_back: frozenset[int]
) -> WorkSession:
    """Return people's actions up to version `last`, without undone ones.

    `events` follow `before` without a gap; `undone_versions` are the answers that were undone until now.
    """
    first = events[0][0] if events else 0
    befores: dict[int, ThreatModel] = {}
    for version, event in events:
        befores[version] = before
        before = evolve(before, event)
    said = [(version, event) for version, event in session_events(events) if version <= last]
    holds = [(v, e) for v, e in said if e.undoes is None and e.answer not in taken_back]
    retracted = {e.undoes: e.by for _, e in said if e.undoes is not None and e.undoes < first}
    lines = [(v, e) for v, e in holds if announcement_of(e) is Announcement.LINE]
    people: dict[PersonId, list[tuple[int, Event]]] = {}
    for version, event in holds:
        if announcement_of(event) is not Announcement.LINE:
            people.setdefault(event.by, []).append((version, event))
    left = {by: list(_net_events(theirs)) for by, theirs in people.items()}
    return WorkSession(
        entries=(
            *(_deed(by, theirs, befores) for by, theirs in left.items() if theirs),
            *_retractions(retracted.values()),
        ),
        moves=tuple(_described(event, befores[version]) for version, event in lines),
    )


def undone_versions(events: Iterable[VersionedEvent]) -> frozenset[int]:
    """Return the versions of the answers that the events undo."""
    return undone_answers(event for _, event in events)


def _deed(
    by: PersonId, theirs: Sequence[tuple[int, Event]], befores: Mapping[int, ThreatModel]
) -> SessionEntry:
    counted, others = list[tuple[int, Event]](), list[tuple[int, Event]]()
    for version, event in theirs:
        is_counted = announcement_of(event) is Announcement.COUNTED
        (counted if is_counted else others).append((version, event))
    parts = {version: describe_event(event, befores[version]) for version, event in others[:_OTHERS]}
    if counted:
        first = counted[0][0]
        parts[first] = summarize_answer([event for _, event in counted], befores[first])
    words = [parts[version] for version in sorted(parts)]
    if len(others) > _OTHERS:
        words.append(f"{len(others) - _OTHERS} more changes")
    told = [event for _, event in (*counted, *others[:_OTHERS])]
    mentions = {person for event in told for person in mentioned_people(event)}
    return SessionEntry(by=by, text=join_list(words), mentions=tuple(sorted(mentions)))


def _net_events(events: Sequence[tuple[int, Event]]) -> Iterator[tuple[int, Event]]:
    """Yield the net events: of several changes of one subject only the last."""
    added = {described_element(event).id for _, event in events if isinstance(event, ElementAdded)}
    removed = {event.element for _, event in events if isinstance(event, ElementRemoved)}
    last = {_subject(event): version for version, event in events}
    for version, event in events:
        match event:
            case ElementRemoved() if event.element in added:
                continue
            case _ if isinstance(event, ElementAdded) and described_element(event).id in removed:
                continue
            case _ if isinstance(event, ElementRevised) and described_element(event).id in added | removed:
                continue
            case _ if isinstance(event, ElementRevised | FactAnswered) and last[_subject(event)] != version:
                continue
            case _:
                yield version, event


def _subject(event: Event) -> tuple[type[Event], ElementId, str] | int:
    """Return the subject within which a later event replaces an earlier one, else the answer's number."""
    if isinstance(event, FactAnswered):
        return type(event), event.element, event.fact
    if isinstance(event, ElementRevised):
        return type(event), described_element(event).id, ""
    return event.answer


def _described(event: Event, before: ThreatModel) -> SessionEntry:
    return SessionEntry(by=event.by, text=describe_event(event, before), mentions=mentioned_people(event))


def _retractions(authors: Iterable[PersonId]) -> Iterator[SessionEntry]:
    counts: dict[PersonId, int] = {}
    for author in authors:
        counts[author] = counts.get(author, 0) + 1
    for author, count in counts.items():
        words = "undid an earlier change" if count == 1 else f"undid {count} earlier changes"
        yield SessionEntry(by=author, text=words)


_OTHERS = 3
"""Maximum number of uncounted actions listed for each person."""
