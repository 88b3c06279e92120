"""Statements of a file count for nothing until a person here makes them their own.

Chi wrote the file alone, with a chain whose hashes fit, and imports it alone.
"""

from collections.abc import Sequence
from datetime import UTC, timedelta

import pytest

from domain.commands import (
    ApproveAcceptance,
    CloseThreatModel,
    ConfirmClosing,
    ConfirmScreening,
    DeclineAcceptance,
    ReassignApproval,
    Undo,
    VerifyMitigation,
)
from domain.decide import decide
from domain.dread.scoring import Band
from domain.events import (
    BallotCast,
    ClosingProposed,
    RecordedEvent,
    ResponseCleared,
    RoundClosed,
    ThreatModelImported,
)
from domain.history import NOT_VERIFIED, as_of, at_version, timeline
from domain.kernel.elements import PersonId
from domain.kernel.import_mark import SCREENING
from domain.kernel.mitigation import MitigationState
from domain.kernel.voting_round import RoundEndCause
from domain.model import ThreatModel
from domain.model.imports import pending_claims
from domain.register import ThreatRegister, register
from domain.rejections import NothingToUndo, OwnMitigation, OwnProposal, OwnScreening, Rejected
from domain.remediation.status import ThreatState
from domain.reminders import Occasion
from domain.replay import replay
from domain.threat_trend import open_threats
from domain.voting.scores import bands_of, imported_scores, scores_of
from tests.domain.remediation_story import MI1
from tests.domain.reminder_models import sent_until
from tests.domain.voting_story import (
    DAY,
    IDENTIFIED,
    OPENED,
    RD2,
    TH1,
    TH2,
    TH3,
    VOTERS,
    ballot_of,
    open_round_command,
)
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, reasons_for_conditions
from tests.formats.forged_history import APPROVED, FORGED, LATER, forged_file, imported_by, imported_past

SECOND_PERSON_GATES = ("screening_confirmed", "threats_scored", "acceptances_approved", "responses_chosen")


def seen(model: ThreatModel) -> ThreatRegister:
    return register(model, now=LATER)


def met(model: ThreatModel) -> set[str]:
    return {condition.id for condition in seen(model).conditions if condition.met}


def test_without_the_import_the_forged_statements_would_count() -> None:
    """What the tests below are about: the same events, if they had been said here."""
    assert {*SECOND_PERSON_GATES} - {"responses_chosen"} <= met(replay(FORGED))
    assert replay(FORGED).step == "closed"


def test_a_forged_history_satisfies_no_condition_and_leaves_nothing_closed() -> None:
    model = imported_by(CHI).model

    assert not met(model) & {*SECOND_PERSON_GATES}
    assert (model.step, model.closed_at, model.closing) == ("responding", None, None)
    status = seen(model).statuses
    assert (status[TH1].state, status[TH2].state) == (ThreatState.PROPOSED, ThreatState.IN_PROGRESS)
    assert seen(model).open_critical == (TH1, TH2, TH3), "votes that nobody cast make nothing harmless"
    assert (model.facilitator, model.imported and model.imported.importer) == (CHI, CHI)


def test_the_importer_cannot_be_the_second_person_for_what_the_file_says_of_others() -> None:
    past = imported_past()
    for command, refusal in (
        (ApproveAcceptance(by=CHI, at=LATER, threat=TH1), OwnProposal),
        (DeclineAcceptance(by=CHI, at=LATER, threat=TH1, reason="No"), OwnProposal),
        (VerifyMitigation(by=CHI, at=LATER, mitigation=MI1), OwnMitigation),
        (ConfirmScreening(by=CHI, at=LATER), OwnScreening),
    ):
        with pytest.raises(refusal):
            decide(command, replay(past), lambda: past)
    closing = decide_all(CloseThreatModel(by=CHI, at=LATER, reasons=reasons_for_conditions()), after=past)
    assert isinstance(closing[-1], ClosingProposed), "critical threats are open: it takes two"
    with pytest.raises(Rejected):
        decide(ConfirmClosing(by=CHI, at=LATER), replay(closing))


def test_what_a_named_person_confirms_here_is_theirs() -> None:
    past = imported_past()
    model = replay(past)
    assert {claim.subject for claim in pending_claims(model) if claim.person == BEN} == {TH1, MI1, SCREENING}

    later = LATER + timedelta(minutes=1)
    model = replay(
        decide_all(
            ApproveAcceptance(by=BEN, at=later, threat=TH1),
            VerifyMitigation(by=BEN, at=later, mitigation=MI1),
            ConfirmScreening(by=BEN, at=later),
            after=past,
        )
    )
    assert {"screening_confirmed", "acceptances_approved"} <= met(model)
    assert model.responses[TH1].approver == BEN
    assert model.responses[TH1].approved_at == later
    assert model.mitigations[MI1].state is MitigationState.VERIFIED
    assert pending_claims(model) == ()


def test_a_claim_that_somebody_else_settled_is_not_asked_about() -> None:
    past = decide_all(ApproveAcceptance(by=ANA, at=LATER, threat=TH1), after=imported_past())
    assert TH1 not in {claim.subject for claim in pending_claims(replay(past))}
    past = decide_all(ReassignApproval(by=CHI, at=at(700), threat=TH1, approver=DEE), after=imported_past())
    assert TH1 not in {claim.subject for claim in pending_claims(replay(past))}, "Dee is asked as usual"


def test_the_importer_is_not_asked_about_their_own_claims() -> None:
    claims = pending_claims(imported_by(BEN).model)
    assert claims == ()


def test_scores_of_a_file_are_shown_as_imported_and_count_for_nothing() -> None:
    model = imported_by(CHI).model

    assert (scores_of(model), bands_of(model)) == ({}, {})
    assert {id: one.tally.band for id, one in imported_scores(model).items()} == dict.fromkeys(
        (TH1, TH2, TH3), Band.LOW
    )
    (first, *_) = seen(model).ranked
    assert (first.rank, first.score, first.imported is not None) == (None, None, True)


def test_undoing_does_not_bring_back_an_approval_from_before_the_import() -> None:
    forged = [*APPROVED, ResponseCleared(by=CHI, at=at(39), answer=len(APPROVED) + 1, threat=TH1)]
    past = imported_past(forged_file(forged))
    assert TH1 not in replay(past).responses
    for person in (CHI, BEN, ANA):
        with pytest.raises(NothingToUndo):
            decide(Undo(by=person, at=LATER), replay(past), lambda: past)


def test_an_undone_answer_from_after_the_import_leaves_the_acceptance_unapproved() -> None:
    past = decide_all(
        ApproveAcceptance(by=BEN, at=LATER, threat=TH1), Undo(by=BEN, at=LATER), after=imported_past()
    )
    assert replay(past).proposals[TH1].by == CHI
    assert TH1 not in replay(past).responses


def test_a_ballot_in_a_file_is_never_found_in_a_round_that_is_opened_here() -> None:
    """The forger casts ballots in a round that the file never opens, or leaves open."""
    ballots = [one for one in decide_all(ballot_of(BEN, 1), after=OPENED) if isinstance(one, BallotCast)]
    for forged in ([*IDENTIFIED, *ballots], [*OPENED, *ballots]):
        past = imported_past(forged_file(forged))
        model = replay(past)
        assert model.open_rounds() == [], "nobody is asked to vote in a round of a file"
        assert all(one.ending.cause is RoundEndCause.NO_VOTERS for one in model.rounds.values() if one.ending)
        opened = replay(decide_all(open_round_command(TH1, by=CHI, at=LATER, voters=VOTERS), after=past))
        (round,) = opened.open_rounds()
        assert [place for place in opened.ballots if place[0] == round.id] == []


def test_a_vote_that_is_held_here_counts() -> None:
    """Its panel is that of the file less one: but those ballots showed no number of anyone here."""
    voted = next(number for number, one in enumerate(APPROVED, start=1) if isinstance(one, RoundClosed))
    past = decide_all(
        open_round_command(TH1, by=CHI, at=LATER, voters=VOTERS[:3]),
        *(ballot_of(voter, 9, round=RD2, minute=610) for voter in VOTERS[:3]),
        after=imported_past(forged_file(APPROVED[:voted])),
    )
    assert bands_of(replay(past)) == {TH1: Band.CRITICAL}


def test_a_state_of_the_past_says_that_it_was_imported_too() -> None:
    past = imported_past()
    for then in (as_of(past, at(60)), at_version(past, len(past) - 1)):
        assert then.imported is not None
        assert not met(then) & {*SECOND_PERSON_GATES}
        assert then.version == len(past) - 1


def test_the_history_marks_each_entry_of_the_file_and_says_who_imported_it() -> None:
    *before, mark = timeline(imported_past())
    assert all(one.unverified and one.text.endswith(NOT_VERIFIED) for one in before)
    assert mark.by == CHI
    assert mark.text == "imported the threat model from a file; statements before this entry are not verified"
    own = timeline(decide_all(ApproveAcceptance(by=BEN, at=LATER, threat=TH1), after=imported_past()))[-1]
    assert not own.unverified


def test_a_second_import_covers_the_first_one() -> None:
    """The forger lets the file say that it was imported, and that people approved it afterwards."""
    first = imported_past(forged_file(APPROVED))
    approved = decide_all(ApproveAcceptance(by=BEN, at=LATER, threat=TH1), after=first)
    model = imported_by(DEE, forged_file(approved), now=at(900)).model
    assert (model.imported and model.imported.importer, model.facilitator) == (DEE, DEE)
    assert TH1 in model.proposals
    assert not met(model) & {*SECOND_PERSON_GATES}


def test_a_file_cannot_claim_to_be_sealed() -> None:
    sealed = ThreatModelImported(by=ANA, at=at(50), answer=len(FORGED) + 1, facilitator=ANA, sealed=True)
    model = imported_by(CHI, forged_file([*FORGED, sealed])).model
    assert model.imported is not None
    assert not met(model) & {*SECOND_PERSON_GATES}


def test_people_whom_only_a_file_names_are_not_reminded() -> None:
    past = imported_past(forged_file(APPROVED))
    reviews = {Occasion.VERIFICATION_WAITS, Occasion.APPROVAL_WAITS}

    def reminded(events: Sequence[RecordedEvent]) -> set[PersonId]:
        every = sent_until(replay(events), at(30 * DAY))
        return {one.to for _, one in every if one.occasion in reviews}

    assert reminded(past) == set()
    asked = decide_all(ReassignApproval(by=CHI, at=at(700), threat=TH1, approver=BEN), after=past)
    assert reminded(asked) == {BEN}, "whom a person here asks is reminded as usual"


def test_the_trend_of_an_imported_model_counts_no_vote_and_no_approval_of_the_file() -> None:
    past = imported_by(CHI, forged_file(APPROVED), now=at(2 * DAY)).events
    days = open_threats(past, UTC, at(3 * DAY))
    assert len(days) > 1, "the days before the import, and after it"
    assert [day.bands for day in days] == [{None: 3}] * len(days)
