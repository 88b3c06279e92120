"""Dates of threats, computed from the events: when each was found, and when it was settled."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from domain.events import Erased, RecordedEvent
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import SYSTEM
from domain.kernel.threat import ThreatId
from domain.model import evolve
from domain.remediation.status import ThreatState, statuses
from domain.replay import EMPTY


class SettledThreat(msgspec.Struct, frozen=True, kw_only=True):
    """The state in which a threat needs nothing more, and since when."""

    state: ThreatState
    at: datetime


class ThreatDates(msgspec.Struct, frozen=True, kw_only=True):
    """Dates of one model and of its threats, by their ids; `found` has withdrawn and merged ones as well.

    `last_at` is the time of the last event by a person.

    `settled` has the threats that were mitigated, accepted, transferred or avoided after the last event, by
    what people did: an acceptance that has expired since is still in it.
    """

    started_at: datetime | None = None
    last_at: datetime | None = None
    found: dict[ThreatId, datetime]
    settled: dict[ThreatId, SettledThreat]


def threat_dates(events: Sequence[RecordedEvent]) -> ThreatDates:
    """Return the dates of the threats of a model; an erased event counts at the time of the one before it."""
    found: dict[ThreatId, datetime] = {}
    settled: dict[ThreatId, SettledThreat] = {}
    model, started, at, last = EMPTY, None, None, None
    for event in events:
        before, model = model, evolve(model, event)
        if not isinstance(event, Erased):
            at = event.at
            started = started or at
            last = last if event.by == SYSTEM else at
        if at is None:
            continue
        if model.threats is not before.threats:
            for threat in model.threats:
                found.setdefault(threat, at)
        if (
            model.mitigations is not before.mitigations
            or model.responses is not before.responses
            or model.threats is not before.threats
        ):
            # Without a time nothing expires: only what people did counts.
            now = statuses(model, None, utc_zone)
            settled = {
                threat: known if known and known.state is one.state else SettledThreat(state=one.state, at=at)
                for threat, one in now.items()
                if one.state.over
                for known in (settled.get(threat),)
            }
    return ThreatDates(started_at=started, last_at=last, found=found, settled=settled)
