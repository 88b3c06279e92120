"""Moving on and closing past unmet conditions, and accepted risks that have grown."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from domain.commands import (
    AddAsset,
    ApproveAcceptance,
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    ChooseResponse,
    CloseThreatModel,
    Command,
    ConfirmClosing,
    DeclineClosing,
    MergeThreats,
    ProposeAcceptance,
    ReopenThreatModel,
    ReportThreat,
    ReturnToAnalysis,
    ReviseAsset,
    TakeOver,
    Undo,
    WithdrawClosing,
)
from domain.events import (
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    PhaseMoved,
    RecordedEvent,
    ThreatModelClosed,
)
from domain.history import timeline
from domain.kernel.closing import ConditionReason
from domain.kernel.elements import ElementId, PersonId, Rating
from domain.kernel.length_limits import TEXT
from domain.kernel.threat import ResponseKind, Stride
from domain.next_step.next_step_choice import NextStepKind
from domain.phase_conditions import TITLES
from domain.register import ThreatRegister, register
from domain.rejections import (
    ClosingAlreadyProposed,
    ClosingOutdated,
    ContentMissing,
    NoClosingProposed,
    NotAParticipant,
    NotInThisPhase,
    NotTheFacilitator,
    OthersClosing,
    OwnClosing,
    ProposalChanged,
    Rejected,
    TooLong,
    UnmetConditions,
)
from domain.replay import replay
from tests.domain.placed_components import HOME, element_id, placed_model
from tests.domain.remediation_story import SPRING, TH1, TH2, TH3, THREATS, implement, plan, start, verify
from tests.domain.voting_story import IDENTIFIED, OPENED, VOTERS, ballot_of, open_round_command
from tests.examples import (
    ANA,
    BEN,
    CHI,
    DEE,
    STRANGER,
    at,
    decide_all,
    given,
    reasons_for_conditions,
    recorded,
    started,
)

LOW, HIGH, CRITICAL = 1, 7, 9
"""Each of the numbers on a ballot."""

HALF = ConditionReason(condition="threats_scored", reason="no time")
CLOSE = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_conditions())
PROPOSED = decide_all(CLOSE, after=THREATS)
NEXT = len(PROPOSED) + 1
CONFIRM = ConfirmClosing(by=BEN, at=at(61))


def seen(events: Sequence[RecordedEvent]) -> ThreatRegister:
    return register(replay(events), at(90))


def open_conditions(events: Sequence[RecordedEvent], minute: int = 90) -> set[str]:
    return {
        condition.id for condition in register(replay(events), at(minute)).conditions if not condition.met
    }


def settled(*, score: int) -> list[RecordedEvent]:
    """One threat, scored so by everybody, in remediation."""
    alone = decide_all(
        BeginAnalysis(by=ANA, at=at(1), reason="a story"),
        ReportThreat(by=BEN, at=at(2), title="The plumber", stride=(Stride.TAMPERING,)),
        after=[started()],
    )
    opened = decide_all(open_round_command(TH1), after=alone)
    return decide_all(
        *(ballot_of(voter, score) for voter in VOTERS), BeginRemediation(by=ANA, at=at(20)), after=opened
    )


def test_unscored_threats_condition_remediation() -> None:
    begin = BeginRemediation(by=ANA, at=at(20))
    given(*IDENTIFIED).when(begin).then_refused(
        UnmetConditions, "TH-1, TH-2, TH-3", field="reason_threats_scored"
    )
    moved = decide_all(BeginRemediation(by=ANA, at=at(20), reasons=(HALF,)), after=IDENTIFIED)[-1]
    assert isinstance(moved, PhaseMoved)
    assert [(one.condition, one.reason) for one in moved.overrides] == [("threats_scored", "no time")]


@pytest.mark.parametrize(("count", "rest"), [(12, "TH-12"), (13, "TH-12 and 1 more")])
def test_a_condition_lists_a_dozen_threats_and_counts_the_rest(count: int, rest: str) -> None:
    reported = (
        ReportThreat(by=BEN, at=at(2), title=f"The glue {number}", stride=(Stride.TAMPERING,))
        for number in range(count)
    )
    begin = BeginAnalysis(by=ANA, at=at(1), reason="a story")
    known = seen(decide_all(begin, *reported, after=[started()]))
    assert next(
        condition for condition in known.conditions if condition.id == "threats_scored"
    ).text.endswith(rest)


def test_with_every_threat_scored_remediation_begins_without_a_reason() -> None:
    moved = settled(score=3)[-1]
    assert isinstance(moved, PhaseMoved)
    assert moved.overrides == ()


def test_unscored_threats_missing_responses_and_overdue_grave_mitigations_condition_closing() -> None:
    assert {"threats_scored", "responses_chosen"} <= open_conditions(THREATS)
    scored = settled(score=9)
    assert open_conditions(scored) & {"threats_scored", "responses_chosen", "mitigations_on_time"} == {
        "responses_chosen"
    }
    planned = decide_all(plan(minute=30), after=scored)
    week = 60 * 24 * 7
    assert "responses_chosen" not in open_conditions(planned)
    assert "mitigations_on_time" not in open_conditions(planned)
    assert "mitigations_on_time" in open_conditions(planned, week)
    late = register(replay(planned), at(week)).conditions
    assert next(one for one in late if one.id == "mitigations_on_time").text.endswith(": MI-1")


def test_an_overdue_mitigation_of_a_low_threat_conditions_nothing_and_that_of_an_unscored_one_does() -> None:
    week = 60 * 24 * 7
    for score, conditions in ((LOW, False), (HIGH, True), (CRITICAL, True)):
        overdue = decide_all(plan(minute=30), after=settled(score=score))
        assert ("mitigations_on_time" in open_conditions(overdue, week)) == conditions, score
    assert "mitigations_on_time" in open_conditions(decide_all(plan(minute=30), after=THREATS), week)


def test_one_sentence_is_not_enough_where_several_conditions_are_open() -> None:
    given(*THREATS).when(CloseThreatModel(by=ANA, at=at(60), reason="enough")).then_refused(
        UnmetConditions, "Conditions for closing are not met. ", field="reason_collected"
    )
    with pytest.raises(UnmetConditions) as refused:
        decide_all(CloseThreatModel(by=ANA, at=at(60), reasons=(HALF,)), after=THREATS)
    assert {id for id, _ in refused.value.conditions} == open_conditions(THREATS) - {"threats_scored"}


def test_an_empty_reason_is_none_and_a_reason_for_a_condition_that_is_not_open_is_not_kept() -> None:
    blank = tuple(ConditionReason(condition=title, reason=" ") for title in TITLES)
    given(*THREATS).when(CloseThreatModel(by=ANA, at=at(60), reasons=blank)).then_refused(
        UnmetConditions, "Meet each of them, or give a reason for each of them", field="reason_collected"
    )
    closing = replay(PROPOSED).closing
    assert closing is not None
    assert {override.condition for override in closing.overrides} == open_conditions(THREATS)
    long = (ConditionReason(condition="threats_scored", reason="x" * (TEXT + 1)),)
    given(*THREATS).when(CloseThreatModel(by=ANA, at=at(60), reasons=long)).then_refused(
        TooLong, "3,001 characters", field="reason_threats_scored"
    )


def test_closing_over_open_critical_threats_is_only_proposed() -> None:
    (proposed,) = PROPOSED[len(THREATS) :]
    assert isinstance(proposed, ClosingProposed)
    assert proposed.proposal.critical == (TH1, TH2, TH3), "a threat without a score counts as critical"
    known = seen(PROPOSED)
    assert known.phase == "remediation"
    assert known.next.act is NextStepKind.CONFIRM_CLOSING
    assert known.next.not_for == (ANA,)
    assert known.next.text == "Confirm or decline closing the model with 3 open critical threats"


def test_the_proposer_cannot_confirm_and_is_told_what_to_do_alone() -> None:
    given(*PROPOSED).when(ConfirmClosing(by=ANA, at=at(61))).then_refused(
        OwnClosing, "invite a colleague, respond to the critical threats, or archive the model"
    )
    taken = decide_all(TakeOver(by=BEN, at=at(61)), after=PROPOSED)
    given(*taken).when(ConfirmClosing(by=ANA, at=at(62))).then_refused(OwnClosing, "someone else")
    archived = decide_all(ArchiveThreatModel(by=ANA, at=at(61)), after=PROPOSED)
    assert (seen(archived).phase, seen(archived).closing) == ("archived", None)


@pytest.mark.parametrize("who", [BEN, CHI, DEE])
def test_anyone_else_who_takes_part_confirms(who: PersonId) -> None:
    closed = decide_all(ConfirmClosing(by=who, at=at(61)), after=PROPOSED)
    event = closed[-1]
    assert isinstance(event, ThreatModelClosed)
    assert (event.by, event.proposed_by) == (who, ANA)
    assert {override.condition for override in event.overrides} == open_conditions(THREATS)
    assert seen(closed).phase == "closed"
    assert seen(closed).closing is None


def test_a_stranger_confirms_nothing() -> None:
    circle = [started(participants=(ANA, BEN, CHI)), *PROPOSED[1:]]
    given(*circle).when(ConfirmClosing(by=STRANGER, at=at(61))).then_refused(
        NotAParticipant, "You are not a participant of this model"
    )


def test_who_is_asked_is_waited_for_and_must_be_able_to_confirm() -> None:
    asking = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_conditions(), confirmer=CHI)
    assert seen(decide_all(asking, after=THREATS)).next.waits_for == CHI
    asked = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_conditions(), confirmer=ANA)
    given(*THREATS).when(asked).then_refused(Rejected, "Choose another person", field="confirmer")
    outside = [started(participants=(ANA, BEN, CHI)), *THREATS[1:]]
    asked = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_conditions(), confirmer=DEE)
    given(*outside).when(asked).then_refused(
        Rejected, "@UDEE is not a participant of this model", field="confirmer"
    )


def test_a_closing_waits_for_the_facilitator_or_for_nobody_where_the_facilitator_proposed_it() -> None:
    assert seen(PROPOSED).next.waits_for is None
    assert seen(decide_all(TakeOver(by=BEN, at=at(61)), after=PROPOSED)).next.waits_for == BEN


def test_declining_needs_a_reason_and_leaves_the_model_open() -> None:
    given(*PROPOSED).when(DeclineClosing(by=BEN, at=at(61))).then_refused(
        ContentMissing, "why", field="reason"
    )
    given(*PROPOSED).when(DeclineClosing(by=ANA, at=at(61), reason="no")).then_refused(OwnClosing, "proposed")
    given(*PROPOSED).when(DeclineClosing(by=BEN, at=at(61), reason="Score it first")).then(
        recorded(ClosingDeclined, reason="Score it first")
    )
    declined = decide_all(DeclineClosing(by=BEN, at=at(61), reason="Score it first"), after=PROPOSED)
    assert (seen(declined).phase, seen(declined).closing) == ("remediation", None)
    given(*declined).when(CONFIRM).then_refused(NoClosingProposed, "There is no open proposal to close")


def test_only_the_proposer_withdraws() -> None:
    given(*PROPOSED).when(WithdrawClosing(by=BEN, at=at(61))).then_refused(OthersClosing, "@UANA proposed")
    given(*PROPOSED).when(WithdrawClosing(by=ANA, at=at(61))).then(recorded(ClosingWithdrawn))
    given(*THREATS).when(WithdrawClosing(by=ANA, at=at(61))).then_refused(
        NoClosingProposed, "There is no open proposal to close this model"
    )


def test_what_became_open_since_is_not_confirmed_unseen() -> None:
    more = decide_all(
        ReportThreat(by=CHI, at=at(61), title="The cat", stride=(Stride.TAMPERING,)), after=PROPOSED
    )
    given(*more).when(ConfirmClosing(by=BEN, at=at(62))).then_refused(ClosingOutdated, "TH-4 is critical")
    again = decide_all(CloseThreatModel(by=ANA, at=at(63), reasons=reasons_for_conditions()), after=more)
    assert seen(decide_all(ConfirmClosing(by=BEN, at=at(64)), after=again)).phase == "closed"


def test_a_proposal_that_was_changed_since_it_was_shown_is_not_confirmed_unseen() -> None:
    confirm = ConfirmClosing(by=BEN, at=at(62), proposed_at=at(60))
    assert seen(decide_all(confirm, after=PROPOSED)).phase == "closed"
    other = decide_all(
        CloseThreatModel(by=ANA, at=at(61), reasons=reasons_for_conditions("We sold it")), after=PROPOSED
    )
    given(*other).when(confirm).then_refused(ProposalChanged, "@UANA has changed the proposal")


def test_a_condition_that_opened_since_is_not_confirmed_unseen() -> None:
    voting = decide_all(open_round_command(TH1), after=PROPOSED)
    given(*voting).when(ConfirmClosing(by=BEN, at=at(62))).then_refused(
        ClosingOutdated, "Decline the proposal, and make a new one with a reason for each condition"
    )


def test_what_was_settled_since_needs_no_second_person_any_longer() -> None:
    avoided = decide_all(
        *(
            ChooseResponse(
                by=BEN, at=at(61), threat=one, response=ResponseKind.AVOID, reason="gone", due=None
            )
            for one in (TH1, TH2, TH3)
        ),
        after=PROPOSED,
    )
    closed = decide_all(CloseThreatModel(by=ANA, at=at(62), reasons=reasons_for_conditions()), after=avoided)[
        -1
    ]
    assert isinstance(closed, ThreatModelClosed)
    assert closed.proposed_by is None


def test_a_critical_threat_that_is_only_planned_for_is_open_and_a_verified_one_is_not() -> None:
    planned = decide_all(plan(minute=30), after=settled(score=9))
    assert seen(planned).open_critical == (TH1,)
    done = decide_all(start(minute=31), implement(minute=32), verify(minute=33), after=planned)
    assert seen(done).open_critical == ()
    assert seen(decide_all(CLOSE, after=done)).phase == "closed"


def test_only_a_critical_threat_needs_a_second_person() -> None:
    for score in (LOW, HIGH):
        assert seen(decide_all(CLOSE, after=settled(score=score))).phase == "closed"
    assert seen(decide_all(CLOSE, after=settled(score=CRITICAL))).phase == "remediation"


def test_only_the_facilitator_proposes() -> None:
    given(*THREATS).when(CloseThreatModel(by=BEN, at=at(60), reasons=reasons_for_conditions())).then_refused(
        NotTheFacilitator, "@UANA"
    )


def test_the_same_proposal_again_says_nothing_and_another_one_takes_its_place() -> None:
    given(*PROPOSED).when(
        CloseThreatModel(by=ANA, at=at(61), reasons=reasons_for_conditions())
    ).then_nothing_happens()
    other = decide_all(
        CloseThreatModel(by=ANA, at=at(61), reasons=reasons_for_conditions("We sold it")), after=PROPOSED
    )
    closing = replay(other).closing
    assert closing is not None
    assert {override.reason for override in closing.overrides} == {"We sold it"}


def test_what_someone_else_proposed_is_answered_and_not_written_over() -> None:
    taken = decide_all(TakeOver(by=BEN, at=at(61)), after=PROPOSED)
    given(*taken).when(
        CloseThreatModel(by=BEN, at=at(62), reasons=reasons_for_conditions("Sold"))
    ).then_refused(ClosingAlreadyProposed, "@UANA has already proposed to close the model")


def test_going_back_loses_neither_the_proposal_nor_the_history() -> None:
    back = decide_all(ReturnToAnalysis(by=ANA, at=at(61)), after=PROPOSED)
    assert replay(back).closing == replay(PROPOSED).closing
    assert seen(decide_all(ConfirmClosing(by=BEN, at=at(62)), after=back)).phase == "closed"


@pytest.mark.parametrize(
    "step",
    [
        CONFIRM,
        DeclineClosing(by=BEN, at=at(61), reason="no"),
        WithdrawClosing(by=ANA, at=at(61)),
        ArchiveThreatModel(by=ANA, at=at(61)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_an_answered_proposal_is_not_answered_again(step: Command) -> None:
    over = decide_all(step, after=PROPOSED)
    with pytest.raises((NoClosingProposed, NotInThisPhase)):
        decide_all(ConfirmClosing(by=CHI, at=at(62)), after=over)


def test_a_proposal_and_a_refusal_are_taken_back() -> None:
    taken = decide_all(Undo(by=ANA, at=at(61)), after=PROPOSED)
    assert taken[-1] == ClosingWithdrawn(by=ANA, at=at(61), answer=NEXT, undoes=NEXT - 1)
    declined = decide_all(DeclineClosing(by=BEN, at=at(61), reason="no"), after=PROPOSED)
    again = decide_all(Undo(by=BEN, at=at(62)), after=declined)
    assert replay(again).closing == replay(PROPOSED).closing
    withdrawn = decide_all(WithdrawClosing(by=ANA, at=at(61)), after=PROPOSED)
    assert replay(decide_all(Undo(by=ANA, at=at(62)), after=withdrawn)).closing == replay(PROPOSED).closing


def test_a_closing_is_not_taken_back_but_reopened_and_nothing_of_it_is_lost() -> None:
    closed = decide_all(CONFIRM, after=PROPOSED)
    assert {one.step for one in seen(closed).passed} == {"identifying", "responding", "closed"}
    assert {one.by for one in seen(closed).passed} == {ANA}
    reopened = decide_all(ReopenThreatModel(by=ANA, at=at(70)), after=closed)
    assert {one.step for one in seen(reopened).passed} == {"identifying", "responding"}
    assert seen(reopened).phase == "remediation"
    words = [one.text for one in timeline(reopened)]
    assert any("proposed by @UANA" in word and "Enough for now" in word for word in words)
    assert any(
        word.startswith("proposed to close the threat model with 3 open critical threats") for word in words
    )


def test_moving_back_and_forward_checks_the_conditions_again() -> None:
    assert [one.step for one in seen(THREATS).passed if one.override.condition == "threats_scored"] == [
        "responding"
    ]
    back = decide_all(ReturnToAnalysis(by=ANA, at=at(61)), after=THREATS)
    assert "threats_scored" not in {one.override.condition for one in seen(back).passed}
    given(*back).when(BeginRemediation(by=ANA, at=at(62))).then_refused(
        UnmetConditions, "score", field="reason_threats_scored"
    )


def test_history_tells_each_condition_with_its_reason() -> None:
    reasons = (
        HALF,
        *(ConditionReason(condition=one, reason=f"for {one}") for one in TITLES if one != HALF.condition),
    )
    told_of = timeline(decide_all(CloseThreatModel(by=ANA, at=at(60), reasons=reasons), after=THREATS))[
        -1
    ].text
    assert "because: no time" in told_of
    assert "because: for responses_chosen" in told_of


def test_a_round_that_is_open_leaves_a_threat_unscored() -> None:
    assert (
        "TH-1"
        in next(condition for condition in seen(OPENED).conditions if condition.id == "threats_scored").text
    )


PROPOSE = ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="Nobody knows of it")
APPROVE = ApproveAcceptance(by=CHI, at=at(11), threat=TH1)
AFTER_SPRING = datetime(2026, 7, 1, tzinfo=UTC)


def rated(asset: str, rating: Rating | None, minute: int = 20) -> ReviseAsset:
    """The key or the purse; the key was rated high for confidentiality, which stays."""
    name, secrecy = ("Key", Rating.HIGH) if asset == "AS-1" else ("Purse", None)
    return ReviseAsset(
        by=ANA, at=at(minute), element=element_id(asset), name=name, confidentiality=secrecy, integrity=rating
    )


def grown(*steps: Command, about: str = "EP-1", now: datetime | None = None) -> list[str]:
    """The warnings of X05 after the key was rated low for integrity, a threat reported, and these steps."""
    events = decide_all(
        rated("AS-1", Rating.LOW, 4),
        AddAsset(by=ANA, at=at(4), name="Purse", integrity=Rating.LOW),
        report(about),
        BeginAnalysis(by=ANA, at=at(6), reason="a short story"),
        BeginRemediation(by=ANA, at=at(7), reason="a short story"),
        *steps,
        after=placed_model(*HOME),
    )
    seen = register(replay(events), now=now or at(60))
    return [warning.text for warning in seen.warnings if warning.id.startswith("X05@")]


def report(about: str, title: str = "The lock is picked") -> ReportThreat:
    return ReportThreat(by=ANA, at=at(5), title=title, stride=(Stride.TAMPERING,), element=ElementId(about))


@pytest.mark.parametrize("about", ["AS-1", "EP-1", "DF-1", "CO-2"])
def test_a_rating_that_rose_asks_for_the_acceptance_again(about: str) -> None:
    assert grown(PROPOSE, APPROVE, rated("AS-1", Rating.HIGH), about=about) == [
        "AS-1 “Key”: accepted risk has grown (TH-1). Renew or withdraw the acceptance."
    ]


def test_nothing_is_asked_while_no_rating_rose() -> None:
    assert grown(PROPOSE, APPROVE) == []
    assert grown(PROPOSE, APPROVE, rated("AS-1", None)) == []
    assert grown(rated("AS-1", Rating.HIGH, 8), PROPOSE, APPROVE, rated("AS-1", Rating.MEDIUM)) == []


def test_what_the_threat_does_not_touch_may_rise() -> None:
    assert grown(PROPOSE, APPROVE, rated("AS-2", Rating.HIGH)) == []


def test_only_an_acceptance_in_force_is_asked_for_again() -> None:
    risen = rated("AS-1", Rating.HIGH)
    assert grown(PROPOSE, risen) == []
    assert grown(PROPOSE, APPROVE, risen, now=AFTER_SPRING) == []
    other = ChooseResponse(by=BEN, at=at(30), threat=TH1, response=ResponseKind.MITIGATE)
    assert grown(PROPOSE, APPROVE, risen, other) == []


def test_accepting_it_again_settles_the_warning() -> None:
    again = ProposeAcceptance(by=BEN, at=at(30), threat=TH1, expires=SPRING, reason="Still so")
    agreed = ApproveAcceptance(by=CHI, at=at(31), threat=TH1)
    assert grown(PROPOSE, APPROVE, rated("AS-1", Rating.HIGH), again, agreed) == []


def test_the_warning_names_the_threat_in_which_an_accepted_one_lives_on() -> None:
    merged = MergeThreats(by=ANA, at=at(25), kept=TH2, merged=TH1)
    (text,) = grown(
        report("EP-1", "The lock is drilled"), PROPOSE, APPROVE, rated("AS-1", Rating.HIGH), merged
    )
    assert "(TH-2)" in text
