"""Somebody else is asked to approve a risk than whom the proposer asked first."""

import pytest
from msgspec.structs import replace

from domain.commands import (
    ApproveAcceptance,
    ChooseParticipants,
    Command,
    DeclineAcceptance,
    ProposeAcceptance,
    ReassignApproval,
    ReturnToAnalysis,
    Undo,
    WithdrawThreat,
)
from domain.events import ApprovalReassigned, Erased, RecordedEvent
from domain.history import timeline
from domain.kernel.elements import PersonId
from domain.rejections import NoProposal, NotAParticipant, NotInThisPhase, Rejected, ThreatGone, UndoBlocked
from domain.remediation.reviewers import approver_of
from domain.replay import replay
from tests.domain.remediation_story import SPRING, TH1, THREATS, respond
from tests.examples import ANA, BEN, CHI, DEE, STRANGER, at, decide_all, given

PROPOSED = decide_all(
    ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out", approver=CHI),
    after=THREATS,
)
REASSIGN = ReassignApproval(by=CHI, at=at(20), threat=TH1, approver=DEE)
NEXT = len(PROPOSED) + 1
REASSIGNED = decide_all(REASSIGN, after=PROPOSED)


@pytest.mark.parametrize("by", [ANA, BEN, CHI, DEE], ids=["facilitator", "proposer", "approver", "anybody"])
def test_any_participant_may_reassign_an_approval(by: PersonId) -> None:
    given(*PROPOSED).when(replace(REASSIGN, by=by)).then(
        ApprovalReassigned(by=by, at=at(20), answer=NEXT, threat=TH1, approver=DEE)
    )


def test_the_proposal_stays_as_it_was_and_waits_for_the_other_one() -> None:
    before, after = replay(PROPOSED).proposals[TH1], replay(REASSIGNED).proposals[TH1]
    assert after == replace(before, asked=DEE)
    assert approver_of(after, ANA) == DEE


def test_who_was_asked_and_does_not_take_part_any_more_says_who_else_is_and_a_stranger_does_not() -> None:
    left = decide_all(ChooseParticipants(by=ANA, at=at(15), participants=(ANA, BEN, DEE)), after=PROPOSED)
    given(*left).when(REASSIGN).then(
        ApprovalReassigned(by=CHI, at=at(20), answer=NEXT + 1, threat=TH1, approver=DEE)
    )
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
    given(*PROPOSED).when(replace(REASSIGN, by=by, approver=BEN)).then_refused(
        Rejected, sentence, field="approver"
    )


def test_who_is_asked_already_is_not_asked_again() -> None:
    given(*PROPOSED).when(replace(REASSIGN, approver=CHI)).then_nothing_happens()


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
    given(*decide_all(meanwhile, after=PROPOSED)).when(REASSIGN).then_refused(refusal, sentence)


def test_an_expired_proposal_must_be_made_again() -> None:
    late = replace(REASSIGN, at=at(60 * 24 * 200))
    given(*PROPOSED).when(late).then_refused(Rejected, "the risk was to be accepted until 29 May 2026")


def test_it_is_taken_back_to_who_was_asked_before_or_to_no_one() -> None:
    given(*REASSIGNED).when(Undo(by=CHI, at=at(30))).then(
        ApprovalReassigned(by=CHI, at=at(30), answer=NEXT + 1, undoes=NEXT, threat=TH1, approver=CHI)
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
    erased: list[RecordedEvent] = [Erased() if one is PROPOSED[-1] else one for one in REASSIGNED]
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
            decide_all(replace(REASSIGN, by=DEE), after=PROPOSED),
            "took over the approval for accepting the threat",
            (),
        ),
        (decide_all(REASSIGN, Undo(by=CHI, at=at(30)), after=PROPOSED), "asked @UCHI instead", ()),
    ],
)
def test_history_tells_who_is_asked_now(
    events: list[RecordedEvent], words: str, people: tuple[PersonId, ...]
) -> None:
    last = timeline(events)[-1]
    assert words in last.text
    assert last.people == people
