"""Several threats at once: mitigations, responses, the policy by band, and what comes next."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.commands import (
    ApproveAcceptance,
    ApproveAcceptances,
    BeginAnalysis,
    BeginRemediation,
    ChoosePolicy,
    ChooseResponse,
    CloseThreatModel,
    Command,
    ConfirmClosing,
    DropMitigation,
    LinkMitigation,
    MergeThreats,
    PlanMitigation,
    PlanSuggestedMitigations,
    ProposeAcceptance,
    ReassignApproval,
    RefuseVerification,
    ReportThreat,
    Undo,
    UnlinkMitigation,
    VerifyMitigation,
    WithdrawThreat,
)
from domain.dread.scoring import Band
from domain.events import (
    ComponentAdded,
    DataFlowAdded,
    EntryPointAdded,
    MitigationLinked,
    MitigationUnlinked,
    MitigationVerified,
    PhaseMoved,
    PolicyChosen,
    RecordedEvent,
    ResponseChosen,
    SuggestedThreatConfirmed,
)
from domain.kernel.elements import Component, DataFlow, ElementId, EntryPoint, PersonId
from domain.kernel.inherited_settings import BandPolicy, RemediationPolicy
from domain.kernel.mitigation import MitigationLink, MitigationState
from domain.kernel.threat import (
    PlaceId,
    ResponseKind,
    SeenProposal,
    Stride,
    SuggestedThreatId,
    Threat,
    ThreatId,
)
from domain.kernel.voting_round import RoundId, RoundKind
from domain.next_step.next_step_choice import NextStepKind
from domain.phase_conditions import overrides_still_open
from domain.register import ThreatRegister, register
from domain.rejections import (
    AcceptedTooLong,
    LastThreat,
    NotAnApprover,
    NotLinked,
    NotTheFacilitator,
    ProposalChanged,
    Rejected,
)
from domain.remediation.status import ThreatState
from domain.remediation.suggestions import MitigationSuggestion, combined_suggestion
from domain.reminders import Occasion
from domain.replay import replay
from tests.domain.remediation_story import (
    FRIDAY,
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
from tests.domain.reminder_models import sent_until, utc_time
from tests.domain.voting_story import RD1, RD2, VOTERS, ballot_of, open_round_command
from tests.examples import ANA, BEN, CHI, at, decide_all, given, reasons_for_conditions, recorded, started

BOTH = PlanMitigation(
    by=BEN, at=at(10), threat=TH1, also=(TH2,), title="Ask for a badge", owner=CHI, due=FRIDAY
)
LINK1, LINK2 = MitigationLink(threat=TH1), MitigationLink(threat=TH2)


def seen(*commands: Command, after: list[RecordedEvent] = THREATS) -> ThreatRegister:
    return register(replay(decide_all(*commands, after=after)), at(90))


def states(*commands: Command) -> list[ThreatState]:
    return [status.state for status in seen(*commands).statuses.values()]


def verify_for(*links: MitigationLink, minute: int = 40) -> VerifyMitigation:
    return VerifyMitigation(by=BEN, at=at(minute), mitigation=MI1, links=links)


def test_a_mitigation_that_is_planned_for_several_threats_stands_with_each_of_them() -> None:
    shown = seen(BOTH)

    assert [len(status.mitigations) for status in shown.statuses.values()] == [1, 1, 0]
    assert shown.mitigations[0].threats == (TH1, TH2)
    assert states(BOTH) == [ThreatState.RESPONDED, ThreatState.RESPONDED, ThreatState.OPEN]


def test_a_mitigation_is_verified_for_one_threat_and_not_for_another() -> None:
    once = (BOTH, implement(), verify_for(LINK1))

    assert states(*once)[:2] == [ThreatState.MITIGATED, ThreatState.IN_PROGRESS]
    assert seen(*once).mitigations[0].mitigation.state is MitigationState.IMPLEMENTED
    assert states(*once, verify_for(LINK2, minute=41))[:2] == [ThreatState.MITIGATED] * 2


def test_without_a_choice_a_verification_is_for_all_threats() -> None:
    assert states(BOTH, implement(), verify())[:2] == [ThreatState.MITIGATED] * 2


def test_a_verification_says_for_which_threats_it_is() -> None:
    events = decide_all(BOTH, implement(), after=THREATS)

    given(*events).when(verify_for(LINK2)).then(recorded(MitigationVerified, mitigation=MI1, links=(LINK2,)))


def test_what_another_person_verified_meanwhile_is_not_verified_again() -> None:
    events = decide_all(BOTH, implement(), verify_for(LINK1), after=THREATS)

    given(*events).when(VerifyMitigation(by=ANA, at=at(41), mitigation=MI1, links=(LINK1,))).then()


def test_a_threat_that_it_does_not_serve_cannot_be_verified() -> None:
    events = decide_all(BOTH, implement(), after=THREATS)

    given(*events).when(verify_for(MitigationLink(threat=TH3))).then_refused(NotLinked, "MI-1 no longer")


def test_a_refusal_for_one_threat_keeps_what_was_verified_for_another() -> None:
    refuse = RefuseVerification(by=BEN, at=at(50), mitigation=MI1, reason="Not at night", links=(LINK2,))
    once = (BOTH, implement(), verify(), refuse)
    again = (*once, implement(minute=60))

    assert states(*once)[:2] == [ThreatState.MITIGATED, ThreatState.IN_PROGRESS]
    assert states(*again)[:2] == [ThreatState.MITIGATED, ThreatState.IN_PROGRESS]
    assert seen(*again).mitigations[0].unverified == (LINK2,)


def test_a_refusal_without_a_choice_keeps_nothing() -> None:
    refuse = RefuseVerification(by=BEN, at=at(50), mitigation=MI1, reason="Not at night")

    assert seen(BOTH, implement(), verify(), refuse).mitigations[0].unverified == (LINK1, LINK2)


def test_a_mitigation_is_added_to_a_threat_which_is_then_to_be_mitigated() -> None:
    events = decide_all(plan(), after=THREATS)
    link = LinkMitigation(by=ANA, at=at(20), mitigation=MI1, threats=(TH1, TH2))
    *response, linked = decide_all(link, after=events)[len(events) :]

    assert [type(one) for one in response] == [ResponseChosen]
    assert isinstance(linked, MitigationLinked)
    assert linked.threats == (TH2,)
    assert states(plan(), link)[1] is ThreatState.RESPONDED


def test_a_verified_mitigation_that_is_added_to_a_threat_is_to_be_verified_there() -> None:
    link = LinkMitigation(by=ANA, at=at(50), mitigation=MI1, threats=(TH2,))
    added = (plan(), implement(), verify(), link)

    assert states(*added)[:2] == [ThreatState.MITIGATED, ThreatState.IN_PROGRESS]
    assert states(*added, verify_for(LINK2, minute=60))[:2] == [ThreatState.MITIGATED] * 2


def test_undoing_a_link_leaves_the_mitigation() -> None:
    link = LinkMitigation(by=ANA, at=at(20), mitigation=MI1, threats=(TH2,))
    undone = seen(plan(), link, start(minute=25), Undo(by=ANA, at=at(30)))

    assert undone.mitigations[0].threats == (TH1,)
    assert undone.mitigations[0].mitigation.state is MitigationState.STARTED
    assert undone.statuses[TH2].state is ThreatState.OPEN


def test_a_mitigation_is_removed_from_a_threat_and_stays_with_the_others() -> None:
    events = decide_all(BOTH, after=THREATS)
    unlink = UnlinkMitigation(by=ANA, at=at(20), mitigation=MI1, threat=TH1)

    given(*events).when(unlink).then(recorded(MitigationUnlinked, mitigation=MI1, threats=(TH1,)))
    assert seen(BOTH, unlink).mitigations[0].threats == (TH2,)
    again = UnlinkMitigation(by=ANA, at=at(21), mitigation=MI1, threat=TH2)
    given(*decide_all(unlink, after=events)).when(again).then_refused(LastThreat, "Drop it instead")
    given(*decide_all(unlink, after=events)).when(unlink).then_refused(NotLinked, "no longer serves TH-1")


def test_what_was_verified_elsewhere_is_verified_without_the_removed_threat() -> None:
    unlink = UnlinkMitigation(by=ANA, at=at(50), mitigation=MI1, threat=TH2)

    left = seen(BOTH, implement(), verify_for(LINK1), unlink).mitigations[0]
    assert left.mitigation.state is MitigationState.VERIFIED


def test_a_place_that_is_added_to_a_mitigated_threat_is_to_be_verified() -> None:
    mitigated = decide_all(plan(), implement(), verify(), after=THREATS)
    place = SuggestedThreatId("S01@EP-1")
    threat = Threat(id=TH1, title="A plumber", stride=(Stride.SPOOFING,), suggested_threats=(place,))
    added = SuggestedThreatConfirmed(
        by=ANA,
        at=at(60),
        answer=len(mitigated) + 1,
        suggested_threat=place,
        threat=threat,
        rule_version=1,
        facts=(),
    )
    shown = register(replay([*mitigated, added]), at(90))

    assert shown.statuses[TH1].state is ThreatState.IN_PROGRESS
    assert shown.statuses[TH1].verified_places == frozenset()
    link = MitigationLink(threat=TH1, place=PlaceId(place))
    assert shown.mitigations[0].unverified == (link,)
    once_more = decide_all(verify_for(link, minute=70), after=[*mitigated, added])
    verified = register(replay(once_more), at(90)).statuses[TH1]
    assert (verified.state, verified.verified_places) == (ThreatState.MITIGATED, {PlaceId(place)})


def test_after_a_merge_each_mitigation_keeps_the_places_that_it_was_planned_for() -> None:
    other = PlanMitigation(by=BEN, at=at(11), threat=TH2, title="Draw the curtains", owner=CHI)
    merge = MergeThreats(by=ANA, at=at(60), kept=TH1, merged=TH2)

    assert states(plan(), other, implement(), verify(), merge)[0] is ThreatState.IN_PROGRESS
    dropped = DropMitigation(by=BEN, at=at(20), mitigation=MI1, reason="Curtains suffice")
    assert states(plan(), other, dropped, merge)[0] is ThreatState.RESPONDED


def test_several_threats_get_the_same_response_in_one_answer() -> None:
    avoid = ChooseResponse(
        by=BEN, at=at(10), threat=TH1, also=(TH2, TH3), response=ResponseKind.AVOID, reason="No house"
    )

    assert states(avoid) == [ThreatState.AVOIDED] * 3
    assert states(avoid, Undo(by=BEN, at=at(20))) == [ThreatState.OPEN] * 3


def test_several_risks_are_proposed_and_approved_together() -> None:
    propose = ProposeAcceptance(
        by=BEN, at=at(10), threat=TH1, also=(TH2,), expires=date(2026, 5, 1), reason="Rare", approver=CHI
    )
    proposals = tuple(SeenProposal(threat=one, proposed_at=at(10)) for one in (TH1, TH2))
    approve = ApproveAcceptances(by=CHI, at=at(20), proposals=proposals)

    assert states(propose)[:2] == [ThreatState.PROPOSED] * 2
    assert states(propose, approve)[:2] == [ThreatState.ACCEPTED] * 2


def test_of_several_approvals_none_counts_if_one_proposal_was_changed() -> None:
    events = decide_all(
        ProposeAcceptance(by=BEN, at=at(10), threat=TH1, also=(TH2,), expires=FRIDAY, reason="Rare"),
        ProposeAcceptance(by=BEN, at=at(11), threat=TH2, expires=FRIDAY, reason="Very rare"),
        after=THREATS,
    )
    proposals = tuple(SeenProposal(threat=one, proposed_at=at(10)) for one in (TH1, TH2))

    given(*events).when(ApproveAcceptances(by=CHI, at=at(20), proposals=proposals)).then_refused(
        ProposalChanged, "@UBEN"
    )


@pytest.mark.parametrize("due", [None, FRIDAY])
def test_the_suggested_controls_are_planned_and_shared_by_threats_with_the_same_one(
    due: date | None,
) -> None:
    places = [
        SuggestedThreatId(f"{rule}@EP-{number}") for rule, number in (("S01", 1), ("S01", 2), ("D01", 1))
    ]
    threats = [
        Threat(id=id, title=f"Threat {place}", stride=(Stride.SPOOFING,), suggested_threats=(place,))
        for id, place in zip((TH1, TH2, TH3), places, strict=True)
    ]
    confirmed = [
        SuggestedThreatConfirmed(
            by=ANA,
            at=at(6),
            answer=len(THREATS) + 1,
            suggested_threat=place,
            threat=threat,
            rule_version=1,
            facts=(),
        )
        for place, threat in zip(places, threats, strict=True)
    ]
    planned = seen(
        PlanSuggestedMitigations(by=BEN, at=at(10), threats=(TH1, TH2, TH3), due=due),
        after=[*THREATS, *confirmed],
    )

    assert [mitigation.threats for mitigation in planned.mitigations] == [(TH1, TH2), (TH3,)]
    # Without a score, a threat counts as critical: two weeks from the day on which it is planned.
    assert {mitigation.mitigation.due for mitigation in planned.mitigations} == {due or date(2026, 3, 16)}
    assert {mitigation.mitigation.owner for mitigation in planned.mitigations} == {BEN}


SOON, LATER, SUMMER = at(50), datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
REST = (respond(TH2, ResponseKind.AVOID), respond(TH3, ResponseKind.TRANSFER))
PROPOSE = ProposeAcceptance(by=ANA, at=at(11), threat=TH1, expires=SPRING, reason="We move out")
ASKING = ProposeAcceptance(by=BEN, at=at(11), threat=TH1, expires=SPRING, reason="Fine", approver=CHI)
DROP = DropMitigation(by=BEN, at=at(35), mitigation=MI1, reason="Too dear")
TO_MITIGATE = ChooseResponse(by=BEN, at=at(10), threat=TH1, response=ResponseKind.MITIGATE)
APPROVE = ApproveAcceptance(by=BEN, at=at(12), threat=TH1)


@pytest.mark.parametrize(
    ("said", "now", "act", "text", "waits_for"),
    [
        ((), SOON, NextStepKind.RESPOND, "to 3 threats, highest score first", None),
        (REST, SOON, NextStepKind.RESPOND, "to “A plumber who is none” (TH-1)", None),
        ((*REST, PROPOSE), SOON, NextStepKind.APPROVE, "Approve or decline", None),
        ((*REST, ASKING), SOON, NextStepKind.APPROVE, "(TH-1)", CHI),
        ((*REST, PROPOSE), SUMMER, NextStepKind.RESPOND, "(TH-1) again: it was not approved in time", None),
        ((*REST, PROPOSE, APPROVE), SOON, NextStepKind.CLOSE, "Close the model", ANA),
        ((*REST, PROPOSE, APPROVE), SUMMER, NextStepKind.RESPOND, "(TH-1): its acceptance has expired", None),
        ((*REST, TO_MITIGATE), SOON, NextStepKind.PLAN, "Plan a", None),
        (
            (*REST, plan()),
            SOON,
            NextStepKind.PUT_IN_PLACE,
            "“Ask for a badge” (MI-1): due 6 March",
            CHI,
        ),
        ((*REST, plan(owner=None)), SOON, NextStepKind.PUT_IN_PLACE, "(MI-1): due", ANA),
        ((*REST, plan(), start()), LATER, NextStepKind.PUT_IN_PLACE, "badge” (MI-1): overdue", CHI),
        (
            (*REST, plan(), start(), implement()),
            LATER,
            NextStepKind.VERIFY,
            "someone other than its owner",
            None,
        ),
        ((*REST, plan(), start(), implement(), verify()), LATER, NextStepKind.CLOSE, "Close the model", ANA),
        ((*REST, plan(), DROP), LATER, NextStepKind.PLAN, "Plan a", None),
    ],
)
def test_the_next_step_follows_from_what_is_not_done_yet(
    said: tuple[Command, ...], now: datetime, act: NextStepKind, text: str, waits_for: PersonId | None
) -> None:
    following = register(replay(decide_all(*said, after=THREATS)), now).next
    assert (following.act, following.waits_for) == (act, waits_for)
    assert text in following.text


def test_once_all_is_verified_a_vote_on_what_remains_is_offered_and_may_be_left_out() -> None:
    scored = decide_all(open_round_command(TH1, TH2), *voted(TH1), *voted(TH2), after=THREATS)
    verified = decide_all(*REST, plan(), start(), implement(), verify(), after=scored)
    following = register(replay(verified), SOON).next
    assert following.act is NextStepKind.CLOSE
    assert following.text.endswith("or first vote on the residual risk of “A plumber who is none” (TH-1)")
    remains = open_round_command(TH1, at=at(45), kind=RoundKind.RESIDUAL)
    again = decide_all(remains, *voted(TH1, RD2, minute=46), after=verified)
    assert "remains" not in register(replay(again), SOON).next.text


def voted(threat: ThreatId, round: RoundId = RD1, *, minute: int = 6) -> list[Command]:
    return [ballot_of(voter, 5, on=threat, round=round, minute=minute) for voter in VOTERS]


def test_a_verification_comes_before_what_still_has_time_and_after_what_is_overdue() -> None:
    both = decide_all(*REST, plan(), plan(minute=11), start(), implement(), after=THREATS)
    assert register(replay(both), SOON).next.about == "MI-1"
    assert register(replay(both), LATER).next.about == "MI-2"


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
    given(*THREATS).when(choose(BY_CHI)).then(recorded(PolicyChosen, policy=BY_CHI, own=(Band.CRITICAL,)))
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
        BeginAnalysis(by=ANA, at=at(2), reasons=reasons_for_conditions()),
        BeginRemediation(by=ANA, at=at(3), reasons=reasons_for_conditions()),
        choose(outside),
        accept(30),
        after=[started(participants=(BEN,))],
    )

    assert decide_all(ApproveAcceptance(by=DEE, at=at(20), threat=TH1), after=events)


def test_an_open_condition_is_passed_by_an_approver_until_the_policy_ends_it() -> None:
    reported = decide_all(
        ReportThreat(by=ANA, at=at(1), title="A plumber", stride=(Stride.SPOOFING,)),
        BeginAnalysis(by=ANA, at=at(2), reasons=reasons_for_conditions()),
        after=[started()],
    )
    begin = BeginRemediation(by=ANA, at=at(9), reasons=reasons_for_conditions())
    given(*decide_all(choose(BY_CHI), after=reported)).when(begin).then_refused(NotAnApprover, "Only @UCHI")

    moved = decide_all(begin, after=reported)[-1]
    assert isinstance(moved, PhaseMoved)
    assert [(override.condition, override.until) for override in moved.overrides] == [
        ("threats_scored", TODAY + timedelta(days=90))
    ]


@pytest.mark.parametrize(("confirmer", "allowed"), [(CHI, True), (BEN, False)])
def test_a_closing_over_critical_threats_is_confirmed_by_a_named_approver(
    confirmer: PersonId, allowed: bool
) -> None:
    close = CloseThreatModel(by=ANA, at=at(20), reasons=reasons_for_conditions())
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


def test_where_the_policy_names_approvers_nobody_else_closes_over_an_open_condition_alone() -> None:
    by_chi = replace(USUAL, low=BandPolicy(due_days=None, accepted_days=365, approvers=(CHI,)))
    close = CloseThreatModel(by=ANA, at=at(20), reasons=reasons_for_conditions())

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


def test_while_a_condition_stays_open_the_facilitator_is_reminded_of_its_override() -> None:
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


def test_a_condition_that_is_settled_or_was_never_passed_is_no_override_to_be_reminded_of() -> None:
    assert [one.override.condition for one in overrides_still_open(replay(THREATS), at(90))] == [
        "collected",
        "threats_scored",
    ]
    withdrawn = (WithdrawThreat(by=ANA, at=at(10), threat=one) for one in (TH1, TH2, TH3))
    left = overrides_still_open(replay(decide_all(*withdrawn, after=THREATS)), at(90))
    assert [one.override.condition for one in left] == ["collected"]
    assert overrides_still_open(replay([started()]), at(90)) == ()
