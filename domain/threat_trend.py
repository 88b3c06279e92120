"""Trend: the number of open threats on each day by band, computed from the events."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

import msgspec

from domain.dread.scoring import Band
from domain.events import Erased, RecordedEvent
from domain.kernel.due_dates import Zones, day_after, local_day, moment_in_utc, utc_zone
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel, evolve
from domain.model.imports import as_imported, last_import
from domain.remediation.status import next_change, statuses
from domain.replay import EMPTY
from domain.voting.scores import bands_of


class OpenThreats(msgspec.Struct, frozen=True, kw_only=True):
    """The open threats at the end of a day by band; None stands for unscored threats."""

    day: date
    bands: dict[Band | None, int]

    @property
    def number(self) -> int:
        """Return their number."""
        return sum(self.bands.values())


def open_threats(
    events: Sequence[RecordedEvent], zone: tzinfo, until: datetime, zones: Zones = utc_zone
) -> tuple[OpenThreats, ...]:
    """Return the days on which something changed, in order, and the day of `until`.

    Days are local days of `zone`; `zones` determine when acceptances expire. Each day is computed with
    today's rules, including answers that were undone later, but no approvals and votes of a file.
    """
    days: list[OpenThreats] = []
    counter, imported = _OpenCounter(zones), last_import(events)
    for day, model in _ends_of_days(events, zone, until, counter):
        counted = OpenThreats(day=day, bands=counter.bands(as_imported(model, *imported), _end(day, zone)))
        if not days or counted.bands != days[-1].bands or day == _day(until, zone):
            days.append(counted)
    return tuple(days)


def _ends_of_days(
    events: Sequence[RecordedEvent], zone: tzinfo, until: datetime, counter: "_OpenCounter"
) -> Iterator[tuple[date, ThreatModel]]:
    """Yield the model at the end of each day on which an event or time alone changed it."""
    model, day = EMPTY, None
    for event in events:
        if not isinstance(event, Erased):
            if event.at > until:
                break
            said = _day(event.at, zone)
            if day is not None and said > day:
                yield from _from_to(model, day, said, zone, counter)
            # An event with an earlier time counts from its position in the sequence.
            day = said if day is None else max(day, said)
        model = evolve(model, event)
    if day is not None:
        last = _day(until, zone)
        yield from _from_to(model, day, last, zone, counter)
        if last > day:
            yield last, model


def _from_to(
    model: ThreatModel, day: date, before: date, zone: tzinfo, counter: "_OpenCounter"
) -> Iterator[tuple[date, ThreatModel]]:
    yield day, model
    while (change := counter.next_change(model, _end(day, zone))) is not None:
        day = _day(change, zone)
        if day >= before:
            return
        yield day, model


SCORE_FIELDS = ("threats", "rounds", "ballots", "explanations", "imported")
STATUS_FIELDS = (
    *("threats", "merged", "removed", "responses", "proposals", "mitigations", "issues"),
    *("facilitator", "participants", "step", "closed_at", "review_on"),
)
"""Fields of the model that bands and statuses depend on: on most days, none of them changes."""


class _OpenStatus(NamedTuple):
    """The threats that are open from a moment on, unless the model changes; `until` is None for ever."""

    model: ThreatModel
    at: datetime
    until: datetime | None
    threats: tuple[ThreatId, ...]


class _OpenCounter:
    """Counter of open threats on one day after the other; it computes again only what has changed."""

    def __init__(self, zones: Zones) -> None:
        self._zones = zones
        self._status: _OpenStatus | None = None
        self._scored = EMPTY
        self._bands: dict[ThreatId, Band] = {}

    def bands(self, model: ThreatModel, now: datetime) -> dict[Band | None, int]:
        """Return the number of open threats by band, the highest first."""
        if not _same(model, self._scored, SCORE_FIELDS):
            self._scored, self._bands = model, bands_of(model)
        counts = Counter(self._bands.get(threat) for threat in self._at(model, now).threats)
        return {band: counts[band] for band in (*reversed(Band), None) if counts[band]}

    def next_change(self, model: ThreatModel, now: datetime) -> datetime | None:
        """Return the next moment at which time alone changes a status, or None."""
        return self._at(model, now).until

    def _at(self, model: ThreatModel, now: datetime) -> _OpenStatus:
        known = self._status
        if (
            known is None
            or not _same(model, known.model, STATUS_FIELDS)
            or now < known.at
            or (known.until is not None and known.until <= now)
        ):
            known = self._status = _OpenStatus(
                model=model,
                at=now,
                until=next_change(model, now, self._zones),
                threats=tuple(
                    id for id, one in statuses(model, now, self._zones).items() if not one.state.over
                ),
            )
        return known


def _same(one: ThreatModel, other: ThreatModel, fields: Iterable[str]) -> bool:
    """Return whether fields are the same objects: events replace only what they change."""
    return all(getattr(one, field) is getattr(other, field) for field in fields)


def _day(moment: datetime, zone: tzinfo) -> date:
    return local_day(moment, zone)


def _end(day: date, zone: tzinfo) -> datetime:
    return moment_in_utc(day_after(day), time(), zone) - timedelta(microseconds=1)
