"""Kept entries of the portfolio: computed from a model's events at a moment, and stored beside them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from domain.events import RecordedEvent
from domain.kernel.due_dates import Zones
from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.portfolio.portfolio_entry import PortfolioEntry, portfolio_entry


class HeldEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Entry with the moment of its computation, and the names of the time zones that it depends on."""

    entry: PortfolioEntry
    at: datetime
    zones: dict[PersonId, str]

    def holds(self, now: datetime, zones: Zones, *, count_questions: bool) -> bool:
        """Return whether computing it again would give the same entry, if the model is unchanged."""
        until = self.entry.changes_at
        return (
            (self.entry.question_progress is not None or not count_questions)
            and self.at <= now
            and (until is None or now < until)
            and all(str(zones(person)) == zone for person, zone in self.zones.items())
        )


def held_entry(
    model: ThreatModel,
    events: Sequence[RecordedEvent],
    at: datetime,
    zones: Zones,
    *,
    count_questions: bool,
) -> HeldEntry:
    """Compute the entry of a model at a moment; `events` are those of its version."""
    asked: dict[PersonId, tzinfo] = {}

    def zone(person: PersonId) -> tzinfo:
        return asked.setdefault(person, zones(person))

    entry = portfolio_entry(model, events, at, zone, count_questions=count_questions)
    return HeldEntry(entry=entry, at=at, zones={person: str(one) for person, one in asked.items()})


def decode_entry(data: bytes) -> HeldEntry | None:
    """Return a kept entry; None if it is damaged."""
    try:
        return _DECODER.decode(data)
    except msgspec.MsgspecError:
        return None


def is_entry_of(data: bytes, model: ThreatModel, events: Sequence[RecordedEvent]) -> bool:
    """Return whether a kept entry is what its model had at the moment that it names."""
    held = decode_entry(data)
    if held is None:
        return False
    counted = held.entry.question_progress is not None
    try:
        due = held_entry(model, events, held.at, _named(held.zones), count_questions=counted)
    except (ValueError, ZoneInfoNotFoundError):
        return False
    return due == held


def _named(zones: Mapping[PersonId, str]) -> Zones:
    return lambda person: ZoneInfo(zones[person]) if person in zones else UTC


_DECODER = msgspec.json.Decoder(HeldEntry)
