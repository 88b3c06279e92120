"""Entry of one model in the portfolio: numbers and dates, without text of users but names and labels."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from domain.dread.scoring import Band
from domain.events import RecordedEvent
from domain.kernel.due_dates import Zones, utc_zone
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.portfolio.band_counts import BandCounts, count_bands
from domain.portfolio.threat_dates import SettledThreat, ThreatDates, threat_dates
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState, next_change
from domain.screening.pending_screening import PendingScreening
from domain.threat_trend import open_threats

APPROVAL_OVERDUE = timedelta(days=7)
"""The time after which an acceptance that waits for its approval counts as overdue."""

TREND_DAYS = 182
"""The days for which the trend of a model is kept."""

ENDED_PHASES = ("closed", "archived")
"""Phases in which a model takes no answers."""


class OpenRisk(msgspec.Struct, frozen=True, kw_only=True):
    """The open threats from the end of a UTC day on."""

    day: date
    counts: BandCounts


class FoundThreat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a current threat was found, and in which state it was settled and when; without its title."""

    found_at: datetime
    band: Band | None = None
    state: ThreatState | None = None
    settled_at: datetime | None = None


class RoundProgress(msgspec.Struct, frozen=True, kw_only=True):
    """The turnout of an open round: `cast` of `panel` voters are done. It has no numbers of ballots."""

    cast: int
    panel: int
    deadline: datetime


class PortfolioEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One model in numbers and dates, valid until `changes_at` (None: until its next event).

    `open` counts the open threats, `highest` is the highest mean of their scores, `oldest_open_at` is when
    the oldest of them was found. `approvals_since` are the times since which acceptances wait for approval,
    `accepted_until` the moments at which accepted risks expire; None for those accepted without a day.
    `pending_screening` is shown to people instead of the number of questions.
    `cells_open` are undecided STRIDE cells on trust crossings. `next` is the next step in a sentence, and
    `waits_for` the people whom it waits for; empty if any participant may take it. `rounds` are the open
    rounds of voting, which show their turnout alone. `trend` has a point for each UTC day with a change.
    """

    key: ModelKey
    name: str
    channel: ChannelId
    phase: str
    facilitator: PersonId
    labels: tuple[str, ...] = ()
    started_at: datetime | None = None
    last_activity_at: datetime | None = None
    open: BandCounts = BandCounts()
    threats: int = 0
    highest: float | None = None
    oldest_open_at: datetime | None = None
    overdue_mitigations: int = 0
    mitigations_to_do: int = 0
    approvals_since: tuple[datetime, ...] = ()
    accepted_until: tuple[datetime | None, ...] = ()
    questions_open: int = 0
    questions_settled: int = 0
    questions_total: int = 0
    pending_screening: PendingScreening | None = None
    cells_open: int = 0
    review_due: datetime | None = None
    next: str = ""
    waits_for: tuple[PersonId, ...] = ()
    rounds: tuple[RoundProgress, ...] = ()
    found: tuple[FoundThreat, ...] = ()
    trend: tuple[OpenRisk, ...] = ()
    changes_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Return whether the model is closed or archived."""
        return self.phase in ENDED_PHASES

    def overdue_approvals(self, now: datetime) -> int:
        """Return the number of acceptances that have waited for approval for too long."""
        return sum(since + APPROVAL_OVERDUE <= now for since in self.approvals_since)

    def overdue(self, now: datetime) -> int:
        """Return the number of overdue mitigations and approvals."""
        return self.overdue_mitigations + self.overdue_approvals(now)

    def review_overdue(self, now: datetime) -> bool:
        """Return whether a closed model should have been reviewed."""
        return self.review_due is not None and self.review_due <= now

    def next_expiry(self) -> datetime | None:
        """Return the moment at which the next accepted risk expires."""
        return min((one for one in self.accepted_until if one is not None), default=None)

    def open_on(self, day: date) -> BandCounts:
        """Return the open threats at the end of a UTC day; none before the first kept one."""
        return next((one.counts for one in reversed(self.trend) if one.day <= day), BandCounts())


def days_since(moment: datetime | None, now: datetime) -> int | None:
    """Return the whole days since a moment: the same at every place, whatever its time zone."""
    return None if moment is None else max(0, (now - moment) // timedelta(days=1))


def portfolio_entry(
    model: ThreatModel,
    register: ThreatRegister,
    events: Sequence[RecordedEvent],
    now: datetime,
    zones: Zones = utc_zone,
) -> PortfolioEntry:
    """Return the entry of a model at a moment; `register` and `events` are those of its version."""
    dates = threat_dates(events)
    live = {id for id, one in register.statuses.items() if not one.state.over}
    scores = {one.threat.id: one.score for one in register.ranked if one.score is not None}
    bands = {id: scores[id].tally.band if id in scores else None for id in register.statuses}
    progress = register.question_progress
    rounds = tuple(
        RoundProgress(cast=one.cast, panel=one.panel, deadline=one.deadline) for one in register.rounds
    )
    step = register.next
    awaited = (step.waits_for,) if step.waits_for else ()
    return PortfolioEntry(
        key=register.key,
        name=register.name,
        channel=register.channel,
        phase=register.phase,
        facilitator=register.facilitator,
        labels=register.labels,
        started_at=dates.started_at,
        last_activity_at=dates.last_at,
        open=count_bands(Counter(bands[id] for id in live)),
        threats=len(register.statuses),
        highest=max((scores[id].tally.mean for id in live if id in scores), default=None),
        oldest_open_at=min((dates.found[id] for id in live if id in dates.found), default=None),
        overdue_mitigations=sum(one.overdue and not one.orphan for one in register.mitigations),
        mitigations_to_do=sum(one.mitigation.state.to_do and not one.orphan for one in register.mitigations),
        approvals_since=_waiting_since(register),
        accepted_until=tuple(
            one.expires_at for one in register.statuses.values() if one.state is ThreatState.ACCEPTED
        ),
        questions_open=len(register.questions),
        questions_settled=progress.settled,
        questions_total=progress.total,
        pending_screening=register.pending_screening,
        cells_open=register.coverage.open_cells,
        review_due=register.review_due,
        next="" if register.phase in ENDED_PHASES and not register.review_overdue else step.text,
        waits_for=awaited,
        rounds=rounds,
        found=tuple(_found(dates, register, bands)),
        trend=_trend(events, now, zones),
        # The deadline of a round changes nothing before it is closed.
        changes_at=next_change(model, now, zones),
    )


def _waiting_since(register: ThreatRegister) -> tuple[datetime, ...]:
    proposals = [one.proposal for one in register.statuses.values() if one.proposal and not one.too_late]
    return tuple(sorted(one.at for one in proposals))


def _found(
    dates: ThreatDates, register: ThreatRegister, bands: dict[ThreatId, Band | None]
) -> list[FoundThreat]:
    entries: list[FoundThreat] = []
    for id, status in register.statuses.items():
        at = dates.found.get(id)
        if at is None:
            continue
        settled: SettledThreat | None = dates.settled.get(id) if status.state.over else None
        entries.append(
            FoundThreat(
                found_at=at,
                band=bands[id],
                state=settled.state if settled else None,
                settled_at=settled.at if settled else None,
            )
        )
    return entries


def _trend(events: Sequence[RecordedEvent], now: datetime, zones: Zones) -> tuple[OpenRisk, ...]:
    """Return the changes of the last months, and the last one before them."""
    points = [
        OpenRisk(day=one.day, counts=count_bands(one.bands)) for one in open_threats(events, UTC, now, zones)
    ]
    first = now.astimezone(UTC).date() - timedelta(days=TREND_DAYS)
    earlier = [one for one in points if one.day < first]
    return (*earlier[-1:], *points[len(earlier) :])
