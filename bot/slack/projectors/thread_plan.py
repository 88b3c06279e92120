"""Messages that a card's thread needs: one for each work session, and one for each result."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from bot.slack.projectors.event_table import EVENT_TABLE, Announcement, announcement_of
from bot.slack.projectors.work_sessions import VersionedEvent, continuing, session_events
from domain.events import Erased, Event
from domain.register import ThreatRegister


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
