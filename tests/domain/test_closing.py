"""What has to stand before a model is closed, and what comes after: looking back, and looking again."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.commands import (
    AnswerRetrospective,
    ApplyWorkspaceSettings,
    ApproveAcceptance,
    BeginRemediation,
    ChooseResponse,
    CloseThreatModel,
    Command,
    ConfirmClosing,
    DeclineAcceptance,
    ProposeAcceptance,
    ReopenThreatModel,
    SnoozeReminder,
    Undo,
)
from domain.events import RecordedEvent, ReminderSnoozed, RetrospectiveAnswered, ThreatModelClosed
from domain.gates import Gate
from domain.history import timeline
from domain.kernel.elements import SYSTEM
from domain.kernel.inherited_settings import InheritedSettings
from domain.kernel.length_limits import TEXT
from domain.kernel.response import ResponseKind
from domain.kernel.retrospective import RetrospectiveAnswer, RetrospectiveQuestion
from domain.register import register
from domain.rejections import ContentMissing, NotAParticipant, NotInThisPhase, Rejected, TooLong
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
    reasons_for_gates,
    started,
)

BEGIN = BeginRemediation(by=ANA, at=at(20), reason="the rest can wait")
GRAVE = decide_all(*(ballot_of(one, 9) for one in VOTERS), BEGIN, after=OPENED)
"""The plumber is critical; the others have no score."""
HARMLESS = decide_all(*(ballot_of(one, 2) for one in VOTERS), BEGIN, after=OPENED)
CLOSE = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_gates())
CLOSED = closed(THREATS, minute=60)
NEXT = len(CLOSED) + 1
NOON = at(180)
LATER = datetime(2027, 1, 1, tzinfo=at(0).tzinfo)


UNSCORED = decide_all(BEGIN, after=OPENED)
"""Nothing has a score, since the round is still open."""


def gate(id: str, events: list[RecordedEvent], now: datetime = NOON) -> Gate:
    return next(one for one in register(replay(events), now).gates if one.id == id)


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
    found = gate("responses_chosen", decide_all(*steps, after=events))
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
    assert "TH-1" in gate("responses_chosen", decide_all(transfer, after=GRAVE)).text
    dated = ChooseResponse(
        by=BEN,
        at=at(31),
        threat=TH1,
        response=ResponseKind.TRANSFER,
        reason="They bear it",
        transferred_to="Insurance company",
        due=SPRING,
    )
    assert "TH-1" not in gate("responses_chosen", decide_all(transfer, dated, after=GRAVE)).text


def test_every_acceptance_has_to_be_approved_and_still_to_hold() -> None:
    assert gate("acceptances_approved", THREATS).met
    proposed = decide_all(propose(), after=THREATS)
    assert not gate("acceptances_approved", proposed).met
    assert gate("acceptances_approved", decide_all(APPROVE, after=proposed)).met
    assert not gate("acceptances_approved", decide_all(APPROVE, after=proposed), now=LATER).met
    declined = DeclineAcceptance(by=CHI, at=at(31), threat=TH1, reason="Too long")
    assert gate("acceptances_approved", decide_all(declined, after=proposed)).met


def test_closing_keeps_which_gates_were_open() -> None:
    over = closed(decide_all(propose(), after=THREATS), minute=60)[-1]
    assert isinstance(over, ThreatModelClosed)
    assert "acceptances_approved" in [one.gate for one in over.overrides]


def test_a_closed_model_is_looked_at_again_on_the_day_chosen_at_closing() -> None:
    day = at(60).date() + timedelta(days=30)
    command = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_gates(), review_on=day)
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
    command = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_gates())
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
    words = [one.text for one in RetrospectiveQuestion]
    assert len(set(words)) == 5
    assert all(one.endswith("?") and len(one) <= 60 for one in words)


def test_people_look_back_once_it_is_closed_and_leave_out_what_they_like() -> None:
    given(*CLOSED).when(look_back(surprise=" The plumber ", missed=" ")).then(
        RetrospectiveAnswered(by=BEN, at=at(70), answer=NEXT, answers=answers(surprise="The plumber"))
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
        by=BEN, at=at(81), answer=NEXT + 3, undoes=NEXT + 1, answers=answers(surprise="The plumber")
    )
    given(*reopened).when(undo).then(back)
    given(*reopened, back).when(undo).then(
        RetrospectiveAnswered(by=BEN, at=at(81), answer=NEXT + 4, undoes=NEXT)
    )


def snooze(until: datetime, key: str = "one") -> SnoozeReminder:
    return SnoozeReminder(by=BEN, at=at(70), key=key, until=until)


def test_one_nudge_is_snoozed() -> None:
    tomorrow = at(70) + timedelta(days=1)
    given(*CLOSED).when(snooze(tomorrow)).then(
        ReminderSnoozed(by=BEN, at=at(70), answer=NEXT, key="one", until=tomorrow)
    )
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
def test_a_nudge_is_snoozed_for_a_while_only(until: datetime, sentence: str) -> None:
    given(*THREATS).when(snooze(until)).then_refused(Rejected, sentence, field="until")


def test_owners_snooze_theirs_though_they_take_no_part_in_the_rest() -> None:
    owned = decide_all(plan(TH2, owner=DEE), after=[started(participants=(ANA, BEN, CHI)), *THREATS[1:]])
    by_owner = SnoozeReminder(by=DEE, at=at(70), key="one", until=at(90))
    given(*owned).when(by_owner).then(
        ReminderSnoozed(by=DEE, at=at(70), answer=len(owned) + 1, key="one", until=at(90))
    )
    by_stranger = SnoozeReminder(by=STRANGER, at=at(70), key="one", until=at(90))
    given(*owned).when(by_stranger).then_refused(NotAParticipant, "You are not a participant of this model")


def test_a_snooze_is_taken_back() -> None:
    snoozed = decide_all(snooze(at(90)), after=THREATS)
    back = decide_all(Undo(by=BEN, at=at(71)), after=snoozed)
    assert back[-1] == ReminderSnoozed(
        by=BEN, at=at(71), answer=len(snoozed) + 1, undoes=len(snoozed), key="one"
    )
    assert "one" not in replay(back).snoozed
