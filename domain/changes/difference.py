"""The difference between two moments of one model."""

from collections.abc import Iterator, Sequence

from domain.changes.analysis import judged
from domain.changes.authorship import Deeds
from domain.changes.change import Change, Group
from domain.changes.collection import collected
from domain.changes.remediation import remedied
from domain.changes.steering import steered
from domain.events import Past
from domain.register import ThreatRegister


def difference(before: ThreatRegister, after: ThreatRegister, events: Sequence[Past]) -> tuple[Change, ...]:
    """What is not the same at two moments of one model, in the order of `Group`.

    `events` are all of the model's, from the first; what came and went in between is not told, nor what was
    changed and changed back. Asked the other way round, what came is what went.
    """
    first, last = sorted((before.version, after.version))
    deeds = Deeds(events[first:last], first)
    order = tuple(Group)
    found = _every(before, after, deeds)
    return tuple(sorted(found, key=lambda one: order.index(one.group)))


def _every(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    """Within a group in the order of ids."""
    yield from steered(before, after, deeds)
    yield from collected(before, after, deeds)
    yield from judged(before, after, deeds)
    yield from remedied(before, after, deeds)
