"""Trend: the number of open threats on each day by band, computed from the events."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

import msgspec

from domain.dread.scoring import Band
from domain.events import Erased, RecordedEvent
from domain.kernel.due_dates import Zones, day_after, local_day, moment_in_utc, utc_zone
from domain.model import ThreatModel, evolve
from domain.remediation.status import next_change, statuses
from domain.voting.scores import scores_of


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
    today's rules, including answers that were undone later.
    """
    days: list[OpenThreats] = []
    for day, model in _ends_of_days(events, zone, until, zones):
        counted = OpenThreats(day=day, bands=_open(model, _end(day, zone), zones))
        if not days or counted.bands != days[-1].bands or day == _day(until, zone):
            days.append(counted)
    return tuple(days)


def _ends_of_days(
    events: Sequence[RecordedEvent], zone: tzinfo, until: datetime, zones: Zones
) -> Iterator[tuple[date, ThreatModel]]:
    """Yield the model at the end of each day on which an event or time alone changed it."""
    model, day = ThreatModel(), None
    for event in events:
        if not isinstance(event, Erased):
            if event.at > until:
                break
            said = _day(event.at, zone)
            if day is not None and said > day:
                yield from _from_to(model, day, said, zone, zones)
            # An event with an earlier time counts from its position in the sequence.
            day = said if day is None else max(day, said)
        model = evolve(model, event)
    if day is not None:
        last = _day(until, zone)
        yield from _from_to(model, day, last, zone, zones)
        if last > day:
            yield last, model


def _from_to(
    model: ThreatModel, day: date, before: date, zone: tzinfo, zones: Zones
) -> Iterator[tuple[date, ThreatModel]]:
    yield day, model
    while (change := next_change(model, _end(day, zone), zones)) is not None:
        day = _day(change, zone)
        if day >= before:
            return
        yield day, model


def _open(model: ThreatModel, now: datetime, zones: Zones) -> dict[Band | None, int]:
    scores = scores_of(model)
    bands = Counter(
        scores[one.threat].tally.band if one.threat in scores else None
        for one in statuses(model, now, zones).values()
        if not one.state.over
    )
    return {band: bands[band] for band in (*reversed(Band), None) if bands[band]}


def _day(moment: datetime, zone: tzinfo) -> date:
    return local_day(moment, zone)


def _end(day: date, zone: tzinfo) -> datetime:
    return moment_in_utc(day_after(day), time(), zone) - timedelta(microseconds=1)
