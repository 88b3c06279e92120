"""The review of a closed model: only what has changed since its closing is asked and counted."""

from collections.abc import Sequence

from msgspec.structs import replace

from domain.analysis.spot_checks import sample_verified
from domain.changes import review_summary
from domain.commands import (
    AddEntryPoint,
    AnswerQuestions,
    BeginRemediation,
    CloseThreatModel,
    ConfirmClosing,
    DrawFlows,
    FlowByNames,
    ImplementMitigation,
    PlanMitigation,
    ReopenThreatModel,
    Reply,
    ReviseEntryPoint,
    Undo,
    VerifyMitigation,
    WithdrawThreat,
)
from domain.events import RecordedEvent, ThreatModelReopened
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind
from domain.kernel.elements import ElementId, Exposure
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import SuggestedThreatId
from domain.next_step.next_step_choice import NextStepKind
from domain.register import ThreatRegister, register
from domain.remediation.status import ThreatState
from domain.replay import replay
from tests.domain.quick_story import CONFIRMED, TH1, TH2, TH3, voted
from tests.domain.suggested_threats import AMINA, BENJI, FRONT, dismiss
from tests.examples import at, decide_all, reasons_for_conditions


def close(events: Sequence[RecordedEvent], minute: int) -> list[RecordedEvent]:
    """Close a model whatever is open, with a second person where that takes two."""
    closing = CloseThreatModel(by=AMINA, at=at(minute), reasons=reasons_for_conditions())
    events = decide_all(closing, after=events)
    waits = replay(events).closing is not None
    return decide_all(ConfirmClosing(by=BENJI, at=at(minute)), after=events) if waits else events


MI1 = MitigationId("MI-1")


def seen(events: Sequence[RecordedEvent]) -> ThreatRegister:
    return register(replay(events), at(5000))


SCORED = decide_all(
    *(WithdrawThreat(by=BENJI, at=at(3999), threat=one) for one in (TH2, TH3)),
    after=voted((5, 5), (5, 5), (5, 5), (5, 5)),
)
REMEDIATED = decide_all(
    dismiss(*(SuggestedThreatId(one.id) for one in seen(SCORED).suggested_threats), minute=4000),
    BeginRemediation(by=AMINA, at=at(4001), reasons=reasons_for_conditions()),
    after=SCORED,
)
CLOSED = close(REMEDIATED, 4002)
REOPENED = decide_all(ReopenThreatModel(by=AMINA, at=at(4100)), after=CLOSED)
DRAWN = decide_all(
    AddEntryPoint(by=AMINA, at=at(4101), name="Cat flap", exposure=Exposure.INTERNET),
    DrawFlows(
        by=AMINA,
        at=at(4101),
        flows=(
            FlowByNames(source="Resident", target="House", assets=("Valuables",), entry_point="Cat flap"),
        ),
    ),
    after=REOPENED,
)


def test_a_review_remembers_the_closing_and_the_questions_that_it_left_open() -> None:
    reopened = REOPENED[-1]
    assert isinstance(reopened, ThreatModelReopened)
    assert reopened.review is not None
    assert reopened.review.since == at(4002)
    assert set(reopened.review.left_open) == {(one.element, one.fact) for one in seen(CLOSED).questions}


def test_questions_left_open_at_the_closing_are_not_asked_again() -> None:
    assert not [one for one in seen(REOPENED).questions if one.at_stake]
    assert seen(REOPENED).next.act is NextStepKind.RESPOND


def test_only_what_changed_elements_raise_is_asked_and_it_comes_before_the_plan() -> None:
    (asked,) = [one for one in seen(DRAWN).questions if one.at_stake]
    assert (asked.element, asked.fact) == ("EP-4", "anonymous_by_design")
    assert seen(DRAWN).next.act is NextStepKind.ANSWER


VERIFIED = close(
    decide_all(
        PlanMitigation(by=BENJI, at=at(4011), threat=TH1, title="Fit a lock", owner=BENJI),
        ImplementMitigation(by=BENJI, at=at(4012), mitigation=MI1, evidence="Receipt"),
        VerifyMitigation(by=AMINA, at=at(4013), mitigation=MI1),
        after=REMEDIATED,
    ),
    4014,
)


def test_a_verified_mitigation_is_verified_again_by_someone_else_than_its_owner() -> None:
    assert seen(VERIFIED).statuses[TH1].state is ThreatState.MITIGATED
    events = decide_all(ReopenThreatModel(by=AMINA, at=at(4100)), after=VERIFIED)
    step = seen(events).next
    assert (step.act, step.about, step.not_for) == (NextStepKind.VERIFY, MI1, (BENJI,))
    again = decide_all(VerifyMitigation(by=AMINA, at=at(4101), mitigation=MI1), after=events)
    assert seen(again).statuses[TH1].state is ThreatState.MITIGATED
    assert seen(again).next.act is NextStepKind.CLOSE


def test_a_team_of_two_samples_no_verified_mitigation() -> None:
    model = replay(VERIFIED)
    alone = replace(model, participants=frozenset({AMINA, BENJI}))
    assert sample_verified(model, 0) == (MI1,)
    assert sample_verified(alone, 0) == ()


def test_mitigations_that_are_due_wait_until_the_review_is_over() -> None:
    planned = decide_all(
        PlanMitigation(by=BENJI, at=at(4011), threat=TH1, title="Fit a lock", owner=BENJI), after=REMEDIATED
    )
    assert seen(planned).next.act is NextStepKind.PUT_IN_PLACE
    reopened = decide_all(ReopenThreatModel(by=AMINA, at=at(4100)), after=close(planned, 4014))
    assert seen(reopened).next.act is NextStepKind.CLOSE


def test_what_was_undecided_and_unscored_at_the_closing_is_not_asked_in_the_review() -> None:
    moved = BeginRemediation(by=AMINA, at=at(4001), reasons=reasons_for_conditions())
    events = decide_all(moved, after=CONFIRMED)
    assert seen(events).to_score == (TH1, TH2, TH3)
    assert seen(events).suggested_threats
    reopened = decide_all(ReopenThreatModel(by=AMINA, at=at(4100)), after=close(events, 4002))
    assert seen(reopened).to_score == ()
    assert seen(reopened).next.act is NextStepKind.RESPOND


def test_a_threat_is_voted_on_again_if_an_answer_behind_it_is_newer_than_its_vote() -> None:
    assert seen(REOPENED).to_score == ()
    reply = Reply(element=FRONT, fact="caller_authenticated", answer=Answer.YES)
    back = replace(reply, answer=Answer.NO)
    events = REOPENED
    for minute, one in ((4103, reply), (4104, back)):
        events = decide_all(AnswerQuestions(by=BENJI, at=at(minute), replies=(one,)), after=events)
    assert seen(events).to_score == (TH1,)


REVISED = decide_all(
    ReviseEntryPoint(
        by=AMINA, at=at(4101), element=FRONT, name="Front door", description="Opens by a code since May"
    ),
    after=REOPENED,
)
CONFIRMED_AGAIN = AnswerQuestions(by=BENJI, at=at(4102), still_true=(FRONT,))
ASKED_AGAIN = ("caller_authenticated",)


def test_the_answers_about_a_revised_element_are_asked_until_a_person_says_that_they_are_still_true() -> None:
    assert seen(REOPENED).to_restate == {}
    assert seen(REVISED).to_restate == {FRONT: ASKED_AGAIN}
    step = seen(REVISED).next
    assert step.act is NextStepKind.RESTATE
    assert step.text == "State whether the answers about 1 revised element are still true"
    assert "Revised elements not reviewed: EP-1" in [one.text for one in seen(REVISED).conditions]
    stated = decide_all(CONFIRMED_AGAIN, after=REVISED)
    assert seen(stated).to_restate == {}
    about = (FRONT, "caller_authenticated")
    before, now = replay(REVISED), replay(stated)
    assert now.facts[about] is before.facts[about]
    basis = now.bases[about]
    assert (basis.by, basis.at, basis.given_at) == (BENJI, at(4102), before.bases[about].at)


def test_answers_that_are_still_true_are_no_new_answers_to_vote_on() -> None:
    stated = decide_all(CONFIRMED_AGAIN, after=REVISED)
    assert seen(stated).to_score == ()
    assert review_summary(seen(CLOSED), seen(stated)) == "1 entry point changed"


def test_an_answer_that_was_changed_since_the_revision_is_not_stated_again() -> None:
    reply = Reply(element=FRONT, fact="caller_authenticated", answer=Answer.YES)
    changed = decide_all(AnswerQuestions(by=AMINA, at=at(4102), replies=(reply,)), after=REVISED)
    assert seen(changed).to_restate == {}
    assert decide_all(replace(CONFIRMED_AGAIN, at=at(4103)), after=changed) == changed


def test_a_second_revision_asks_again_and_a_revision_taken_back_does_not() -> None:
    stated = decide_all(CONFIRMED_AGAIN, after=REVISED)
    again = ReviseEntryPoint(by=AMINA, at=at(4103), element=FRONT, name="Front door", description="By a key")
    assert seen(decide_all(again, after=stated)).to_restate == {FRONT: ASKED_AGAIN}
    assert seen(decide_all(Undo(by=AMINA, at=at(4102)), after=REVISED)).to_restate == {}


def test_only_what_people_stated_of_elements_that_were_there_at_the_closing_is_asked_again() -> None:
    new = ReviseEntryPoint(by=AMINA, at=at(4105), element=ElementId("EP-4"), name="Cat door")
    reply = Reply(element=ElementId("EP-4"), fact="anonymous_by_design", answer=Answer.NO)
    given = AnswerQuestions(by=AMINA, at=at(4104), replies=(reply,))
    assert seen(decide_all(given, new, after=DRAWN)).to_restate == {}
    unknown = Reply(element=FRONT, fact="caller_authenticated", answer=Answer.UNKNOWN)
    open_one = AnswerQuestions(by=AMINA, at=at(4100), replies=(unknown,))
    revised = replace(new, element=FRONT, name="Front gate")
    assert seen(decide_all(open_one, revised, after=REOPENED)).to_restate == {}
    accepted = AnswerQuestions(
        by=AMINA, at=at(4101), replies=(replace(unknown, answer=Answer.NO),), basis=BasisKind.ASSUMED
    )
    assert seen(decide_all(open_one, accepted, revised, after=REOPENED)).to_restate == {}


def test_a_review_ends_with_the_next_closing() -> None:
    assert seen(close(DRAWN, 4200)).review is None


def test_the_changes_between_two_closings_are_counted_in_one_sentence() -> None:
    assert review_summary(seen(CLOSED), seen(REOPENED)) == "no changes"
    assert review_summary(seen(CLOSED), seen(DRAWN)) == "1 entry point changed, 1 data flow changed"
    reply = Reply(element=FRONT, fact="caller_authenticated", answer=Answer.YES)
    answered = decide_all(AnswerQuestions(by=BENJI, at=at(4103), replies=(reply,)), after=REOPENED)
    assert review_summary(seen(CLOSED), seen(answered)) == "1 question answered, 1 gone"
