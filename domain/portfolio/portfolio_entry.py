"""Entry of one model in the portfolio: numbers and dates, without text of users but names and labels."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from domain.analysis.model_analysis import ModelAnalysis, analyze
from domain.analysis.question_order import QuestionProgress
from domain.dread.scoring import Band
from domain.element_links import link_proposals
from domain.events import Erased, RecordedEvent
from domain.kernel.answer_basis import BasisCounts, CheckCounts, count_bases, count_checks
from domain.kernel.due_dates import Zones, utc_zone
from domain.kernel.elements import SYSTEM, ChannelId, ModelKey, PersonId
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import ThreatId
from domain.lifecycle import phase_of
from domain.model import ThreatModel, evolve
from domain.model.element_labels import unplaced_components
from domain.next_step.next_step_choice import NextStep, choose_next_step
from domain.phase_conditions import conditions
from domain.remediation.status import (
    ThreatState,
    ThreatStatus,
    in_force,
    next_change,
    review_due,
    statuses,
    tracked_mitigations,
)
from domain.replay import EMPTY
from domain.screening.screened_facts import PendingScreening, pending_screening
from domain.threat_trend import open_threats
from domain.voting.scores import scores_of
from domain.voting.turnout import turnouts


class BandCounts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Numbers of threats by severity band; `unscored` ones have no result of a vote yet."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    unscored: int = 0

    @property
    def total(self) -> int:
        """Return the number of all threats."""
        return self.critical + self.high + self.medium + self.low + self.unscored

    @property
    def worst_first(self) -> tuple[tuple[Band | None, int], ...]:
        """Return each band with its number, from critical to low; None stands for unscored threats."""
        return (
            (Band.CRITICAL, self.critical),
            (Band.HIGH, self.high),
            (Band.MEDIUM, self.medium),
            (Band.LOW, self.low),
            (None, self.unscored),
        )

    @property
    def text(self) -> str:
        """Return the numbers in words: `2 critical, 1 unscored`."""
        parts = (f"{number} {band or 'unscored'}" for band, number in self.worst_first if number)
        return ", ".join(parts) or "none"

    def at_least(self, band: Band) -> int:
        """Return the number of scored threats of a band or a higher one."""
        return sum(number for one, number in self.worst_first if one is not None and one.order >= band.order)


def count_bands(bands: Mapping[Band | None, int]) -> BandCounts:
    """Return the numbers of a mapping from bands; None stands for unscored threats."""
    return BandCounts(
        critical=bands.get(Band.CRITICAL, 0),
        high=bands.get(Band.HIGH, 0),
        medium=bands.get(Band.MEDIUM, 0),
        low=bands.get(Band.LOW, 0),
        unscored=bands.get(None, 0),
    )


def add_counts(counts: Iterable[BandCounts]) -> BandCounts:
    """Return the sums by band."""
    every = tuple(counts)
    return BandCounts(
        critical=sum(one.critical for one in every),
        high=sum(one.high for one in every),
        medium=sum(one.medium for one in every),
        low=sum(one.low for one in every),
        unscored=sum(one.unscored for one in every),
    )


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
    `question_progress` is None if it was not counted. `pending_screening` is shown to people instead of the
    number of questions.
    `cells_open` are undecided STRIDE cells on trust crossings. `in_place` are the controls in place by what
    that rests on, `checks` the spot checks by outcome. `next` is the next step in a sentence, and
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
    question_progress: QuestionProgress | None = None
    pending_screening: PendingScreening | None = None
    cells_open: int = 0
    in_place: BasisCounts = BasisCounts()
    checks: CheckCounts = CheckCounts()
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
    events: Sequence[RecordedEvent],
    now: datetime,
    zones: Zones = utc_zone,
    *,
    count_questions: bool = False,
) -> PortfolioEntry:
    """Return the entry of a model at a moment; `events` are those of its version.

    The progress of the questions is counted only if asked for, since that takes as long as all the rest.
    """
    dates = threat_dates(events)
    status = statuses(model, now, zones)
    found = analyze(model, in_force(model, status.values()))
    live = {id for id, one in status.items() if not one.state.over}
    scores = scores_of(model)
    bands = {id: scores[id].tally.band if id in scores else None for id in status}
    rounds = tuple(
        RoundProgress(cast=one.cast, panel=one.panel, deadline=one.deadline) for one in turnouts(model)
    )
    mitigations = [one for one in tracked_mitigations(model, now, zones) if not one.orphan]
    review = review_due(model)
    step = _next_step(model, found, status, review_overdue=review is not None and review <= now)
    return PortfolioEntry(
        key=model.key,
        name=model.name,
        channel=model.channel,
        phase=phase_of(model.step),
        facilitator=model.facilitator,
        labels=model.labels,
        started_at=dates.started_at,
        last_activity_at=dates.last_at,
        open=count_bands(Counter(bands[id] for id in live)),
        threats=len(status),
        highest=max((scores[id].tally.mean for id in live if id in scores), default=None),
        oldest_open_at=min((dates.found[id] for id in live if id in dates.found), default=None),
        overdue_mitigations=sum(mitigation.overdue for mitigation in mitigations),
        mitigations_to_do=sum(mitigation.mitigation.state.to_do for mitigation in mitigations),
        approvals_since=_waiting_since(status),
        accepted_until=tuple(one.expires_at for one in status.values() if one.state is ThreatState.ACCEPTED),
        questions_open=len(found.found.questions),
        question_progress=found.counter.progress if count_questions else None,
        pending_screening=pending_screening(model, found.found.questions),
        cells_open=found.grid.open_cells,
        in_place=count_bases(one.basis for one in found.found.controlled if one.applicable),
        checks=count_checks(check.outcome for check in values_of(model.checks)),
        review_due=review,
        next=step.text if step else "",
        waits_for=(step.waits_for,) if step and step.waits_for else (),
        rounds=rounds,
        found=tuple(_found(dates, status, bands)),
        trend=_trend(events, now, zones),
        # The deadline of a round changes nothing before it is closed.
        changes_at=next_change(model, now, zones),
    )


def _next_step(
    model: ThreatModel, found: ModelAnalysis, status: dict[ThreatId, ThreatStatus], *, review_overdue: bool
) -> NextStep | None:
    """Return the next step; None for an ended model without an overdue review."""
    if phase_of(model.step) in ENDED_PHASES and not review_overdue:
        return None
    return choose_next_step(
        model,
        unplaced_components(model),
        len(link_proposals(model)),
        found,
        conditions(model, found.crossing, found.found, found.grid, status),
        status,
        review_overdue=review_overdue,
    )


def _waiting_since(status: dict[ThreatId, ThreatStatus]) -> tuple[datetime, ...]:
    proposals = [one.proposal for one in status.values() if one.proposal and not one.too_late]
    return tuple(sorted(proposal.at for proposal in proposals))


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


def _found(
    dates: ThreatDates, status: dict[ThreatId, ThreatStatus], bands: dict[ThreatId, Band | None]
) -> list[FoundThreat]:
    entries: list[FoundThreat] = []
    for id, one in status.items():
        at = dates.found.get(id)
        if at is None:
            continue
        settled: SettledThreat | None = dates.settled.get(id) if one.state.over else None
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
    earlier = [point for point in points if point.day < first]
    return (*earlier[-1:], *points[len(earlier) :])


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
