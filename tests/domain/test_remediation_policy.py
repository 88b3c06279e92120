"""The policy by band: suggested owners and dates, and who may approve risks and overrides, for how long."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from domain.commands import (
    ApproveAcceptance,
    BeginAnalysis,
    BeginRemediation,
    ChoosePolicy,
    CloseThreatModel,
    ConfirmClosing,
    ProposeAcceptance,
    ReassignApproval,
    ReportThreat,
    WithdrawThreat,
)
from domain.dread.scoring import Band
from domain.events import ComponentAdded, DataFlowAdded, EntryPointAdded, PhaseMoved, PolicyChosen
from domain.gates import overrides_still_open
from domain.kernel.elements import Component, DataFlow, ElementId, EntryPoint, PersonId
from domain.kernel.remediation_policy import BandPolicy, RemediationPolicy
from domain.kernel.stride import Stride
from domain.register import register
from domain.rejections import AcceptedTooLong, NotAnApprover, NotTheFacilitator, Rejected
from domain.remediation.suggestions import MitigationSuggestion, combined_suggestion
from domain.reminders import Occasion
from domain.replay import replay
from tests.domain.remediation_story import TH1, TH2, TH3, THREATS
from tests.domain.reminder_models import sent_until, utc_time
from tests.examples import ANA, BEN, CHI, at, decide_all, given, reasons_for_gates, started

DEE = PersonId("UDEE")
USUAL = RemediationPolicy()
BY_CHI = replace(USUAL, critical=replace(USUAL.critical, approvers=(CHI,)))
TODAY = at(0).date()


def choose(policy: RemediationPolicy, *, by: PersonId = ANA) -> ChoosePolicy:
    return ChoosePolicy(by=by, at=at(8), policy=policy)


def accept(days: int, *, approver: PersonId | None = None) -> ProposeAcceptance:
    expires = TODAY + timedelta(days=days)
    return ProposeAcceptance(
        by=BEN, at=at(10), threat=TH1, expires=expires, reason="We move out", approver=approver
    )


def test_by_default_critical_threats_are_due_in_two_weeks_and_accepted_for_ninety_days() -> None:
    values = {band: (USUAL.of(band).due_days, USUAL.of(band).accepted_days) for band in Band}
    assert values == {
        Band.CRITICAL: (14, 90),
        Band.HIGH: (30, 180),
        Band.MEDIUM: (90, 365),
        Band.LOW: (None, 365),
    }
    assert USUAL.of(None) == USUAL.critical


def test_the_facilitator_chooses_the_policy() -> None:
    given(*THREATS).when(choose(BY_CHI)).then(
        PolicyChosen(by=ANA, at=at(8), answer=len(THREATS) + 1, policy=BY_CHI, own=(Band.CRITICAL,))
    )
    given(*THREATS).when(choose(USUAL)).then()
    given(*THREATS).when(choose(BY_CHI, by=BEN)).then_refused(NotTheFacilitator, "Only the facilitator")


def test_numbers_of_days_are_plausible() -> None:
    never = replace(USUAL, high=BandPolicy(due_days=0, accepted_days=180))
    given(*THREATS).when(choose(never)).then_refused(Rejected, "from 1 to 3650", field="due_high")


def test_a_risk_is_accepted_for_no_longer_than_the_policy_allows() -> None:
    given(*THREATS).when(accept(91)).then_refused(
        AcceptedTooLong, "at most 90 days. Choose a day until 31 May 2026.", field="expires"
    )
    assert decide_all(accept(90), after=THREATS)
    longer = replace(USUAL, critical=BandPolicy(due_days=14, accepted_days=400))
    assert decide_all(choose(longer), accept(400), after=THREATS)


def test_only_named_approvers_approve_and_the_first_is_asked() -> None:
    events = decide_all(choose(BY_CHI), accept(30), after=THREATS)

    assert replay(events).proposals[TH1].asked == CHI
    given(*events).when(ApproveAcceptance(by=ANA, at=at(20), threat=TH1)).then_refused(
        NotAnApprover, "Only @UCHI may approve"
    )
    given(*events).when(ReassignApproval(by=ANA, at=at(20), threat=TH1, approver=ANA)).then_refused(
        NotAnApprover, "Only @UCHI", field="approver"
    )
    assert decide_all(ApproveAcceptance(by=CHI, at=at(20), threat=TH1), after=events)


def test_a_named_approver_need_not_take_part() -> None:
    outside = replace(USUAL, critical=replace(USUAL.critical, approvers=(DEE,)))
    events = decide_all(
        ReportThreat(by=ANA, at=at(1), title="A plumber", stride=(Stride.SPOOFING,)),
        BeginAnalysis(by=ANA, at=at(2), reasons=reasons_for_gates()),
        BeginRemediation(by=ANA, at=at(3), reasons=reasons_for_gates()),
        choose(outside),
        accept(30),
        after=[started(participants=(BEN,))],
    )

    assert decide_all(ApproveAcceptance(by=DEE, at=at(20), threat=TH1), after=events)


def test_an_open_gate_is_passed_by_an_approver_until_the_policy_ends_it() -> None:
    reported = decide_all(
        ReportThreat(by=ANA, at=at(1), title="A plumber", stride=(Stride.SPOOFING,)),
        BeginAnalysis(by=ANA, at=at(2), reasons=reasons_for_gates()),
        after=[started()],
    )
    begin = BeginRemediation(by=ANA, at=at(9), reasons=reasons_for_gates())
    given(*decide_all(choose(BY_CHI), after=reported)).when(begin).then_refused(NotAnApprover, "Only @UCHI")

    moved = decide_all(begin, after=reported)[-1]
    assert isinstance(moved, PhaseMoved)
    assert [(one.gate, one.until) for one in moved.overrides] == [
        ("threats_scored", TODAY + timedelta(days=90))
    ]


@pytest.mark.parametrize(("confirmer", "allowed"), [(CHI, True), (BEN, False)])
def test_a_closing_over_critical_threats_is_confirmed_by_a_named_approver(
    confirmer: PersonId, allowed: bool
) -> None:
    close = CloseThreatModel(by=ANA, at=at(20), reasons=reasons_for_gates())
    events = decide_all(choose(BY_CHI), close, after=THREATS)
    confirm = ConfirmClosing(by=confirmer, at=at(30))

    if allowed:
        assert replay(decide_all(confirm, after=events)).step == "closed"
    else:
        given(*events).when(confirm).then_refused(NotAnApprover, "Only @UCHI may approve")
    asked = replace(close, confirmer=BEN)
    given(*decide_all(choose(BY_CHI), after=THREATS)).when(asked).then_refused(
        NotAnApprover, "Only @UCHI", field="confirmer"
    )


def test_where_the_policy_names_approvers_nobody_else_closes_over_an_open_gate_alone() -> None:
    by_chi = replace(USUAL, low=BandPolicy(due_days=None, accepted_days=365, approvers=(CHI,)))
    close = CloseThreatModel(by=ANA, at=at(20), reasons=reasons_for_gates())

    assert replay(decide_all(close, after=[started()])).step == "closed"
    waiting = replay(decide_all(choose(by_chi), close, after=[started()]))
    assert (waiting.step, waiting.closing is not None) == ("collection", True)
    assert register(waiting).next.text == "Confirm or decline closing the model", "no critical threat is open"


API, DOOR, CALL = ElementId("CO-1"), ElementId("EP-1"), ElementId("DF-1")
OWNED = [
    ComponentAdded(by=ANA, at=at(1), answer=2, component=Component(id=API, name="API", owner=CHI)),
    ComponentAdded(by=ANA, at=at(1), answer=3, component=Component(id=ElementId("CO-2"), name="App")),
    EntryPointAdded(by=ANA, at=at(1), answer=4, entry_point=EntryPoint(id=DOOR, name="REST", component=API)),
    DataFlowAdded(by=ANA, at=at(1), answer=5, flow=DataFlow(id=CALL, source=ElementId("CO-2"), target=API)),
]


@pytest.mark.parametrize(
    ("element", "owner"), [(API, CHI), (DOOR, CHI), (CALL, CHI), (ElementId("CO-2"), None), (None, None)]
)
def test_the_owner_of_the_component_is_suggested(element: ElementId | None, owner: PersonId | None) -> None:
    report = ReportThreat(by=ANA, at=at(2), title="A call", stride=(Stride.SPOOFING,), element=element)
    shown = register(replay(decide_all(report, after=[started(), *OWNED])))

    assert shown.suggestions[TH1].owner == owner


def test_a_due_date_is_counted_from_the_closing_of_the_round_and_the_earliest_counts() -> None:
    high = MitigationSuggestion(days=30, scored_on=date(2026, 3, 2), band=Band.HIGH)
    critical = MitigationSuggestion(days=14, scored_on=date(2026, 3, 9), band=Band.CRITICAL, owner=BEN)
    low = MitigationSuggestion(band=Band.LOW, owner=CHI)

    assert high.due() == date(2026, 4, 1)
    both = combined_suggestion((low, high, critical))
    assert (both.due(), both.band, both.owner) == (date(2026, 3, 23), Band.CRITICAL, CHI)
    assert combined_suggestion((low,)).due(TODAY) is None


def test_a_date_that_is_over_is_suggested_as_tomorrow() -> None:
    late = MitigationSuggestion(days=14, scored_on=date(2026, 1, 1), band=Band.CRITICAL)

    assert late.due(date(2026, 3, 2)) == date(2026, 3, 3)


def test_without_a_score_the_days_of_a_critical_threat_count_from_today() -> None:
    unscored = register(replay(THREATS)).suggestions[TH2]

    assert (unscored.due(), unscored.due(TODAY)) == (None, TODAY + timedelta(days=14))


def test_while_a_gate_stays_open_the_facilitator_is_reminded_of_its_override() -> None:
    model = replay(THREATS)
    reminded = [
        (f"{when:%d %b}", one.to, one.occasion)
        for when, one in sent_until(model, utc_time("2026-06-10T12:00"), overrides=True)
        if one.subject == "threats_scored"
    ]

    assert reminded == [
        *((day, ANA, Occasion.OVERRIDE_OPEN) for day in ("16 Mar", "30 Mar", "13 Apr", "27 Apr")),
        *((day, ANA, Occasion.OVERRIDE_OPEN) for day in ("11 May", "25 May")),
        ("01 Jun", ANA, Occasion.OVERRIDE_OVER),
    ]


def test_a_gate_that_is_settled_or_was_never_passed_is_no_override_to_be_reminded_of() -> None:
    assert [one.override.gate for one in overrides_still_open(replay(THREATS), at(90))] == [
        "collected",
        "threats_scored",
    ]
    withdrawn = (WithdrawThreat(by=ANA, at=at(10), threat=one) for one in (TH1, TH2, TH3))
    left = overrides_still_open(replay(decide_all(*withdrawn, after=THREATS)), at(90))
    assert [one.override.gate for one in left] == ["collected"]
    assert overrides_still_open(replay([started()]), at(90)) == ()
