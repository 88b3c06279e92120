"""Moving between the phases, closing, and what comes after: looking back, and looking again."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import get_args

import pytest
from msgspec.structs import replace

from domain.commands import (
    COMMAND_TYPES,
    AddAsset,
    AddEntryPoint,
    AddTrustLevel,
    AnswerRetrospective,
    ApplyWorkspaceSettings,
    ApproveAcceptance,
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    ChooseResponse,
    CloseThreatModel,
    Command,
    ConfirmClosing,
    DeclineAcceptance,
    DrawFlows,
    FlowByNames,
    PhaseMoveCommand,
    ProposeAcceptance,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
    SnoozeReminder,
    TakeOver,
    Undo,
)
from domain.events import (
    PhaseMoved,
    RecordedEvent,
    ReminderSnoozed,
    RetrospectiveAnswered,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
)
from domain.history import timeline
from domain.kernel.answer_basis import SpotChecks
from domain.kernel.closing import ConditionOverride, RetrospectiveAnswer, RetrospectiveQuestion, Review
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.inherited_settings import InheritedSettings
from domain.kernel.length_limits import TEXT
from domain.kernel.threat import ResponseKind, SuggestedThreatId
from domain.lifecycle import (
    ALLOWED,
    LEAVES,
    TRANSITION_OF,
    ThreatModelLifecycle,
    diagram,
    phase_of,
    step_after,
)
from domain.model import ThreatModel
from domain.phase_conditions import Condition
from domain.register import register
from domain.rejections import (
    ContentMissing,
    NotAParticipant,
    NotInThisPhase,
    NotTheFacilitator,
    Rejected,
    TooLong,
    UnmetConditions,
)
from domain.replay import replay
from tests.domain.remediation_story import SPRING, TH2, THREATS, plan
from tests.domain.voting_story import IDENTIFIED, OPENED, TH1, VOTERS, ballot_of
from tests.examples import (
    ANA,
    BEN,
    CHI,
    DEE,
    STRANGER,
    at,
    closed,
    decide_all,
    given,
    reasons_for_conditions,
    recorded,
    started,
)
from tests.for_each import for_each

COLLECTED = decide_all(
    AddAsset(by=ANA, at=at(1), name="Key"),
    AddEntryPoint(by=ANA, at=at(1), name="Door"),
    AddTrustLevel(by=ANA, at=at(1), name="Residents"),
    DrawFlows(by=ANA, at=at(1), flows=(FlowByNames(source="Guest", target="House"),)),
    after=[started()],
)
NEXT = len(COLLECTED) + 1


def review_of(closed: Sequence[RecordedEvent]) -> Review:
    """Return the review of a closed model: since its closing, without what was open then."""
    model = replay(closed)
    assert model.closed_at is not None
    seen = register(model)
    return Review(
        since=model.closed_at,
        unplaced=seen.unplaced,
        left_open=tuple((one.element, one.fact) for one in seen.questions),
        undecided=tuple(SuggestedThreatId(one.id) for one in seen.suggested_threats),
    )


def test_with_enough_collected_the_facilitator_moves_on_to_analysis() -> None:
    given(*COLLECTED).when(BeginAnalysis(by=ANA, at=at(2))).then(recorded(PhaseMoved, step="identifying"))


def test_what_is_missing_for_analysis_is_said() -> None:
    given(started()).when(BeginAnalysis(by=ANA, at=at(2))).then_refused(
        UnmetConditions,
        "Missing: an asset, an entry point, a trust level, a data flow",
        field="reason_collected",
    )


def test_a_stated_reason_opens_the_guard_and_is_kept_with_what_was_missing() -> None:
    events = decide_all(AddAsset(by=ANA, at=at(1), name="Key"), after=[started()])
    given(*events).when(BeginAnalysis(by=ANA, at=at(2), reason=" a first look ")).then(
        recorded(
            PhaseMoved,
            step="identifying",
            overrides=(
                ConditionOverride(
                    condition="collected",
                    text="Missing: an entry point, a trust level, a data flow",
                    reason="a first look",
                    until=date(2027, 3, 2),
                ),
            ),
        )
    )


def test_others_than_the_facilitator_are_told_who_it_is() -> None:
    given(*COLLECTED).when(BeginAnalysis(by=BEN, at=at(2))).then_refused(NotTheFacilitator, "@UANA")
    taken = decide_all(TakeOver(by=BEN, at=at(2)), after=COLLECTED)
    given(*taken).when(BeginAnalysis(by=BEN, at=at(3))).then(recorded(PhaseMoved, step="identifying"))


def test_going_back_loses_nothing() -> None:
    there = decide_all(BeginAnalysis(by=ANA, at=at(2)), after=COLLECTED)
    back = decide_all(ReturnToCollection(by=ANA, at=at(3), reason="we forgot the garage"), after=there)
    before, after = replay(COLLECTED), replay(back)
    assert after.step == "collection"
    assert (after.elements, after.facts) == (before.elements, before.facts)


def test_a_phase_is_not_jumped_over() -> None:
    given(*COLLECTED).when(BeginRemediation(by=ANA, at=at(2), reason="hurry")).then_refused(
        NotInThisPhase, "TM-1 is in the collection"
    )
    given(*COLLECTED).when(ReturnToAnalysis(by=ANA, at=at(2))).then_refused(
        NotInThisPhase, "TM-1 is in the collection phase. This action is available only in the remediation"
    )


def test_without_threats_remediation_needs_a_reason() -> None:
    analysing = decide_all(BeginAnalysis(by=ANA, at=at(2)), after=COLLECTED)
    given(*analysing).when(BeginRemediation(by=ANA, at=at(3))).then_refused(
        UnmetConditions,
        "A condition for remediation is not met. No threat is recorded",
        field="reason_threats_found",
    )
    given(*analysing).when(BeginRemediation(by=ANA, at=at(3), reason="a drill")).then(
        recorded(
            PhaseMoved,
            step="responding",
            overrides=(
                ConditionOverride(
                    condition="threats_found",
                    text="No threat is recorded",
                    reason="a drill",
                    until=date(2027, 3, 2),
                ),
            ),
            spot_checks=SpotChecks(picked=(), draw=0, at=at(3)),
        )
    )


def test_closing_with_an_open_condition_needs_a_reason_and_names_the_condition() -> None:
    given(started()).when(CloseThreatModel(by=ANA, at=at(2))).then_refused(
        UnmetConditions, "Missing: an asset,", field="reason_collected"
    )
    closed = decide_all(CloseThreatModel(by=ANA, at=at(2), reason="cancelled"), after=[started()])[-1]
    assert isinstance(closed, ThreatModelClosed)
    assert [(override.condition, override.reason) for override in closed.overrides] == [
        ("collected", "cancelled")
    ]
    assert closed.reason == "", "the reason belongs to the only condition that was open"


def test_a_closed_model_takes_no_answers_until_it_is_reopened() -> None:
    closed = decide_all(CloseThreatModel(by=ANA, at=at(2), reason="done"), after=COLLECTED)
    given(*closed).when(AddAsset(by=BEN, at=at(3), name="Purse")).then_refused(
        NotInThisPhase, "TM-1 is closed. Reopen it first"
    )
    given(*closed).when(ReopenThreatModel(by=ANA, at=at(3), reason="one more")).then(
        recorded(ThreatModelReopened, step="collection", reason="one more", review=review_of(closed))
    )


def test_an_archived_model_comes_back_where_it_was_left() -> None:
    events = decide_all(
        BeginAnalysis(by=ANA, at=at(2)),
        CloseThreatModel(by=ANA, at=at(3), reason="done"),
        after=COLLECTED,
    )
    given(*events).when(ArchiveThreatModel(by=ANA, at=at(4))).then(recorded(ThreatModelArchived))
    archived = decide_all(ArchiveThreatModel(by=ANA, at=at(4)), after=events)
    assert replay(archived).step == "archived"
    given(*archived).when(ReopenThreatModel(by=ANA, at=at(5))).then(
        recorded(ThreatModelReopened, step="identifying", review=review_of(events))
    )


def test_someone_can_take_over_a_model_that_was_put_away() -> None:
    archived = decide_all(ArchiveThreatModel(by=ANA, at=at(4)), TakeOver(by=BEN, at=at(5)), after=COLLECTED)
    assert replay(archived).facilitator == BEN


def test_every_command_has_its_place_in_the_chart() -> None:
    assert set(TRANSITION_OF) == set(COMMAND_TYPES)
    declared = {str(event) for event in ThreatModelLifecycle.events}
    assert declared == set(TRANSITION_OF.values()), "a transition that no command asks for"


MOVES: list[tuple[str, type[PhaseMoveCommand]]] = [
    (step, move) for step in sorted(LEAVES - {"unstarted"}) for move in get_args(PhaseMoveCommand)
]


@for_each("step, move", MOVES)
def test_the_compiled_table_says_what_the_chart_does(step: str, move: type[PhaseMoveCommand]) -> None:
    model = ThreatModel(version=3, key=replay(COLLECTED).key, step=step, step_left="collection")
    try:
        after = step_after(model, move(by=PersonId("UANA"), at=at(1), reason="to see"))
    except Rejected:
        assert step not in ALLOWED[move]
    else:
        assert step in ALLOWED[move]
        assert after in LEAVES


def test_every_step_belongs_to_a_phase_and_the_diagram_shows_it() -> None:
    for step in LEAVES:
        assert phase_of(step)
        assert step in diagram()


@pytest.mark.parametrize(("left", "step"), [("identifying", "identifying"), ("tracking", "responding")])
def test_a_model_is_reopened_in_the_phase_it_was_left_in(left: str, step: str) -> None:
    model = ThreatModel(version=3, key=replay(COLLECTED).key, step="closed", step_left=left)
    assert step_after(model, ReopenThreatModel(by=ANA, at=at(1))) == step


BEGIN = BeginRemediation(by=ANA, at=at(20), reason="the rest can wait")
GRAVE = decide_all(*(ballot_of(voter, 9) for voter in VOTERS), BEGIN, after=OPENED)
"""The plumber is critical; the others have no score."""
HARMLESS = decide_all(*(ballot_of(voter, 2) for voter in VOTERS), BEGIN, after=OPENED)
CLOSE = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_conditions())
CLOSED = closed(THREATS, minute=60)
AFTER_CLOSED = len(CLOSED) + 1
NOON = at(180)
LATER = datetime(2027, 1, 1, tzinfo=at(0).tzinfo)


UNSCORED = decide_all(BEGIN, after=OPENED)
"""Nothing has a score, since the round is still open."""


def condition(id: str, events: list[RecordedEvent], now: datetime = NOON) -> Condition:
    return next(one for one in register(replay(events), now).conditions if one.id == id)


def propose() -> ProposeAcceptance:
    return ProposeAcceptance(by=BEN, at=at(30), threat=TH1, expires=SPRING, reason="We move out")


APPROVE = ApproveAcceptance(by=CHI, at=at(31), threat=TH1)


@pytest.mark.parametrize(
    ("events", "steps", "met"),
    [
        (IDENTIFIED, (), False),
        (HARMLESS, (), False),
        (HARMLESS, (plan(minute=30, owner=None),), True),
        (UNSCORED, (plan(minute=30, owner=None),), False),
        (UNSCORED, (plan(minute=30),), True),
        (GRAVE, (), False),
        (GRAVE, (plan(minute=30),), True),
        (GRAVE, (plan(minute=30, owner=None),), False),
        (GRAVE, (propose(),), False),
        (GRAVE, (propose(), APPROVE), True),
    ],
    ids=[
        "no score",
        "low",
        "low, planned without owner",
        "no score, planned without owner",
        "no score, planned",
        "nothing",
        "planned",
        "unowned",
        "proposed",
        "accepted",
    ],
)
def test_every_threat_needs_a_response_and_a_grave_or_unscored_one_an_owner_and_a_date(
    events: list[RecordedEvent], steps: tuple[Command, ...], met: bool
) -> None:
    found = condition("responses_chosen", decide_all(*steps, after=events))
    assert ("TH-1" not in found.text) is met


def test_transferring_needs_a_date_for_that_too() -> None:
    transfer = ChooseResponse(
        by=BEN,
        at=at(30),
        threat=TH1,
        response=ResponseKind.TRANSFER,
        reason="They bear it",
        transferred_to="Insurance company",
    )
    assert "TH-1" in condition("responses_chosen", decide_all(transfer, after=GRAVE)).text
    dated = ChooseResponse(
        by=BEN,
        at=at(31),
        threat=TH1,
        response=ResponseKind.TRANSFER,
        reason="They bear it",
        transferred_to="Insurance company",
        due=SPRING,
    )
    assert "TH-1" not in condition("responses_chosen", decide_all(transfer, dated, after=GRAVE)).text


def test_every_acceptance_has_to_be_approved_and_still_to_hold() -> None:
    assert condition("acceptances_approved", THREATS).met
    proposed = decide_all(propose(), after=THREATS)
    assert not condition("acceptances_approved", proposed).met
    assert condition("acceptances_approved", decide_all(APPROVE, after=proposed)).met
    assert not condition("acceptances_approved", decide_all(APPROVE, after=proposed), now=LATER).met
    declined = DeclineAcceptance(by=CHI, at=at(31), threat=TH1, reason="Too long")
    assert condition("acceptances_approved", decide_all(declined, after=proposed)).met


def test_closing_keeps_which_conditions_were_open() -> None:
    over = closed(decide_all(propose(), after=THREATS), minute=60)[-1]
    assert isinstance(over, ThreatModelClosed)
    assert "acceptances_approved" in [override.condition for override in over.overrides]


def test_a_closed_model_is_looked_at_again_on_the_day_chosen_at_closing() -> None:
    day = at(60).date() + timedelta(days=30)
    command = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_conditions(), review_on=day)
    confirm = ConfirmClosing(by=BEN, at=at(60))
    events = decide_all(command, confirm, after=THREATS)
    due = at(60) + timedelta(days=30)
    assert register(replay(events), at(61)).review_due == due
    assert "with a review on" in timeline(events)[-1].text
    reopened = decide_all(ReopenThreatModel(by=ANA, at=at(61)), after=events)
    assert replay(reopened).review_on is None
    given(*THREATS).when(replace(command, review_on=at(60).date() - timedelta(days=2))).then_refused(
        Rejected, "past", field="review"
    )


def test_the_workspace_proposes_when_a_closed_model_is_looked_at_again() -> None:
    half_a_year = ApplyWorkspaceSettings(
        by=SYSTEM, at=at(59), version=1, settings=InheritedSettings(review_days=180), chosen_by=ANA
    )
    command = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_conditions())
    events = decide_all(half_a_year, command, ConfirmClosing(by=BEN, at=at(60)), after=THREATS)
    assert register(replay(events), at(61)).review_due == at(60) + timedelta(days=180)


def test_a_closed_model_is_looked_at_again_after_ninety_days() -> None:
    due = at(60) + timedelta(days=90)
    found = register(replay(CLOSED), due - timedelta(microseconds=1))
    assert (found.review_due, found.review_overdue, found.changes_at) == (due, False, due)
    assert register(replay(CLOSED), due).review_overdue
    reopened = decide_all(ReopenThreatModel(by=ANA, at=at(61)), after=CLOSED)
    assert register(replay(reopened), due).review_due is None
    assert register(replay(THREATS), due).review_due is None


def answers(**said: str) -> tuple[RetrospectiveAnswer, ...]:
    return tuple(
        RetrospectiveAnswer(question=RetrospectiveQuestion(question), text=text)
        for question, text in said.items()
    )


def look_back(**said: str) -> AnswerRetrospective:
    return AnswerRetrospective(by=BEN, at=at(70), answers=answers(**said))


def test_there_are_five_short_questions() -> None:
    words = [retrospective_question.text for retrospective_question in RetrospectiveQuestion]
    assert len(set(words)) == 5
    assert all(word.endswith("?") and len(word) <= 60 for word in words)


def test_people_look_back_once_it_is_closed_and_leave_out_what_they_like() -> None:
    given(*CLOSED).when(look_back(surprise=" The plumber ", missed=" ")).then(
        recorded(RetrospectiveAnswered, answers=answers(surprise="The plumber"))
    )
    given(*CLOSED).when(look_back(missed=" ")).then_refused(ContentMissing, "Answer at least one")
    given(*CLOSED).when(look_back(missed="x" * (TEXT + 1))).then_refused(
        TooLong, "The answer has 3,001 characters", field="missed"
    )
    given(*THREATS).when(look_back(surprise="The plumber")).then_refused(
        NotInThisPhase, "TM-1 is in the remediation phase. This action is available only in the closed"
    )


def test_who_looks_back_again_says_it_again_and_others_say_their_own() -> None:
    first = decide_all(look_back(surprise="The plumber"), after=CLOSED)
    given(*first).when(look_back(surprise="The plumber")).then_nothing_happens()
    again = decide_all(look_back(doubt="The glue"), after=first)
    others = decide_all(AnswerRetrospective(by=ANA, at=at(71), answers=answers(slow="Voting")), after=again)
    said = register(replay(others)).retrospectives
    assert [(one.by, one.answers) for one in said] == [
        (ANA, answers(slow="Voting")),
        (BEN, answers(doubt="The glue")),
    ]
    assert timeline(others)[-1].text == "answered the retrospective"


def test_looking_back_is_taken_back_once_the_model_is_open_again() -> None:
    reopened = decide_all(
        look_back(surprise="The plumber"),
        look_back(doubt="The glue"),
        ReopenThreatModel(by=ANA, at=at(80)),
        after=CLOSED,
    )
    undo = Undo(by=BEN, at=at(81))
    back = RetrospectiveAnswered(
        by=BEN,
        at=at(81),
        answer=AFTER_CLOSED + 3,
        undoes=AFTER_CLOSED + 1,
        answers=answers(surprise="The plumber"),
    )
    given(*reopened).when(undo).then(back)
    given(*reopened, back).when(undo).then(
        RetrospectiveAnswered(by=BEN, at=at(81), answer=AFTER_CLOSED + 4, undoes=AFTER_CLOSED)
    )


def snooze(until: datetime, key: str = "one") -> SnoozeReminder:
    return SnoozeReminder(by=BEN, at=at(70), key=key, until=until)


def test_one_reminder_is_snoozed() -> None:
    tomorrow = at(70) + timedelta(days=1)
    given(*CLOSED).when(snooze(tomorrow)).then(recorded(ReminderSnoozed, key="one", until=tomorrow))
    snoozed = decide_all(snooze(tomorrow), after=CLOSED)
    given(*snoozed).when(snooze(tomorrow)).then_nothing_happens()
    assert dict(replay(decide_all(snooze(tomorrow, "two"), after=snoozed)).snoozed.items()) == {
        "one": tomorrow,
        "two": tomorrow,
    }


@pytest.mark.parametrize(
    ("until", "sentence"),
    [(at(70), "The time is in the past"), (at(70) + timedelta(days=14, minutes=1), "14 days at most")],
)
def test_a_reminder_is_snoozed_for_a_while_only(until: datetime, sentence: str) -> None:
    given(*THREATS).when(snooze(until)).then_refused(Rejected, sentence, field="until")


def test_owners_snooze_theirs_though_they_take_no_part_in_the_rest() -> None:
    owned = decide_all(plan(TH2, owner=DEE), after=[started(participants=(ANA, BEN, CHI)), *THREATS[1:]])
    by_owner = SnoozeReminder(by=DEE, at=at(70), key="one", until=at(90))
    given(*owned).when(by_owner).then(recorded(ReminderSnoozed, key="one", until=at(90)))
    by_stranger = SnoozeReminder(by=STRANGER, at=at(70), key="one", until=at(90))
    given(*owned).when(by_stranger).then_refused(NotAParticipant, "You are not a participant of this model")


def test_a_snooze_is_taken_back() -> None:
    snoozed = decide_all(snooze(at(90)), after=THREATS)
    back = decide_all(Undo(by=BEN, at=at(71)), after=snoozed)
    assert back[-1] == ReminderSnoozed(
        by=BEN, at=at(71), answer=len(snoozed) + 1, undoes=len(snoozed), key="one"
    )
    assert "one" not in replay(back).snoozed
