"""How threats and mitigations stand, and where a threat lies."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.analysis.suggested_threat_groups import count_places
from domain.commands import (
    AddAsset,
    ApproveAcceptance,
    Command,
    DropMitigation,
    MergeThreats,
    PlanMitigation,
    ProposeAcceptance,
    RemoveElement,
    ReportThreat,
    Undo,
    WithdrawThreat,
)
from domain.kernel.due_dates import due_moment, utc_zone
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import ResponseKind, Stride, SuggestedThreatId, Threat, ThreatId, places_of
from domain.model import ThreatModel
from domain.model.mitigation_links import places_phrase
from domain.register import ThreatRegister, register
from domain.rejections import Rejected
from domain.remediation.status import ThreatState, ThreatStatus, statuses
from domain.replay import replay
from tests.domain.remediation_story import (
    MI1,
    SPRING,
    TH1,
    TH2,
    TH3,
    THREATS,
    implement,
    plan,
    respond,
    start,
    verify,
)
from tests.domain.voting_story import monday_at, open_round_command
from tests.examples import ANA, BEN, CHI, at, decide_all, given, started

PROPOSE = ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out")
APPROVE = ApproveAcceptance(by=CHI, at=at(20), threat=TH1)
DROP = DropMitigation(by=BEN, at=at(50), mitigation=MI1, reason="Nobody comes")
FRIDAY_EVENING = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


def seen(
    *steps: Command, now: datetime | None = None, zones: Callable[[PersonId], tzinfo] = utc_zone
) -> ThreatRegister:
    return register(replay(decide_all(*steps, after=THREATS)), now, zones)


def status(*steps: Command, now: datetime | None = None) -> ThreatStatus:
    return seen(*steps, now=now).statuses[TH1]


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ((), ThreatState.OPEN),
        ((PROPOSE,), ThreatState.PROPOSED),
        ((PROPOSE, APPROVE), ThreatState.ACCEPTED),
        ((respond(TH1),), ThreatState.RESPONDED),
        ((respond(TH1, ResponseKind.TRANSFER),), ThreatState.TRANSFERRED),
        ((respond(TH1, ResponseKind.AVOID),), ThreatState.AVOIDED),
        ((respond(TH1, ResponseKind.AVOID), plan(), start()), ThreatState.AVOIDED),
        ((respond(TH1), PROPOSE), ThreatState.RESPONDED),
        ((plan(),), ThreatState.RESPONDED),
        ((plan(), start()), ThreatState.IN_PROGRESS),
        ((plan(), implement()), ThreatState.IN_PROGRESS),
        ((plan(), implement(), verify()), ThreatState.MITIGATED),
        ((plan(), plan(), implement(), verify()), ThreatState.IN_PROGRESS),
        ((plan(), implement(), verify(), DROP), ThreatState.RESPONDED),
    ],
)
def test_a_threat_keeps_its_status_after_withdrawals(steps: tuple[Command, ...], state: ThreatState) -> None:
    assert status(*steps).state is state


def test_an_accepted_risk_is_open_again_when_its_day_is_over() -> None:
    end = datetime(2026, 5, 29, 17, 0, tzinfo=UTC)
    accepted = status(PROPOSE, APPROVE, now=end - timedelta(microseconds=1))
    assert (accepted.state, accepted.until) == (ThreatState.ACCEPTED, SPRING)
    assert not accepted.state.unanswered
    expired = status(PROPOSE, APPROVE, now=end)
    assert (expired.state, expired.until) == (ThreatState.EXPIRED, SPRING)
    assert (status().state, status().until) == (ThreatState.OPEN, None)
    assert expired.state.unanswered


def test_a_threat_with_a_proposal_that_can_be_approved_needs_no_response() -> None:
    over = datetime.combine(SPRING + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    cases = (
        ("nothing", status(), (True, False)),
        ("a proposal", status(PROPOSE), (False, True)),
        ("a proposal that is too late", status(PROPOSE, now=over), (True, False)),
        ("an accepted risk", status(PROPOSE, APPROVE), (False, False)),
        ("a response", status(respond(TH1, ResponseKind.AVOID)), (False, False)),
        ("a response, and a proposal to change it", status(respond(TH1), PROPOSE), (False, False)),
    )
    wrong = [what for what, one, is_so in cases if (one.needs_response, one.waits_for_approval) != is_so]
    assert not wrong


def test_a_proposal_that_no_one_approved_is_too_late_from_the_moment_it_is_refused() -> None:
    over = datetime.combine(SPRING + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    still = seen(PROPOSE, now=over - timedelta(microseconds=1))
    assert (still.statuses[TH1].too_late, still.changes_at) == (False, over)
    assert status(PROPOSE, now=over).too_late
    given(*decide_all(PROPOSE, after=THREATS)).when(replace(APPROVE, at=over)).then_refused(
        Rejected, "the risk was to be accepted until 29 May 2026"
    )
    approved = decide_all(PROPOSE, replace(APPROVE, at=over - timedelta(microseconds=1)), after=THREATS)
    assert TH1 in replay(approved).responses


def test_who_plans_a_mitigation_for_an_expired_risk_mitigates_it() -> None:
    later = PlanMitigation(by=BEN, at=at(60 * 24 * 130), threat=TH1, title="Ask for a badge")
    assert status(PROPOSE, APPROVE, later, now=SUMMER).state is ThreatState.RESPONDED
    earlier = PlanMitigation(by=BEN, at=at(60), threat=TH1, title="Ask for a badge")
    assert status(PROPOSE, APPROVE, earlier, now=at(61)).state is ThreatState.ACCEPTED


def test_a_mitigation_is_overdue_from_five_in_the_afternoon_until_it_is_in_place() -> None:
    almost = FRIDAY_EVENING - timedelta(microseconds=1)
    assert not seen(plan(), now=almost).mitigations[0].overdue
    assert seen(plan(), now=FRIDAY_EVENING).mitigations[0].overdue
    assert status(plan(), now=FRIDAY_EVENING).overdue
    assert seen(plan(), start(), now=SUMMER).mitigations[0].overdue
    for steps in ((plan(), implement()), (plan(), implement(), verify()), (plan(), DROP)):
        assert not seen(*steps, now=SUMMER).mitigations[0].overdue


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        (timezone(timedelta(hours=14)), datetime(2026, 3, 6, 3, 0, tzinfo=UTC)),
        (timezone(timedelta(hours=5, minutes=45)), datetime(2026, 3, 6, 11, 15, tzinfo=UTC)),
        (timezone(timedelta(hours=-11)), datetime(2026, 3, 7, 4, 0, tzinfo=UTC)),
    ],
)
def test_five_in_the_afternoon_is_the_owners(zone: tzinfo, moment: datetime) -> None:
    def zones(person: PersonId) -> tzinfo:
        return zone if person == CHI else UTC

    assert seen(plan(), zones=zones).mitigations[0].due_at == moment
    assert seen(plan(owner=BEN), zones=zones).mitigations[0].due_at == FRIDAY_EVENING


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 28, 16, 0, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 15, 0, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 15, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 16, 0, tzinfo=UTC)),
        (date(2028, 2, 29), datetime(2028, 2, 29, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_due_date_follows_the_clocks(day: date, moment: datetime) -> None:
    assert due_moment(day, ZoneInfo("Europe/Berlin")) == moment


def test_what_no_one_owns_is_due_where_the_facilitator_is() -> None:
    def zones(person: PersonId) -> tzinfo:
        return timezone(timedelta(hours=14)) if person == ANA else UTC

    assert seen(plan(owner=None), zones=zones).mitigations[0].due_at == datetime(2026, 3, 6, 3, tzinfo=UTC)


def test_mitigations_of_a_merged_threat_go_to_the_kept_one_and_back() -> None:
    merge = MergeThreats(by=ANA, at=at(30), kept=TH3, merged=TH1)
    merged = seen(plan(), merge)
    assert [mitigation.mitigation.id for mitigation in merged.statuses[TH3].mitigations] == [MI1]
    assert merged.statuses[TH3].state is ThreatState.RESPONDED
    twice = seen(plan(), merge, MergeThreats(by=ANA, at=at(31), kept=TH2, merged=TH3))
    assert [mitigation.threat for mitigation in twice.mitigations] == [TH2]
    parted = seen(plan(), merge, Undo(by=ANA, at=at(31)))
    assert [mitigation.threat for mitigation in parted.mitigations] == [TH1]
    assert parted.statuses[TH3].state is ThreatState.OPEN


def test_the_response_of_the_kept_threat_goes_before_that_of_the_merged_one() -> None:
    merge = MergeThreats(by=ANA, at=at(30), kept=TH1, merged=TH3)
    assert status(respond(TH1, ResponseKind.AVOID), respond(TH3, minute=11), merge).state is (
        ThreatState.AVOIDED
    )


def test_a_mitigation_of_a_withdrawn_threat_is_kept_and_told_of() -> None:
    orphaned = seen(plan(), WithdrawThreat(by=ANA, at=at(30), threat=TH1))
    assert [mitigation.orphan for mitigation in orphaned.mitigations] == [True]
    warning = next(one for one in orphaned.warnings if one.id == "orphan@MI-1")
    assert "MI-1 “Ask for a badge” mitigates TH-1 “A plumber who is none”" in warning.text
    dropped = seen(plan(), WithdrawThreat(by=ANA, at=at(30), threat=TH1), DROP)
    assert not [one for one in dropped.warnings if one.id == "orphan@MI-1"]


def test_time_alone_changes_something_at_the_due_date_and_when_an_acceptance_ends() -> None:
    steps = (plan(TH2), PROPOSE, APPROVE)
    assert seen(*steps, now=at(60)).changes_at == FRIDAY_EVENING
    assert seen(*steps, now=FRIDAY_EVENING).changes_at == datetime(2026, 5, 29, 17, 0, tzinfo=UTC)
    assert seen(*steps, now=SUMMER).changes_at is None
    assert seen(plan(), implement(), now=at(60)).changes_at is None


def test_of_a_vote_and_a_due_date_the_earlier_one_changes_something_first() -> None:
    vote = open_round_command(TH2)  # until Wednesday
    assert seen(plan(), vote, now=at(60)).changes_at == monday_at(9, days=2)
    assert seen(plan(), vote, now=FRIDAY_EVENING - timedelta(1)).changes_at == monday_at(9, days=2)


@holds_for(
    day=st.dates(date(2026, 3, 2), date(2030, 12, 31)),
    zone=st.sampled_from(
        ["Pacific/Kiritimati", "Asia/Kathmandu", "Pacific/Pago_Pago", "Europe/Berlin", "UTC"]
    ),
    hours=st.integers(-60, 60),
)
def test_before_it_changes_nothing_is_overdue_and_from_then_on_it_is(
    day: date, zone: str, hours: int
) -> None:
    model = due_on(day)
    rules = ZoneInfo(zone)
    due = due_moment(day, rules)
    assert due.astimezone(rules).date() == day
    assert due.astimezone(rules).hour == 17
    now = due + timedelta(hours=hours)
    found = register(model, now, lambda _: rules)
    assert found.mitigations[0].overdue is (hours >= 0)
    assert found.changes_at == (due if hours < 0 else None)


def due_on(day: date) -> ThreatModel:
    return replay(
        decide_all(
            PlanMitigation(by=BEN, at=at(10), threat=TH1, title="Ask for a badge", owner=CHI, due=day),
            after=THREATS,
        )
    )


def test_owner_and_date_are_what_each_response_calls_by_these_names() -> None:
    assert status(plan()).has_owner_and_date
    assert not status(plan(owner=None)).has_owner_and_date
    assert not status(respond(TH1)).has_owner_and_date
    assert not status(plan(), DROP).has_owner_and_date
    assert not status(respond(TH1, ResponseKind.AVOID)).has_owner_and_date
    assert status(PROPOSE, APPROVE, now=at(60)).has_owner_and_date
    assert not status(PROPOSE, APPROVE, now=SUMMER).has_owner_and_date


def test_every_state_of_a_mitigation_is_known() -> None:
    assert [one.to_do for one in MitigationState] == [True, True, False, False, False]
    assert set(statuses(replay(THREATS), None, utc_zone)) == {TH1, TH2, TH3}


def threat(element: str | None, *suggested_threats: str) -> Threat:
    return Threat(
        id=ThreatId("TH-1"),
        title="Missing authentication",
        stride=(Stride.SPOOFING,),
        element=ElementId(element) if element else None,
        suggested_threats=tuple(
            SuggestedThreatId(suggested_threat) for suggested_threat in suggested_threats
        ),
    )


def test_its_own_element_comes_first_and_no_element_twice() -> None:
    assert places_of(threat("EP-2", "S01@EP-1", "S01@EP-2")) == ("EP-2", "EP-1")


def test_the_element_that_a_suggested_threat_is_compared_with_is_no_place() -> None:
    assert places_of(threat("EP-1", "X01@EP-1@AS-4")) == ("EP-1",)


def test_a_threat_without_an_element_has_no_place() -> None:
    assert places_of(threat(None)) == ()


def test_an_element_counts_once_however_many_peers_its_suggested_threats_have() -> None:
    flow = [SuggestedThreatId("I04@DF-1@AS-1"), SuggestedThreatId("I04@DF-1@AS-2")]
    assert count_places(flow) == "1 data flow"
    assert count_places([*flow, SuggestedThreatId("I04@DF-2@AS-1")]) == "2 data flows"
    assert count_places([*flow, SuggestedThreatId("I04@XD-1")]) == "2 places"
    assert (
        count_places([SuggestedThreatId("X04@XD-1"), SuggestedThreatId("X04@XD-2")])
        == "2 external dependencies"
    )


def test_a_ballot_says_that_the_element_of_its_threat_was_removed() -> None:
    asset = AddAsset(by=ANA, at=at(1), name="Key")
    copied = ReportThreat(
        by=ANA, at=at(2), title="It is copied", element=ElementId("AS-1"), stride=(Stride.SPOOFING,)
    )
    events = decide_all(
        asset, copied, RemoveElement(by=ANA, at=at(3), element=ElementId("AS-1")), after=[started()]
    )
    model = replay(events)
    assert places_phrase(model, model.threats[ThreatId("TH-1")].places) == "Key (removed)"
