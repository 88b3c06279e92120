"""What a channel shows of a model: its card, and the messages of the card's thread."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bot.delivery.slot_kinds import Desired, Gone, Unchanged
from bot.slack.projectors.event_table import EVENT_TABLE, Announcement, MessageSource, announcement_of
from bot.slack.protocol.block_builders import Message
from bot.slack.ui.messages.card_message import card_message, short_card
from bot.slack.ui.messages.thread_announcements import (
    SessionEntry,
    WorkSession,
    session_message,
    short_session_message,
)
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
from domain.kernel.text_formatting import Naming, join_list
from domain.model import ThreatModel, evolve
from domain.register import ThreatRegister
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
        if isinstance(event, ElementRemoved):
            is_lasting = event.element not in added
        elif isinstance(event, ElementAdded):
            is_lasting = described_element(event).id not in removed
        elif isinstance(event, ElementRevised):
            id = described_element(event).id
            is_lasting = id not in added | removed and last[_subject(event)] == version
        else:
            is_lasting = not isinstance(event, FactAnswered) or last[_subject(event)] == version
        if is_lasting:
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


class SessionSpan(msgspec.Struct, frozen=True, kw_only=True):
    """The events that a message summarizes: versions `first` to `last`, the last one at `until`."""

    first: int
    last: int
    until: datetime


class ResultPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Versions of events with a message of their own; `others_change` if earlier messages may change."""

    wanted: tuple[int, ...]
    others_change: bool


class SessionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Messages about work sessions.

    `changed` are the first versions of messages from which something was undone. `extended` is the last
    message with further events; `begun` is a new one, to be added unless everything in it was undone.
    """

    changed: tuple[int, ...] = ()
    extended: SessionSpan | None = None
    begun: SessionSpan | None = None


def plan_results(events: Sequence[VersionedEvent], register: ThreatRegister) -> ResultPlan:
    """Return the messages about single events that some events require."""
    return ResultPlan(
        wanted=wanted_results(events, register),
        others_change=any(
            not isinstance(event, Erased) and EVENT_TABLE[type(event)].edits_messages for _, event in events
        ),
    )


def wanted_results(events: Sequence[VersionedEvent], register: ThreatRegister) -> tuple[int, ...]:
    """Return the versions of the announced events; of those that hold for a time the last one, if valid."""
    announced = [
        (version, event)
        for version, event in events
        if not isinstance(event, Erased) and announcement_of(event) is Announcement.MESSAGE
    ]
    last = {type(event): version for version, event in announced}

    def is_wanted(version: int, event: Event) -> bool:
        holds = EVENT_TABLE[type(event)].holds
        return holds is None or (version == last[type(event)] and holds(register))

    return tuple(version for version, event in announced if is_wanted(version, event))


def plan_sessions(
    events: Sequence[VersionedEvent], shown: Sequence[SessionSpan], *, open_session: SessionSpan | None
) -> SessionPlan:
    """Return the messages about work sessions that some events require.

    `shown` are the messages in the thread; `open_session` is the last of them, if it may be extended.
    """
    entries = session_events(events)
    joined = continuing(entries, open_session.until if open_session else None)
    extended = _extended(open_session, entries[:joined]) if open_session and joined else None
    return SessionPlan(changed=_undone_in(shown, entries), extended=extended, begun=_begun(entries[joined:]))


def _extended(session: SessionSpan, events: Sequence[tuple[int, Event]]) -> SessionSpan:
    return SessionSpan(
        first=session.first,
        last=max(session.last, events[-1][0]),
        until=max(session.until, *(event.at for _, event in events)),
    )


def _begun(events: Sequence[tuple[int, Event]]) -> SessionSpan | None:
    if not events:
        return None
    until = max(event.at for _, event in events)
    return SessionSpan(first=events[0][0], last=events[-1][0], until=until)


def _undone_in(shown: Sequence[SessionSpan], entries: Sequence[tuple[int, Event]]) -> tuple[int, ...]:
    """Return the first versions of all messages from which some events undo something."""
    undone = {event.undoes for _, event in entries if event.undoes is not None}
    return tuple(one.first for one in shown if any(one.first <= version <= one.last for version in undone))


def project_card(stream: str, register: ThreatRegister, naming: Naming) -> Desired[Message]:
    """Return the current content of a model's card, and the time from which it changes without an event."""
    return Desired(
        content=card_message(stream, register, naming),
        shorter=short_card(stream, register, naming),
        again_at=register.changes_at,
    )


def project_session(
    stream: str, session: WorkSession, naming: Naming, *, posted: bool
) -> Desired[Message] | Gone:
    """Return the current message about a work session; None if all of it was undone before the post."""
    if session.empty and not posted:
        return Gone()
    return Desired(content=session_message(stream, session, naming), shorter=short_session_message(stream))


def project_result(
    events: Sequence[VersionedEvent], source: MessageSource, *, posted: bool
) -> Desired[Message] | Gone | Unchanged:
    """Return the current message about the first of some events.

    The others follow it and may invalidate it.
    """
    version, event = events[0]
    if isinstance(event, Erased):
        return Gone()
    if not posted and version not in wanted_results(events, source.register):
        return Gone()  # no longer valid
    effects = EVENT_TABLE[type(event)]
    content = effects.message(event, source) if effects.message else None
    if content is None:
        return Unchanged()
    return Desired(
        content=content, shorter=short_session_message(source.stream), last=not effects.edits_messages
    )
