"""Refused connections: kept without their secrets, so that the form that tries again shows their fields."""

from bot.store.repositories.tracker_connections import TrackerCheck, TrackerConnections
from bot.trackers.request_outcomes import is_refused
from domain.kernel.elements import PersonId


def refused_connections(connections: TrackerConnections, person: PersonId) -> tuple[TrackerCheck, ...]:
    """Return the refused connections of a person, the last one of each kind of tracker."""
    refused = (one for one in connections.checks() if one.person == person and _is_refused_connection(one))
    return tuple({one.kind: one for one in refused}.values())


def finish_check(connections: TrackerConnections, check: TrackerCheck) -> None:
    """Delete a request whose outcome the person knows.

    A refused connection is kept until the person connects a tracker of this kind, or is refused again.
    """
    kept = _is_refused_connection(check)
    if _connects(check):
        for one in connections.checks():
            alike = (one.person, one.kind) == (check.person, check.kind) and _is_refused_connection(one)
            if alike and one.id != check.id:
                connections.delete_check(one.id)
    if not kept:
        connections.delete_check(check.id)


def _is_refused_connection(check: TrackerCheck) -> bool:
    return _connects(check) and is_refused(check)


def _connects(check: TrackerCheck) -> bool:
    """Return whether a request connects a new tracker."""
    return not check.tracker and not check.account
