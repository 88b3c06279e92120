"""The changes between two moments of one model."""

from collections.abc import Iterator, Sequence

from domain.changes.analysis import analysis_changes
from domain.changes.authorship import ChangeAuthors
from domain.changes.change import Change, ChangeGroup
from domain.changes.collection import collection_changes
from domain.changes.links_and_screening import link_changes, screening_changes
from domain.changes.remediation import remediation_changes
from domain.changes.retrospective_changes import retrospective_changes
from domain.changes.steering import steering_changes
from domain.events import RecordedEvent
from domain.register import ThreatRegister


def difference(
    before: ThreatRegister, after: ThreatRegister, events: Sequence[RecordedEvent]
) -> tuple[Change, ...]:
    """Return the changes between two moments of one model, in the order of `ChangeGroup`.

    `events` are all events of the model; intermediate states are not reported. With the moments
    swapped, additions become removals.
    """
    first, last = sorted((before.version, after.version))
    authors = ChangeAuthors(events[first:last], first)
    order = tuple(ChangeGroup)
    found = _every(before, after, authors)
    return tuple(sorted(found, key=lambda one: order.index(one.group)))


def _every(before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors) -> Iterator[Change]:
    """Yield all changes, within a group ordered by id."""
    yield from steering_changes(before, after, authors)
    yield from retrospective_changes(before, after, authors)
    yield from collection_changes(before, after, authors)
    yield from link_changes(before, after, authors)
    yield from screening_changes(before, after, authors)
    yield from analysis_changes(before, after, authors)
    yield from remediation_changes(before, after, authors)
