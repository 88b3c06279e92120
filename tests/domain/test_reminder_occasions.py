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


def asked_on(events: Sequence[RecordedEvent], until: str, *to: PersonId) -> list[tuple[str, PersonId]]:
    """Return the days on which people are reminded of open questions; without people, all of them."""
    sent = [(when[:10], who) for when, who, what in told_of(events, until) if what is Occasion.ASKED]
    return [(when, who) for when, who in sent if not to or who in to]


def test_who_was_asked_is_reminded_before_the_day_on_it_and_five_times_after_it() -> None:
    events = decide_all(ask(CHIYO, FIRST, SECOND), after=HOUSE)
    assert asked_on(events, "2026-05-01T12:00", CHIYO) == [
        (day, CHIYO)
        # Those of the day before, a Sunday, and of the day itself are one; so are those of weekends.
        for day in ("Mon 09 Mar", "Thu 12 Mar", "Mon 16 Mar", "Wed 18 Mar", "Mon 23 Mar", "Tue 24 Mar")
    ]


def test_the_day_of_a_question_is_chosen_with_its_owner() -> None:
    later = replace(ask(CHIYO, FIRST), due=date(2026, 4, 1))
    events = decide_all(later, after=HOUSE)
    assert asked_on(events, "2026-04-01T12:00", CHIYO) == [
        ("Wed 25 Mar", CHIYO),
        ("Tue 31 Mar", CHIYO),
        ("Wed 01 Apr", CHIYO),
    ]


def test_a_dont_know_reminds_whoever_said_it() -> None:
    assert {who for _, who in asked_on(HOUSE, "2026-03-20T12:00")} == {BENJI}


def test_the_facilitator_is_reminded_of_the_questions_of_an_owner_who_has_left() -> None:
    def people(person: PersonId) -> Reachability:
        return Reachability(gone=person == BENJI)

    due = reminders_due(replay(HOUSE), {}, utc_time("2026-03-09T12:00"), people)
    assert [(one.to, one.occasion) for one in due] == [(AMINA, Occasion.ASKED)]


@pytest.mark.parametrize(
    ("events", "when", "told_before"),
    [
        (decide_all(*ACCEPTED, after=THREATS), "2026-03-24T12:00", Occasion.ACCEPTANCE_ENDS),
        (decide_all(*ACCEPTED, after=THREATS), "2026-04-01T12:00", Occasion.ACCEPTANCE_OVER),
        (HOUSE, "2026-03-10T12:00", Occasion.ASKED),
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


def answer(person: PersonId, answer: Answer) -> AnswerQuestions:
    replies = tuple(Reply(element=one.element, fact=one.fact, answer=answer) for one in (FIRST, SECOND))
    return AnswerQuestions(by=person, at=at(200), replies=replies)


def test_who_has_answered_or_handed_it_on_hears_no_more() -> None:
    events = decide_all(ask(CHIYO, FIRST, SECOND), after=HOUSE)
    for reply in (Answer.YES, Answer.NO, Answer.NOT_APPLICABLE):
        assert not asked_on(decide_all(answer(CHIYO, reply), after=events), "2026-03-20T12:00", CHIYO)
    handed_on = decide_all(ask(AMINA, FIRST, SECOND, minute=200), after=events)
    assert {to for _, to in asked_on(handed_on, "2026-03-20T12:00", AMINA, CHIYO)} == {AMINA}


def test_who_does_not_know_either_keeps_the_question() -> None:
    events = decide_all(ask(CHIYO, FIRST, SECOND), answer(CHIYO, Answer.UNKNOWN), after=HOUSE)
    assert asked_on(events, "2026-03-20T12:00", CHIYO)


def test_the_facilitator_hears_on_the_day_what_has_no_answer_yet() -> None:
    wanted = ReviseScope(by=BENJI, at=at(100), name="The House", answers_by=date(2026, 3, 6))
    events = decide_all(wanted, after=HOUSE)
    assert ("Fri 06 Mar 09:00", AMINA, Occasion.ANSWERS_DUE) in told_of(events, "2026-05-01T12:00")


def test_nobody_is_reminded_of_a_question_that_was_screened_out() -> None:
    software = [question for question in register(replay(HOUSE)).questions if question.fact == "software"]
    said = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.YES) for one in software)
    house = decide_all(AnswerQuestions(by=BENJI, at=at(100), replies=said), after=HOUSE)
    topics = {fact: topic.id for topic in BUILT_IN.topics.values() for fact in topic.facts}
    asked = next(question for question in register(replay(house)).questions if question.fact in topics)
    events = decide_all(ask(CHIYO, OpenQuestion(element=asked.element, fact=asked.fact)), after=house)
    assert asked_on(events, "2026-03-20T12:00", CHIYO)
    out = tuple(ScreeningReply(topic=one, answer=Answer.NO) for one in BUILT_IN.topics)
    screened = decide_all(AnswerScreening(by=BENJI, at=at(200), replies=out), after=events)
    assert not asked_on(screened, "2026-03-20T12:00", CHIYO)


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
