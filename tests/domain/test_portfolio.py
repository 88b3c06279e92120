"""The portfolio: numbers and dates of many models, without what is sealed, and their trend."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from types import FunctionType
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from bot.demo import PEOPLE, STORIES
from domain.commands import (
    ApproveAcceptance,
    ChooseLabels,
    ImplementMitigation,
    ProposeAcceptance,
    VerifyMitigation,
)
from domain.dread.scoring import Band
from domain.events import Erased, Event, RecordedEvent
from domain.kernel.due_dates import Zones, utc_zone
from domain.kernel.elements import ChannelId, ModelKey
from domain.kernel.threat import ResponseKind
from domain.model import ThreatModel
from domain.portfolio.portfolio_entry import (
    APPROVAL_OVERDUE,
    BandCounts,
    FoundThreat,
    OpenRisk,
    PortfolioEntry,
    days_since,
    portfolio_entry,
)
from domain.portfolio.portfolio_filter import PortfolioFilter, PortfolioOrder, select_entries
from domain.portfolio.portfolio_totals import open_risk_over_time, portfolio_totals, weekly_changes
from domain.register import register
from domain.remediation.status import ThreatState, next_change, statuses
from domain.replay import replay
from domain.threat_trend import SCORE_FIELDS, STATUS_FIELDS, OpenThreats, open_threats
from domain.voting.scores import bands_of
from tests.domain.remediation_story import MI1, SPRING, TH1, TH2, TH3, THREATS, plan, respond
from tests.domain.voting_story import CONTESTED, IDENTIFIED, OPENED, RD2, VOTERS, ballot_of
from tests.examples import ANA, BEN, CHI, DEE, at, closed, decide_all, story_events

MONTH = 60 * 24 * 30
DAY = timedelta(days=1)
LATER = at(MONTH)


def entry_of(
    events: Sequence[RecordedEvent], now: datetime = LATER, zones: Zones = utc_zone
) -> PortfolioEntry:
    model = replay(events)
    return portfolio_entry(model, events, now, zones)


REMEDIED = decide_all(
    ChooseLabels(by=ANA, at=at(6), labels=("team: home",)),
    plan(),
    ImplementMitigation(by=CHI, at=at(60 * 24), mitigation=MI1, evidence="a badge"),
    VerifyMitigation(by=ANA, at=at(2 * 60 * 24 + 1), mitigation=MI1),
    ProposeAcceptance(by=BEN, at=at(2 * 60 * 24 + 2), threat=TH2, expires=SPRING, reason="Nothing to see"),
    ApproveAcceptance(by=ANA, at=at(2 * 60 * 24 + 3), threat=TH2),
    ProposeAcceptance(by=BEN, at=at(2 * 60 * 24 + 4), threat=TH3, expires=SPRING, reason="Rare"),
    after=THREATS,
)
"""The first threat is mitigated after two days, the second accepted, the third waits for approval."""


def test_an_entry_says_what_is_open_since_when_and_what_waits() -> None:
    entry = entry_of(REMEDIED)

    assert (entry.phase, entry.labels, entry.threats) == ("remediation", ("team: home",), 3)
    assert (entry.open, entry.highest) == (BandCounts(unscored=1), None)
    assert (entry.started_at, entry.last_activity_at) == (at(0), at(2 * 60 * 24 + 4))
    assert entry.oldest_open_at == at(3)
    assert entry.approvals_since == (at(2 * 60 * 24 + 4),)
    assert entry.accepted_until == (datetime(2026, 5, 29, 17, tzinfo=UTC),)
    assert (entry.overdue_approvals(at(0) + APPROVAL_OVERDUE), entry.overdue_approvals(at(MONTH))) == (0, 1)
    assert [(one.state, one.settled_at) for one in entry.found] == [
        (ThreatState.MITIGATED, at(2 * 60 * 24 + 1)),
        (ThreatState.ACCEPTED, at(2 * 60 * 24 + 3)),
        (None, None),
    ]


def test_an_entry_says_the_same_as_the_register_of_its_model() -> None:
    for events in (IDENTIFIED, OPENED, CONTESTED, THREATS, REMEDIED, closed(THREATS, minute=10)):
        model = replay(events)
        seen, entry = register(model, LATER), portfolio_entry(model, events, LATER, count_questions=True)
        open_scores = [
            one.score for one in seen.ranked if one.score and not seen.statuses[one.threat.id].state.over
        ]
        found = (
            *(entry.phase, entry.next, entry.waits_for, entry.questions_open, entry.question_progress),
            *(entry.pending_screening, entry.cells_open, entry.review_due, len(entry.rounds), entry.threats),
            *(entry.mitigations_to_do, entry.overdue_mitigations, entry.highest),
        )
        step = seen.next if not entry.ended or seen.review_overdue else None
        assert found == (
            *(seen.phase, step.text if step else "", (step.waits_for,) if step and step.waits_for else ()),
            *(len(seen.questions), seen.question_progress, seen.pending_screening),
            *(seen.coverage.open_cells, seen.review_due, len(seen.rounds), len(seen.statuses)),
            sum(mitigation.mitigation.state.to_do for mitigation in seen.mitigations),
            sum(mitigation.overdue for mitigation in seen.mitigations),
            max((score.tally.mean for score in open_scores), default=None),
        ), events[-1]


def test_questions_are_counted_only_if_asked_for() -> None:
    assert entry_of(IDENTIFIED).question_progress is None


def test_an_overdue_mitigation_counts_from_five_in_the_zone_of_its_owner() -> None:
    planned = decide_all(plan(), after=THREATS)
    due = datetime(2026, 3, 6, 17, tzinfo=UTC)
    honolulu: Zones = lambda _: ZoneInfo("Pacific/Honolulu")  # noqa: E731
    counted = {
        (zone, hours): entry_of(planned, due + timedelta(hours=hours), zones).overdue_mitigations
        for zone, zones in (("UTC", utc_zone), ("Honolulu", honolulu))
        for hours in (-1, 0, 9, 10)
    }
    assert [key for key, number in counted.items() if number] == [
        *(("UTC", hours) for hours in (0, 9, 10)),
        ("Honolulu", 10),
    ]
    assert entry_of(planned, due - DAY).changes_at == due
    assert entry_of(planned, due).changes_at is None


def test_of_an_open_round_nothing_is_told_but_the_turnout() -> None:
    def cast(number: int) -> list[RecordedEvent]:
        ballots = (ballot_of(voter, number, reason=f"zebra {number}") for voter in VOTERS[:-1])
        return decide_all(*ballots, after=OPENED)

    low, high = entry_of(cast(1)), entry_of(cast(10))

    assert msgspec.json.encode(low) == msgspec.json.encode(high)
    assert [(round.cast, round.panel) for round in low.rounds] == [(3, 4)]
    assert (low.open, low.highest) == (BandCounts(unscored=3), None)
    assert b"zebra" not in msgspec.json.encode(low)


def test_a_second_vote_changes_no_number_before_it_is_closed() -> None:
    again = decide_all(ballot_of(ANA, 9, None, None, None, None, round=RD2), after=CONTESTED)
    before, after = entry_of(CONTESTED), entry_of(again)
    assert (after.open, after.highest, after.trend) == (before.open, before.highest, before.trend)


def test_a_threat_counts_as_open_again_when_its_acceptance_expires() -> None:
    entry = entry_of(REMEDIED, datetime(2026, 5, 29, 17, tzinfo=UTC))
    assert (entry.open.total, entry.accepted_until) == (2, ())
    assert [one.state for one in entry.found] == [ThreatState.MITIGATED, None, None]


def test_erased_events_and_events_of_the_system_do_not_count_as_activity() -> None:
    erased = [*IDENTIFIED[:2], Erased(), *IDENTIFIED[3:]]
    entry = entry_of(erased)
    assert (entry.threats, entry.last_activity_at) == (2, at(2))


def test_a_closed_model_has_a_review_and_a_next_step_only_when_it_is_due() -> None:
    ended = closed(THREATS, minute=10)
    before, after = entry_of(ended, at(20)), entry_of(ended, at(20) + timedelta(days=90))
    assert (before.ended, before.next, before.review_overdue(at(20))) == (True, "", False)
    assert after.review_overdue(at(20) + timedelta(days=90))
    assert after.next


def test_days_are_whole_days_of_elapsed_time() -> None:
    moment = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert [days_since(moment, moment + timedelta(hours=hours)) for hours in (-1, 0, 23, 24, 47)] == [
        *(0, 0, 0, 1, 1)
    ]
    assert days_since(None, moment) is None


def entry(key: str, **fields: Any) -> PortfolioEntry:
    told: dict[str, Any] = {
        "key": ModelKey(key),
        "name": key.lower(),
        "channel": ChannelId("C1"),
        "phase": "remediation",
        "facilitator": ANA,
        **fields,
    }
    return PortfolioEntry(**told)


CRITICAL = entry("A", open=BandCounts(critical=1), highest=8.4, labels=("Team X", "PCI"), waits_for=(BEN,))
LATE = entry("B", open=BandCounts(high=4), overdue_mitigations=2, labels=("team x",))
QUIET = entry("C", phase="closed", facilitator=BEN, review_due=at(5), last_activity_at=at(1))
ARCHIVED = entry("D", phase="archived", open=BandCounts(critical=9))
ALL = (ARCHIVED, QUIET, LATE, CRITICAL)


def test_each_condition_of_a_filter_must_match() -> None:
    found = {
        name: "".join(one.key for one in select_entries(ALL, wanted, PortfolioOrder.NAME, at(10)))
        for name, wanted in {
            "all": PortfolioFilter(),
            "label": PortfolioFilter(labels=("TEAM X",)),
            "labels": PortfolioFilter(labels=("team x", "pci")),
            "phase": PortfolioFilter(phases=("closed", "archived")),
            "overdue": PortfolioFilter(overdue=True),
            "band": PortfolioFilter(band=Band.CRITICAL),
            "lower band": PortfolioFilter(band=Band.MEDIUM),
            "waits for": PortfolioFilter(waits_for=BEN),
            "facilitator": PortfolioFilter(facilitator=BEN),
            "nothing": PortfolioFilter(waits_for=DEE, overdue=True),
        }.items()
    }
    assert found == {
        "all": "ABC",
        "label": "AB",
        "labels": "A",
        "phase": "CD",
        "overdue": "BC",
        "band": "A",
        "lower band": "AB",
        "waits for": "A",
        "facilitator": "C",
        "nothing": "",
    }


def test_a_filter_says_its_conditions_in_words() -> None:
    names = {ANA: "Ana", BEN: "Ben"}.__getitem__
    every = PortfolioFilter(
        labels=("PCI DSS", "team x"),
        phases=("analysis", "closed"),
        overdue=True,
        band=Band.HIGH,
        waits_for=BEN,
        facilitator=ANA,
    )
    assert every.conditions(names) == (
        "in analysis or closed",
        "something is overdue",
        "high or critical threats are open",
        "waits for Ben",
        "facilitated by Ana",
        "label “PCI DSS”",
        "label “team x”",
    )
    assert PortfolioFilter().conditions(names) == ()
    assert len({PortfolioFilter(band=band).conditions(names) for band in Band}) == len(Band)


def test_orders_put_first_what_needs_attention() -> None:
    found = {
        order: "".join(one.key for one in select_entries(ALL[1:], PortfolioFilter(), order, at(10)))
        for order in PortfolioOrder
    }
    assert found == {
        PortfolioOrder.RISK: "ABC",
        PortfolioOrder.OVERDUE: "BCA",
        PortfolioOrder.AGE: "ABC",
        PortfolioOrder.ACTIVITY: "CAB",
        PortfolioOrder.REVIEW: "CAB",
        PortfolioOrder.NAME: "ABC",
    }


def test_totals_are_sums_and_times_are_medians_by_band() -> None:
    def mitigated(band: Band, days: float) -> FoundThreat:
        settled = at(0) + days * DAY
        return FoundThreat(found_at=at(0), band=band, state=ThreatState.MITIGATED, settled_at=settled)

    times = replace(
        CRITICAL,
        found=(mitigated(Band.HIGH, 1), mitigated(Band.HIGH, 9), mitigated(Band.HIGH, 2)),
        accepted_until=(at(60), at(MONTH * 3), None),
        approvals_since=(at(0),),
    )
    totals = portfolio_totals((times, LATE, QUIET), at(10))
    assert (totals.models, totals.active, totals.open.total) == (3, 2, 5)
    assert (totals.overdue_mitigations, totals.overdue_reviews, totals.approvals) == (2, 1, 1)
    assert (totals.accepted, totals.expiring_soon, totals.next_expiry) == (3, 1, at(60))
    assert totals.remediation_days == {Band.HIGH: 2.0}


def test_trends_of_several_models_are_added_day_by_day() -> None:
    first = entry(
        "A",
        trend=(
            OpenRisk(day=date(2026, 2, 1), counts=BandCounts(high=1)),
            OpenRisk(day=date(2026, 3, 1), counts=BandCounts(high=3)),
        ),
    )
    second = entry("B", trend=(OpenRisk(day=date(2026, 2, 20), counts=BandCounts(low=2)),))
    told = open_risk_over_time((first, second), date(2026, 2, 10), datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert [(one.day.isoformat(), one.counts.text) for one in told] == [
        ("2026-02-10", "1 high"),
        ("2026-02-20", "1 high, 2 low"),
        ("2026-03-01", "3 high, 2 low"),
        ("2026-03-02", "3 high, 2 low"),
    ]


def test_a_week_counts_what_was_found_settled_and_expires() -> None:
    accepted = decide_all(respond(TH3, ResponseKind.TRANSFER), after=REMEDIED[:-1])
    until = at(2 * 60 * 24 + 10)

    week = weekly_changes((entry_of(accepted, until),), until)

    assert (week.found, week.before, week.totals.open) == (
        BandCounts(unscored=3),
        BandCounts(),
        BandCounts(),
    )
    assert week.settled == {
        ThreatState.MITIGATED: 1,
        ThreatState.ACCEPTED: 1,
        ThreatState.TRANSFERRED: 1,
    }
    later = datetime(2026, 5, 20, tzinfo=UTC)
    quiet = weekly_changes((entry_of(accepted, later),), later)
    assert (quiet.found.total, quiet.done, quiet.expiring, quiet.untouched) == (0, 0, 1, 1)


def test_an_entry_is_the_same_after_it_was_encoded() -> None:
    one = entry_of(REMEDIED)
    assert msgspec.json.decode(msgspec.json.encode(one), type=PortfolioEntry) == one


MARCH_2 = date(2026, 3, 2)
MINUTES_A_DAY = 24 * 60


def on(day: date, **bands: int) -> OpenThreats:
    names = {"unscored": None, **{band.value: band for band in Band}}
    return OpenThreats(day=day, bands={names[name]: number for name, number in bands.items()})


def test_a_threat_is_open_until_nothing_is_left_to_do_about_it() -> None:
    events = decide_all(
        respond(TH1, ResponseKind.AVOID, minute=2 * MINUTES_A_DAY),
        respond(TH2, ResponseKind.MITIGATE, minute=3 * MINUTES_A_DAY),  # planned is not done
        after=THREATS,
    )
    assert open_threats(events, UTC, at(5 * MINUTES_A_DAY)) == (
        on(MARCH_2, unscored=3),
        on(date(2026, 3, 4), unscored=2),
        on(date(2026, 3, 7), unscored=2),
    )


def test_an_accepted_threat_is_open_again_on_the_day_its_acceptance_ends() -> None:
    events = decide_all(
        ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out in summer"),
        ApproveAcceptance(by=CHI, at=at(MINUTES_A_DAY), threat=TH1),
        after=THREATS,
    )
    until = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
    assert [(threat.day, threat.number) for threat in open_threats(events, UTC, until)] == [
        (MARCH_2, 3),
        (date(2026, 3, 3), 2),
        (SPRING, 3),
        (date(2026, 8, 1), 3),
    ]


def test_threats_are_told_apart_by_the_bands_of_their_scores() -> None:
    events = story_events(STORIES["house"](ChannelId("CHOUSE"), PEOPLE))
    (only,) = open_threats(events, UTC, at(MINUTES_A_DAY - 600))
    assert only == on(MARCH_2, critical=1, high=3, medium=2)
    assert only.number == len(register(replay(events)).threats)


def test_days_end_where_the_reader_is() -> None:
    late = decide_all(respond(TH1, ResponseKind.AVOID, minute=14 * 60), after=THREATS)  # 23:00 UTC
    zone = ZoneInfo("Europe/Berlin")
    assert [threat.day for threat in open_threats(late, zone, at(15 * 60))] == [MARCH_2, date(2026, 3, 3)]
    assert [threat.day for threat in open_threats(late, UTC, at(14 * 60 + 30))] == [MARCH_2]


def test_what_ends_at_midnight_where_the_reader_is_counts_from_the_day_that_begins_then() -> None:
    """At five in the afternoon, in the zone of the owner, midnight has come to Bangkok."""
    events = decide_all(
        ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out in summer"),
        ApproveAcceptance(by=CHI, at=at(11), threat=TH1),
        respond(TH2, ResponseKind.AVOID, minute=88 * MINUTES_A_DAY),  # on that day, in the morning
        after=THREATS,
    )
    days = open_threats(events, ZoneInfo("Asia/Bangkok"), datetime(2026, 8, 1, 12, 0, tzinfo=UTC))
    assert [(day.day, day.number) for day in days] == [
        (MARCH_2, 2),
        (SPRING, 1),
        (date(2026, 5, 30), 2),
        (date(2026, 8, 1), 2),
    ]


def test_what_comes_after_the_moment_is_not_counted() -> None:
    events = decide_all(respond(TH1, ResponseKind.AVOID, minute=3 * MINUTES_A_DAY), after=THREATS)
    assert open_threats(events, UTC, at(MINUTES_A_DAY))[-1] == on(date(2026, 3, 3), unscored=3)


def test_erased_events_and_a_past_in_disorder_are_borne() -> None:
    earlier = decide_all(respond(TH1, ResponseKind.AVOID, minute=3 * MINUTES_A_DAY), after=THREATS)
    later = decide_all(respond(TH2, ResponseKind.AVOID, minute=2 * MINUTES_A_DAY), after=earlier)
    days = open_threats([*later, Erased()], UTC, at(3 * MINUTES_A_DAY + 1))
    assert [(day.day, day.number) for day in days] == [(MARCH_2, 3), (MARCH_2 + timedelta(days=3), 1)]
    assert open_threats([], UTC, at(0)) == ()


class Recorder:
    """A model that records which of its fields are read."""

    def __init__(self, model: ThreatModel, read: set[str]) -> None:
        self._model = model
        self._read = read

    def __getattr__(self, name: str) -> Any:
        declared = ThreatModel.__dict__.get(name)
        if isinstance(declared, FunctionType):
            return declared.__get__(self)
        if isinstance(declared, property) and declared.fget:
            return declared.fget(self)
        self._read.add(name)
        return getattr(self._model, name)


def test_a_day_is_counted_again_whenever_a_field_that_matters_has_changed() -> None:
    events = story_events(STORIES["house"](ChannelId("CHOUSE"), PEOPLE))
    for_scores, for_statuses = set[str](), set[str]()
    for number in range(0, len(events) + 1, 10):
        model = replay(events[:number])
        bands_of(cast("ThreatModel", Recorder(model, for_scores)))
        statuses(cast("ThreatModel", Recorder(model, for_statuses)), at(MINUTES_A_DAY), utc_zone)
        next_change(cast("ThreatModel", Recorder(model, for_statuses)), at(MINUTES_A_DAY), utc_zone)
    assert for_scores <= {*SCORE_FIELDS}
    assert for_statuses <= {*STATUS_FIELDS}


def test_each_day_counts_as_if_it_were_the_only_one() -> None:
    story = cast("list[Event]", story_events(STORIES["house"](ChannelId("CHOUSE"), PEOPLE)))
    events = [replace(event, at=at(MINUTES_A_DAY * number // 3)) for number, event in enumerate(story)]
    for threat in open_threats(events, UTC, at(400 * MINUTES_A_DAY)):
        end = datetime.combine(threat.day, datetime.max.time(), tzinfo=UTC)
        model = replay([event for event in events if event.at <= end])
        bands = bands_of(model)
        live = [id for id, status in statuses(model, end, utc_zone).items() if not status.state.over]
        assert threat.bands == Counter(bands.get(id) for id in live), threat.day
