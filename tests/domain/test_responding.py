"""What is done about threats: responses, and risks that are accepted for a time by whom they name."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.commands import (
    ApproveAcceptance,
    ChooseParticipants,
    ChooseResponse,
    Command,
    DeclineAcceptance,
    MergeThreats,
    ProposeAcceptance,
    ReassignApproval,
    ReportThreat,
    ReturnToAnalysis,
    Undo,
    WithdrawThreat,
)
from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    AcceptanceWithdrawn,
    ApprovalReassigned,
    Erased,
    RecordedEvent,
    ResponseChosen,
    ResponseCleared,
)
from domain.history import timeline
from domain.kernel.elements import PersonId
from domain.kernel.threat import Response, ResponseKind, Stride, ThreatId
from domain.rejections import (
    ContentMissing,
    NoProposal,
    NoSuchThreat,
    NotAParticipant,
    NotInThisPhase,
    OwnProposal,
    ProposalChanged,
    Rejected,
    ThreatGone,
    UndoBlocked,
)
from domain.remediation.reviewers import approver_of
from domain.replay import replay
from tests.domain.remediation_story import SPRING, TH1, TH2, TH3, THREATS, plan, respond
from tests.examples import ANA, BEN, CHI, DEE, STRANGER, at, decide_all, given, recorded

NEXT = len(THREATS) + 1
PROPOSE = ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out in summer")
PROPOSAL = Response(
    threat=TH1,
    kind=ResponseKind.ACCEPT,
    by=BEN,
    at=at(10),
    owner=BEN,
    reason="We move out in summer",
    expires=SPRING,
)
PROPOSED = decide_all(PROPOSE, after=THREATS)
APPROVE = ApproveAcceptance(by=CHI, at=at(20), threat=TH1)
ACCEPTANCE = Response(
    threat=TH1,
    kind=ResponseKind.ACCEPT,
    by=BEN,
    at=at(10),
    owner=BEN,
    reason="We move out in summer",
    expires=SPRING,
    approver=CHI,
    approved_at=at(20),
)


def test_anyone_who_chooses_to_mitigate_owns_that_and_needs_no_reason() -> None:
    given(*THREATS).when(ChooseResponse(by=BEN, at=at(10), threat=TH1, response=ResponseKind.MITIGATE)).then(
        recorded(
            ResponseChosen,
            response=Response(threat=TH1, kind=ResponseKind.MITIGATE, by=BEN, at=at(10), owner=BEN),
        )
    )


def test_a_threat_is_transferred_to_someone_for_a_reason() -> None:
    transfer = ChooseResponse(
        by=BEN,
        at=at(10),
        threat=TH1,
        response=ResponseKind.TRANSFER,
        reason="They bear it",
        transferred_to=" The  insurer ",
        owner=CHI,
        due=SPRING,
    )
    given(*THREATS).when(transfer).then(
        recorded(
            ResponseChosen,
            response=Response(
                threat=TH1,
                kind=ResponseKind.TRANSFER,
                by=BEN,
                at=at(10),
                owner=CHI,
                reason="They bear it",
                transferred_to="The insurer",
                due=SPRING,
            ),
        )
    )


@pytest.mark.parametrize(
    ("kind", "reason", "sentence", "field"),
    [
        (
            ResponseKind.TRANSFER,
            "They bear it",
            "Enter who takes the risk, such as an insurer",
            "transferred_to",
        ),
        (ResponseKind.AVOID, "  ", "why you avoid", "reason"),
    ],
)
def test_what_a_response_needs_is_asked_for(
    kind: ResponseKind, reason: str, sentence: str, field: str
) -> None:
    choice = ChooseResponse(by=BEN, at=at(10), threat=TH1, response=kind, reason=reason)
    given(*THREATS).when(choice).then_refused(ContentMissing, sentence, field=field)


def test_a_risk_is_not_accepted_by_choosing_so() -> None:
    given(*THREATS).when(respond(TH1, ResponseKind.ACCEPT)).then_refused(
        Rejected,
        "Accepting a risk requires an expiry date and the approval of someone else",
        field="response",
    )


def test_the_same_response_again_changes_nothing() -> None:
    chosen = decide_all(respond(TH1), after=THREATS)
    given(*chosen).when(respond(TH1, minute=11)).then_nothing_happens()
    another = decide_all(respond(TH1, ResponseKind.AVOID, minute=11), after=chosen)
    assert replay(another).responses[TH1].kind is ResponseKind.AVOID


@pytest.mark.parametrize(
    ("due", "sentence"),
    [
        (date(2026, 2, 27), "27 February 2026 is in the past"),
        (date.max, "31 December 9999 is more than ten years ahead"),
    ],
)
def test_a_day_has_to_lie_ahead_and_within_reach(due: date, sentence: str) -> None:
    avoid = ChooseResponse(
        by=BEN, at=at(10), threat=TH1, response=ResponseKind.AVOID, reason="No door", due=due
    )
    given(*THREATS).when(avoid).then_refused(Rejected, sentence, field="due")
    propose = ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=due, reason="No door")
    given(*THREATS).when(propose).then_refused(Rejected, sentence, field="expires")


def test_only_a_threat_of_the_model_has_a_response_and_only_in_remediation() -> None:
    given(*THREATS).when(respond(ThreatId("TH-9"))).then_refused(NoSuchThreat, "TH-9")
    back = decide_all(ReturnToAnalysis(by=ANA, at=at(9)), after=THREATS)
    given(*back).when(respond(TH1)).then_refused(NotInThisPhase, "available only in the remediation phase")


def test_accepting_is_proposed_with_a_reason_and_a_day() -> None:
    given(*THREATS).when(PROPOSE).then(recorded(AcceptanceProposed, proposal=PROPOSAL))
    bare = ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING)
    given(*THREATS).when(bare).then_refused(
        ContentMissing, "Explain why this risk is acceptable", field="reason"
    )
    endless = ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=None, reason="Why not")
    given(*THREATS).when(endless).then_refused(ContentMissing, "Choose the last day", field="expires")


def test_anyone_who_proposes_may_say_whom_they_ask_but_not_themselves_nor_a_stranger() -> None:
    asked = replace(PROPOSE, approver=CHI)
    given(*THREATS).when(asked).then(recorded(AcceptanceProposed, proposal=replace(PROPOSAL, asked=CHI)))
    given(*THREATS).when(replace(PROPOSE, approver=BEN)).then_refused(
        Rejected, "You cannot approve your own proposal", field="approver"
    )
    closed_circle = decide_all(ChooseParticipants(by=ANA, at=at(9), participants=(ANA, BEN)), after=THREATS)
    given(*closed_circle).when(asked).then_refused(Rejected, "is not a participant", field="approver")
    by_ana = ApproveAcceptance(by=ANA, at=at(20), threat=TH1)
    assert TH1 in replay(decide_all(asked, by_ana, after=THREATS)).responses, "anybody else may be quicker"


def test_someone_else_approves_it() -> None:
    given(*PROPOSED).when(APPROVE).then(recorded(AcceptanceApproved, acceptance=ACCEPTANCE))
    approved = decide_all(APPROVE, after=PROPOSED)
    assert replay(approved).responses[TH1] == ACCEPTANCE
    assert TH1 not in replay(approved).proposals
    given(*approved).when(APPROVE).then_refused(NoProposal, "There is no open proposal to accept TH-1")


def test_a_proposal_that_was_changed_since_it_was_shown_is_not_approved_unseen() -> None:
    approve = replace(APPROVE, proposed_at=PROPOSAL.at)
    assert TH1 in replay(decide_all(approve, after=PROPOSED)).responses
    given_away = decide_all(ReassignApproval(by=BEN, at=at(11), threat=TH1, approver=CHI), after=PROPOSED)
    assert TH1 in replay(decide_all(approve, after=given_away)).responses, "the terms are the same"
    longer = decide_all(replace(PROPOSE, at=at(11), reason="No budget"), after=PROPOSED)
    given(*longer).when(approve).then_refused(ProposalChanged, "@UBEN has changed the proposal")


def test_the_proposer_neither_approves_nor_declines_even_as_facilitator() -> None:
    own = decide_all(
        ProposeAcceptance(by=ANA, at=at(10), threat=TH1, expires=SPRING, reason="Fine"), after=THREATS
    )
    given(*own).when(ApproveAcceptance(by=ANA, at=at(11), threat=TH1)).then_refused(
        OwnProposal, "You proposed this acceptance, so someone else must decide on it"
    )
    given(*own).when(DeclineAcceptance(by=ANA, at=at(11), threat=TH1, reason="No")).then_refused(
        OwnProposal, "You proposed this acceptance, so someone else must decide on it"
    )


def test_a_stranger_approves_nothing() -> None:
    closed_circle = decide_all(ChooseParticipants(by=ANA, at=at(11), participants=(ANA, BEN)), after=PROPOSED)
    given(*closed_circle).when(ApproveAcceptance(by=STRANGER, at=at(12), threat=TH1)).then_refused(
        NotAParticipant, "You are not a participant of this model"
    )


def test_a_declined_proposal_leaves_what_stood_before() -> None:
    mitigated = decide_all(respond(TH1), PROPOSE, after=THREATS)
    decline = DeclineAcceptance(by=CHI, at=at(20), threat=TH1, reason="Too long")
    given(*mitigated).when(decline).then(recorded(AcceptanceDeclined, threat=TH1, reason="Too long"))
    after = replay(decide_all(decline, after=mitigated))
    assert after.responses[TH1].kind is ResponseKind.MITIGATE
    assert TH1 not in after.proposals
    given(*PROPOSED).when(DeclineAcceptance(by=CHI, at=at(20), threat=TH1)).then_refused(
        ContentMissing, "Explain why this risk is not acceptable", field="reason"
    )


def test_another_response_answers_a_proposal() -> None:
    assert TH1 not in replay(decide_all(respond(TH1, minute=11), after=PROPOSED)).proposals


def test_a_proposal_whose_day_is_over_is_not_approved() -> None:
    late = ApproveAcceptance(by=CHI, at=at(60 * 24 * 200), threat=TH1)
    given(*PROPOSED).when(late).then_refused(Rejected, "the risk was to be accepted until 29 May 2026")


def test_remediation_tracks_once_every_threat_has_a_response() -> None:
    two = decide_all(respond(TH1), respond(TH2, ResponseKind.AVOID), after=THREATS)
    assert replay(two).step == "responding"
    all_three = decide_all(respond(TH3, ResponseKind.TRANSFER), after=two)
    assert replay(all_three).step == "tracking"
    more = decide_all(
        ReportThreat(by=CHI, at=at(50), title="One more", stride=(Stride.TAMPERING,)), after=all_three
    )
    assert replay(more).step == "responding"
    fewer = decide_all(WithdrawThreat(by=CHI, at=at(51), threat=ThreatId("TH-4")), after=more)
    assert replay(fewer).step == "tracking"
    assert replay(decide_all(Undo(by=BEN, at=at(60)), after=all_three)).step == "responding"


def test_a_proposal_alone_is_no_response_yet() -> None:
    proposed = decide_all(respond(TH2), respond(TH3), PROPOSE, after=THREATS)
    assert replay(proposed).step == "responding"
    assert replay(decide_all(APPROVE, after=proposed)).step == "tracking"


def test_a_merged_threat_takes_its_response_along() -> None:
    merged = decide_all(
        respond(TH1),
        respond(TH2),
        MergeThreats(by=ANA, at=at(30), kept=TH3, merged=TH2),
        after=THREATS,
    )
    assert replay(merged).step == "tracking"
    assert replay(decide_all(Undo(by=ANA, at=at(31)), after=merged)).step == "responding"


def test_responses_are_taken_back() -> None:
    undo = Undo(by=BEN, at=at(50))
    given(*decide_all(respond(TH1), after=THREATS)).when(undo).then(
        ResponseCleared(by=BEN, at=at(50), answer=NEXT + 1, undoes=NEXT, threat=TH1)
    )
    first = decide_all(respond(TH1), after=THREATS)
    given(*decide_all(respond(TH1, ResponseKind.AVOID), after=first)).when(undo).then(
        ResponseChosen(
            by=BEN, at=at(50), answer=NEXT + 2, undoes=NEXT + 1, response=replay(first).responses[TH1]
        )
    )
    given(*PROPOSED).when(undo).then(
        AcceptanceWithdrawn(by=BEN, at=at(50), answer=NEXT + 1, undoes=NEXT, threat=TH1)
    )


def test_an_approval_is_taken_back_to_the_proposal() -> None:
    approved = decide_all(APPROVE, after=PROPOSED)
    given(*approved).when(Undo(by=CHI, at=at(50))).then(
        ResponseCleared(by=CHI, at=at(50), answer=NEXT + 2, undoes=NEXT + 1, threat=TH1),
        AcceptanceProposed(by=CHI, at=at(50), answer=NEXT + 2, undoes=NEXT + 1, proposal=PROPOSAL),
    )
    given(*approved).when(Undo(by=BEN, at=at(50))).then_refused(
        UndoBlocked,
        "since then, @UCHI approved accepting the threat “A plumber who is none” (TH-1)",
    )


def test_what_others_built_on_stays() -> None:
    built = decide_all(respond(TH1), plan(TH1, by=CHI), after=THREATS)
    given(*built).when(Undo(by=BEN, at=at(50))).then_refused(UndoBlocked, "@UCHI planned the mitigation")
    reported = decide_all(respond(TH3), after=THREATS)
    given(*reported).when(Undo(by=CHI, at=at(50))).then_refused(UndoBlocked, "@UBEN chose to mitigate")


@pytest.mark.parametrize(
    ("events", "words", "people"),
    [
        (
            decide_all(respond(TH2, ResponseKind.TRANSFER), after=THREATS),
            "to Insurance company, because: It is so",
            (),
        ),
        (PROPOSED, "proposed to accept the threat “A plumber who is none” (TH-1) until 29 May 2026", ()),
        (decide_all(replace(PROPOSE, approver=CHI), after=THREATS), "and asked @UCHI to approve", (CHI,)),
        (decide_all(APPROVE, after=PROPOSED), "is none” (TH-1) until 29 May 2026, proposed", (BEN,)),
    ],
)
def test_history_tells_of_responses(
    events: list[RecordedEvent], words: str, people: tuple[PersonId, ...]
) -> None:
    last = timeline(events)[-1]
    assert words in last.text
    assert last.people == people


PROPOSED_TO_CHI = decide_all(
    ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out", approver=CHI),
    after=THREATS,
)
REASSIGN = ReassignApproval(by=CHI, at=at(20), threat=TH1, approver=DEE)
AFTER_PROPOSED = len(PROPOSED_TO_CHI) + 1
REASSIGNED = decide_all(REASSIGN, after=PROPOSED_TO_CHI)


@pytest.mark.parametrize("by", [ANA, BEN, CHI, DEE], ids=["facilitator", "proposer", "approver", "anybody"])
def test_any_participant_may_reassign_an_approval(by: PersonId) -> None:
    given(*PROPOSED_TO_CHI).when(replace(REASSIGN, by=by)).then(
        recorded(ApprovalReassigned, threat=TH1, approver=DEE)
    )


def test_the_proposal_stays_as_it_was_and_waits_for_the_other_one() -> None:
    before, after = replay(PROPOSED_TO_CHI).proposals[TH1], replay(REASSIGNED).proposals[TH1]
    assert after == replace(before, asked=DEE)
    assert approver_of(after, ANA) == DEE


def test_who_was_asked_and_does_not_take_part_any_more_says_who_else_is_and_a_stranger_does_not() -> None:
    left = decide_all(
        ChooseParticipants(by=ANA, at=at(15), participants=(ANA, BEN, DEE)), after=PROPOSED_TO_CHI
    )
    given(*left).when(REASSIGN).then(recorded(ApprovalReassigned, threat=TH1, approver=DEE))
    given(*left).when(replace(REASSIGN, by=STRANGER)).then_refused(
        NotAParticipant, "You are not a participant of this model"
    )
    given(*left).when(replace(REASSIGN, by=ANA, approver=CHI)).then_refused(
        Rejected, "@UCHI is not a participant of this model", field="approver"
    )


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        (BEN, "You cannot approve your own proposal. Choose another person."),
        (CHI, "@UBEN made the proposal and cannot approve it. Choose another person."),
    ],
)
def test_anyone_who_proposes_it_is_never_asked(by: PersonId, sentence: str) -> None:
    given(*PROPOSED_TO_CHI).when(replace(REASSIGN, by=by, approver=BEN)).then_refused(
        Rejected, sentence, field="approver"
    )


def test_who_is_asked_already_is_not_asked_again() -> None:
    given(*PROPOSED_TO_CHI).when(replace(REASSIGN, approver=CHI)).then_nothing_happens()


@pytest.mark.parametrize(
    ("meanwhile", "refusal", "sentence"),
    [
        (ApproveAcceptance(by=CHI, at=at(15), threat=TH1), NoProposal, "it was decided or withdrawn"),
        (
            DeclineAcceptance(by=CHI, at=at(15), threat=TH1, reason="It is too bad"),
            NoProposal,
            "There is no open proposal to accept TH-1",
        ),
        (respond(TH1, by=DEE, minute=15), NoProposal, "it was decided or withdrawn"),
        (Undo(by=BEN, at=at(15)), NoProposal, "it was decided or withdrawn"),
        (WithdrawThreat(by=ANA, at=at(15), threat=TH1), ThreatGone, "TH-1"),
        (ReturnToAnalysis(by=ANA, at=at(15)), NotInThisPhase, "available only in the remediation phase"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Command) else "",
)
def test_without_a_pending_proposal_no_one_is_asked(
    meanwhile: Command, refusal: type[Rejected], sentence: str
) -> None:
    given(*decide_all(meanwhile, after=PROPOSED_TO_CHI)).when(REASSIGN).then_refused(refusal, sentence)


def test_an_expired_proposal_must_be_made_again() -> None:
    late = replace(REASSIGN, at=at(60 * 24 * 200))
    given(*PROPOSED_TO_CHI).when(late).then_refused(Rejected, "the risk was to be accepted until 29 May 2026")


def test_it_is_taken_back_to_who_was_asked_before_or_to_no_one() -> None:
    given(*REASSIGNED).when(Undo(by=CHI, at=at(30))).then(
        ApprovalReassigned(
            by=CHI, at=at(30), answer=AFTER_PROPOSED + 1, undoes=AFTER_PROPOSED, threat=TH1, approver=CHI
        )
    )
    nobody = decide_all(
        ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out"), after=THREATS
    )
    back = decide_all(REASSIGN, Undo(by=CHI, at=at(30)), after=nobody)
    assert replay(back).proposals == replay(nobody).proposals
    given(*REASSIGNED).when(Undo(by=BEN, at=at(30))).then_refused(UndoBlocked, "@UCHI asked @UDEE instead")
    approved = decide_all(ApproveAcceptance(by=DEE, at=at(25), threat=TH1), after=REASSIGNED)
    given(*approved).when(Undo(by=CHI, at=at(30))).then_refused(UndoBlocked, "@UDEE approved")


def test_of_a_proposal_that_was_erased_no_one_is_asked() -> None:
    erased: list[RecordedEvent] = [Erased() if one is PROPOSED_TO_CHI[-1] else one for one in REASSIGNED]
    assert TH1 not in replay(erased).proposals


@pytest.mark.parametrize(
    ("events", "words", "people"),
    [
        (
            REASSIGNED,
            "asked @UDEE instead to approve accepting the threat “A plumber who is none” (TH-1)",
            (DEE,),
        ),
        (
            decide_all(replace(REASSIGN, by=DEE), after=PROPOSED_TO_CHI),
            "took over the approval for accepting the threat",
            (),
        ),
        (decide_all(REASSIGN, Undo(by=CHI, at=at(30)), after=PROPOSED_TO_CHI), "asked @UCHI instead", ()),
    ],
)
def test_history_tells_who_is_asked_now(
    events: list[RecordedEvent], words: str, people: tuple[PersonId, ...]
) -> None:
    last = timeline(events)[-1]
    assert words in last.text
    assert last.people == people
