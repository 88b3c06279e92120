"""A mitigation of several threats and places, and responses to several threats at once."""

from datetime import date

import pytest

from domain.commands import (
    ApproveAcceptances,
    ChooseResponse,
    Command,
    DropMitigation,
    LinkMitigation,
    MergeThreats,
    PlanMitigation,
    PlanSuggestedMitigations,
    ProposeAcceptance,
    RefuseVerification,
    Undo,
    UnlinkMitigation,
    VerifyMitigation,
)
from domain.events import (
    CandidateConfirmed,
    MitigationLinked,
    MitigationUnlinked,
    MitigationVerified,
    RecordedEvent,
    ResponseChosen,
)
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.mitigation import MitigationLink, MitigationState
from domain.kernel.response import ResponseKind, SeenProposal
from domain.kernel.stride import Stride
from domain.kernel.threat import PlaceId, Threat
from domain.register import ThreatRegister, register
from domain.rejections import LastThreat, NotLinked, ProposalChanged
from domain.remediation.status import ThreatState
from domain.replay import replay
from tests.domain.remediation_story import (
    FRIDAY,
    MI1,
    TH1,
    TH2,
    TH3,
    THREATS,
    implement,
    plan,
    start,
    verify,
)
from tests.examples import ANA, BEN, CHI, at, decide_all, given

BOTH = PlanMitigation(
    by=BEN, at=at(10), threat=TH1, also=(TH2,), title="Ask for a badge", owner=CHI, due=FRIDAY
)
LINK1, LINK2 = MitigationLink(threat=TH1), MitigationLink(threat=TH2)


def seen(*commands: Command, after: list[RecordedEvent] = THREATS) -> ThreatRegister:
    return register(replay(decide_all(*commands, after=after)), at(90))


def states(*commands: Command) -> list[ThreatState]:
    return [one.state for one in seen(*commands).statuses.values()]


def verify_for(*links: MitigationLink, minute: int = 40) -> VerifyMitigation:
    return VerifyMitigation(by=BEN, at=at(minute), mitigation=MI1, links=links)


def test_a_mitigation_that_is_planned_for_several_threats_stands_with_each_of_them() -> None:
    shown = seen(BOTH)

    assert [len(one.mitigations) for one in shown.statuses.values()] == [1, 1, 0]
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

    given(*events).when(verify_for(LINK2)).then(
        MitigationVerified(by=BEN, at=at(40), answer=len(events) + 1, mitigation=MI1, links=(LINK2,))
    )


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

    given(*events).when(unlink).then(
        MitigationUnlinked(by=ANA, at=at(20), answer=len(events) + 1, mitigation=MI1, threats=(TH1,))
    )
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
    place = CandidateId("S01@EP-1")
    threat = Threat(id=TH1, title="A plumber", stride=(Stride.SPOOFING,), candidates=(place,))
    added = CandidateConfirmed(
        by=ANA, at=at(60), answer=len(mitigated) + 1, candidate=place, threat=threat, rule_version=1, facts=()
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
    places = [CandidateId(f"{rule}@EP-{number}") for rule, number in (("S01", 1), ("S01", 2), ("D01", 1))]
    threats = [
        Threat(id=id, title=f"Threat {place}", stride=(Stride.SPOOFING,), candidates=(place,))
        for id, place in zip((TH1, TH2, TH3), places, strict=True)
    ]
    confirmed = [
        CandidateConfirmed(
            by=ANA,
            at=at(6),
            answer=len(THREATS) + 1,
            candidate=place,
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

    assert [one.threats for one in planned.mitigations] == [(TH1, TH2), (TH3,)]
    # Without a score, a threat counts as critical: two weeks from the day on which it is planned.
    assert {one.mitigation.due for one in planned.mitigations} == {due or date(2026, 3, 16)}
    assert {one.mitigation.owner for one in planned.mitigations} == {BEN}
