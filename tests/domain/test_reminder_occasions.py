"""What else people are reminded of: risks whose time is over, questions, closed models; and where."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AnswerQuestions,
    AnswerScreening,
    ApproveAcceptance,
    ChooseResponse,
    ChooseTerms,
    Command,
    OpenQuestion,
    ProposeAcceptance,
    ReopenThreatModel,
    Reply,
    ReviseScope,
    ScreeningReply,
)
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import PersonId
from domain.kernel.inherited_settings import ReminderFrequency
from domain.kernel.threat import ResponseKind
from domain.register import register
from domain.reminders import Occasion, Reachability, Reminder
from domain.replay import replay
from domain.working_hours import WorkingHours
from tests.domain.remediation_story import TH1, THREATS, plan
from tests.domain.reminder_models import (
    model_with_mitigation,
    reminders_due,
    same_reach_for_all,
    sent_deliveries,
    sent_until,
    utc_time,
)
from tests.domain.suggested_threats import AMINA, BENJI, CHIYO, HOUSE
from tests.domain.test_asking import FIRST, SECOND, ask
from tests.domain.test_spot_checks import events_after, every_check, pending
from tests.examples import ANA, BEN, CHI, at, closed, decide_all

ALWAYS = WorkingHours(days=(1, 2, 3, 4, 5, 6, 7), starts=time(0), ends=time(23, 59))
SPRING, SUMMER = date(2026, 3, 31), date(2026, 4, 30)
ACCEPTED: tuple[Command, ...] = (
    ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out", approver=CHI),
    ApproveAcceptance(by=CHI, at=at(11), threat=TH1),
)
LATER = utc_time("2026-03-25T12:00")
LONGER = replace(ACCEPTED[0], at=LATER, expires=SUMMER), replace(ACCEPTED[1], at=LATER)


def told_of(events: Sequence[RecordedEvent], until: str) -> list[tuple[str, PersonId, Occasion]]:
    """Each reminder with the moment at which it is sent, by UTC."""
    sent = sent_until(replay(events), utc_time(until))
    return [(f"{when:%a %d %b %H:%M}", one.to, one.occasion) for when, one in sent]


def test_the_facilitator_hears_before_an_accepted_risk_is_over_and_once_it_is() -> None:
    assert told_of(decide_all(*ACCEPTED, after=THREATS), "2026-04-20T12:00") == [
        ("Tue 24 Mar 09:00", ANA, Occasion.ACCEPTANCE_ENDS),
        ("Mon 30 Mar 09:00", ANA, Occasion.ACCEPTANCE_ENDS),
        ("Wed 01 Apr 09:00", ANA, Occasion.ACCEPTANCE_OVER),  # at five in the afternoon she goes home
    ]


@pytest.mark.parametrize(
    ("after", "last"),
    [
        (LONGER, [("Thu 23 Apr 09:00", ANA, Occasion.ACCEPTANCE_ENDS)]),
        ([ChooseResponse(by=BEN, at=LATER, threat=TH1, response=ResponseKind.AVOID, reason="We left")], []),
    ],
)
def test_a_new_decision_on_a_risk_is_notified_again_or_not_at_all(
    after: Sequence[Command], last: list[tuple[str, PersonId, Occasion]]
) -> None:
    events = decide_all(*ACCEPTED, *after, after=THREATS)
    assert told_of(events, "2026-04-24T12:00")[-1:] == last


@pytest.mark.parametrize(
    ("zone", "over"),
    [
        ("Asia/Kathmandu", "2026-03-31T11:15"),
        ("Pacific/Kiritimati", "2026-03-31T03:00"),
        ("Pacific/Pago_Pago", "2026-04-01T04:00"),
    ],
)
def test_an_acceptance_is_over_at_five_where_its_owner_is(zone: str, over: str) -> None:
    model = replay(decide_all(*ACCEPTED, after=THREATS))

    def people(person: PersonId) -> Reachability:
        return Reachability(zone=ZoneInfo(zone)) if person == BEN else Reachability(hours=ALWAYS)

    (before,) = reminders_due(model, {}, utc_time(over) - timedelta(minutes=1), people)
    (after,) = reminders_due(model, {}, utc_time(over), people)
    assert (before.occasion, after.occasion) == (Occasion.ACCEPTANCE_ENDS, Occasion.ACCEPTANCE_OVER)


def test_who_was_asked_hears_of_it_after_two_days_and_then_every_three_five_times_in_all() -> None:
    events = decide_all(ask(CHIYO, FIRST, SECOND), after=HOUSE)
    assert told_of(events, "2026-05-01T12:00") == [
        ("Wed 04 Mar 09:00", CHIYO, Occasion.ASKED),
        ("Mon 09 Mar 09:00", CHIYO, Occasion.ASKED),  # planned for Saturday
        ("Tue 10 Mar 09:00", CHIYO, Occasion.ASKED),
        ("Fri 13 Mar 09:00", CHIYO, Occasion.ASKED),
        ("Mon 16 Mar 09:00", CHIYO, Occasion.ASKED),
    ]


@pytest.mark.parametrize(
    ("events", "when", "told_before"),
    [
        (decide_all(*ACCEPTED, after=THREATS), "2026-03-24T12:00", Occasion.ACCEPTANCE_ENDS),
        (decide_all(*ACCEPTED, after=THREATS), "2026-04-01T12:00", Occasion.ACCEPTANCE_OVER),
        (decide_all(ask(CHIYO, FIRST, SECOND), after=HOUSE), "2026-03-04T12:00", Occasion.ASKED),
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/London"])
def test_a_changed_time_zone_or_hours_repeats_no_reminder(
    zone: str, events: Sequence[RecordedEvent], when: str, told_before: Occasion
) -> None:
    model = replay(events)
    before = [one for _, one in sent_until(model, utc_time(when))]
    assert before[-1].occasion is told_before
    moved = same_reach_for_all(Reachability(zone=ZoneInfo(zone), hours=ALWAYS))
    assert reminders_due(model, sent_deliveries(*before), utc_time(when), moved) == ()


def test_who_has_answered_or_handed_it_on_hears_no_more() -> None:
    replies = tuple(
        Reply(element=one.element, fact=one.fact, answer=Answer.UNKNOWN) for one in (FIRST, SECOND)
    )
    answered = AnswerQuestions(by=CHIYO, at=at(200), replies=replies)
    events = decide_all(ask(CHIYO, FIRST, SECOND), after=HOUSE)
    assert told_of(decide_all(answered, after=events), "2026-03-20T12:00") == []
    handed_on = decide_all(ask(AMINA, FIRST, SECOND, minute=200), after=events)
    assert {to for _, to, _ in told_of(handed_on, "2026-03-20T12:00")} == {AMINA}


def test_the_facilitator_hears_on_the_day_what_has_no_answer_yet() -> None:
    wanted = ReviseScope(by=BENJI, at=at(100), name="The House", answers_by=date(2026, 3, 6))
    events = decide_all(wanted, after=HOUSE)
    assert told_of(events, "2026-05-01T12:00") == [("Fri 06 Mar 09:00", AMINA, Occasion.ANSWERS_DUE)]


def test_nobody_is_reminded_of_a_question_that_was_screened_out() -> None:
    software = [question for question in register(replay(HOUSE)).questions if question.fact == "software"]
    said = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.YES) for one in software)
    house = decide_all(AnswerQuestions(by=BENJI, at=at(100), replies=said), after=HOUSE)
    topics = {fact: topic.id for topic in BUILT_IN.topics.values() for fact in topic.facts}
    asked = next(question for question in register(replay(house)).questions if question.fact in topics)
    events = decide_all(ask(CHIYO, OpenQuestion(element=asked.element, fact=asked.fact)), after=house)
    assert {to for _, to, _ in told_of(events, "2026-03-20T12:00")} == {CHIYO}
    out = tuple(ScreeningReply(topic=one, answer=Answer.NO) for one in BUILT_IN.topics)
    screened = decide_all(AnswerScreening(by=BENJI, at=at(200), replies=out), after=events)
    assert told_of(screened, "2026-03-20T12:00") == []


def test_a_closed_model_comes_to_mind_once_after_ninety_days() -> None:
    over = closed(THREATS, minute=60)
    assert told_of(over, "2026-12-31T12:00") == [("Mon 01 Jun 09:00", ANA, Occasion.REVIEW)]
    opened = decide_all(ReopenThreatModel(by=ANA, at=at(70)), after=over)
    assert Occasion.REVIEW not in {occasion for _, _, occasion in told_of(opened, "2026-06-02T12:00")}


def test_what_is_planned_in_a_closed_model_is_still_to_be_done() -> None:
    due = replace(plan(), due=date(2026, 3, 18))
    over = closed(decide_all(due, after=THREATS), minute=60)
    assert ("Wed 18 Mar 09:00", CHI, Occasion.DUE_TODAY) in told_of(over, "2026-03-20T12:00")


def test_a_team_that_wants_to_be_reminded_often_is() -> None:
    often = ChooseTerms(by=ANA, at=at(20), reminders=ReminderFrequency.OFTEN)
    events = decide_all(replace(plan(), due=date(2026, 3, 18)), often, after=THREATS)
    days = told_of(events, "2026-03-27T12:00")
    assert [(day[4:10], to) for day, to, _ in days] == [
        *((day, CHI) for day in ("04 Mar", "11 Mar", "16 Mar", "17 Mar", "18 Mar", "19 Mar", "20 Mar")),
        # Those of the weekend and of Monday are one; the week after the day is over.
        *((day, CHI) for day in ("23 Mar", "24 Mar", "25 Mar")),
        ("26 Mar", ANA),
    ]


SOON, TODAY = Occasion.DUE_SOON, Occasion.DUE_TODAY


@pytest.mark.parametrize(
    ("zone", "day", "occasion", "moment"),
    [
        ("Asia/Kathmandu", "2026-03-18", SOON, "2026-03-17T03:15"),
        ("Asia/Kathmandu", "2026-03-18", TODAY, "2026-03-18T03:15"),
        ("Pacific/Kiritimati", "2026-03-18", SOON, "2026-03-16T19:00"),
        ("Pacific/Kiritimati", "2026-03-18", TODAY, "2026-03-17T19:00"),
        ("Pacific/Pago_Pago", "2026-03-18", SOON, "2026-03-17T20:00"),
        ("Pacific/Pago_Pago", "2026-03-18", TODAY, "2026-03-18T20:00"),
        ("Europe/Berlin", "2026-03-27", TODAY, "2026-03-27T08:00"),  # before the clocks go forward
        ("Europe/Berlin", "2026-03-30", TODAY, "2026-03-30T07:00"),  # and after
        ("Europe/Berlin", "2026-10-23", TODAY, "2026-10-23T07:00"),  # before they go back
        ("Europe/Berlin", "2026-10-26", TODAY, "2026-10-26T08:00"),  # and after
        ("Australia/Lord_Howe", "2026-10-05", TODAY, "2026-10-04T22:00"),  # forward by half an hour
        ("America/New_York", "2028-03-01", SOON, "2028-02-29T14:00"),  # a leap day
        ("Europe/Berlin", "2027-01-01", SOON, "2026-12-31T08:00"),  # over the year's end
    ],
)
def test_the_day_before_and_the_day_begin_where_the_owner_works(
    zone: str, day: str, occasion: Occasion, moment: str
) -> None:
    model, reach = model_with_mitigation(date.fromisoformat(day)), Reachability(zone=ZoneInfo(zone))

    def last(ago: timedelta) -> Reminder | None:
        due = reminders_due(model, {}, utc_time(moment) - ago, same_reach_for_all(reach))
        return next((one for one in due if one.to == CHI), None)

    now, before = last(timedelta(0)), last(timedelta(minutes=1))
    assert now is not None
    assert (now.occasion, now.due) == (occasion, utc_time(moment))
    assert before is None or before.due < utc_time(moment)


def test_people_are_reminded_of_the_answers_that_they_are_asked_about() -> None:
    events = events_after()
    told = {to for _, to, occasion in told_of(events, "2026-03-03T12:00") if occasion is Occasion.SPOT_CHECK}
    assert told == {one.asked for one in pending(events)}
    done = events_after(*every_check())
    assert not [one for one in told_of(done, "2026-03-03T12:00") if one[2] is Occasion.SPOT_CHECK]


def test_someone_else_is_reminded_of_a_check_whose_person_left() -> None:
    model = replay(events_after())
    gone = {one.asked for one in pending(events_after())} - {AMINA}

    def people(person: PersonId) -> Reachability:
        return Reachability(gone=person in gone)

    due = reminders_due(model, {}, utc_time("2026-03-03T12:00"), people)
    assert {one.to for one in due if one.occasion is Occasion.SPOT_CHECK} == {AMINA}
