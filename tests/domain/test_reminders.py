"""Whom the bot reminds of what, and when, wherever they are and whatever clocks do there."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands import (
    ArchiveThreatModel,
    ChooseTerms,
    Command,
    DropMitigation,
    ReassignMitigation,
    RescheduleMitigation,
    SnoozeReminder,
    VerifyMitigation,
)
from domain.history import timeline
from domain.kernel.due_dates import day_after, due_moment, local_day, short_day
from domain.kernel.elements import PersonId
from domain.kernel.inherited_settings import ReminderFrequency
from domain.reminder_deliveries import THREAD, Delivery, DeliveryState
from domain.reminders import Occasion, Reachability, plan_reminders
from domain.reminders.reachability import at_work, last_at_work, next_at_work
from domain.reminders.reminder import lateness
from domain.replay import replay
from domain.working_hours import (
    USUAL,
    ChooseWorkingHours,
    EndsBeforeStart,
    NoDays,
    WorkingHours,
    WorkingHoursChosen,
    choose_hours,
    hours_after,
)
from tests.depth import examples
from tests.domain.remediation_story import MI1, TH1, THREATS, implement, plan
from tests.domain.reminder_models import (
    HERE,
    due_reminders,
    local_time,
    model_with_mitigation,
    of_override,
    reminders_due,
    same_reach_for_all,
    sent_deliveries,
    sent_until,
    utc_time,
)
from tests.domain.voting_story import DAY, OPENED, ballot_of, close_round_by_system, monday_at, open_round
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all

WEDNESDAY = date(2026, 3, 18)


def test_a_mitigation_is_told_of_before_on_and_after_its_day_then_escalated_then_in_the_digest() -> None:
    told_at = sent_until(model_with_mitigation(WEDNESDAY), utc_time("2026-04-22T12:00"))
    assert [(f"{when:%a %d %b %H:%M}", one.to, one.occasion) for when, one in told_at] == [
        ("Wed 11 Mar 09:00", CHI, Occasion.DUE_SOON),
        ("Tue 17 Mar 09:00", CHI, Occasion.DUE_SOON),
        ("Wed 18 Mar 09:00", CHI, Occasion.DUE_TODAY),
        ("Mon 23 Mar 09:00", CHI, Occasion.OVERDUE),  # planned for Saturday
        ("Tue 24 Mar 09:00", CHI, Occasion.OVERDUE),
        ("Fri 27 Mar 09:00", CHI, Occasion.OVERDUE),
        ("Mon 30 Mar 09:00", CHI, Occasion.OVERDUE),
        ("Thu 02 Apr 09:00", CHI, Occasion.OVERDUE),
        ("Mon 06 Apr 09:00", ANA, Occasion.ESCALATED),  # planned for Sunday
        ("Mon 06 Apr 09:00", THREAD, Occasion.DIGEST),
        ("Mon 13 Apr 09:00", THREAD, Occasion.DIGEST),
        ("Mon 20 Apr 09:00", THREAD, Occasion.DIGEST),
    ]


def test_no_more_than_five_come_after_the_day_however_long_it_takes() -> None:
    told_at = sent_until(model_with_mitigation(WEDNESDAY), utc_time("2026-12-31T12:00"))
    assert sum(one.occasion is Occasion.OVERDUE for _, one in told_at) == 5
    assert sum(one.occasion is Occasion.ESCALATED for _, one in told_at) == 1


def test_what_is_sent_is_not_due_again_and_what_someone_is_sending_is_not_either() -> None:
    model, now = model_with_mitigation(WEDNESDAY), utc_time("2026-03-18T09:00")
    (reminder,) = reminders_due(model, {}, now, same_reach_for_all(HERE))
    for state in DeliveryState:
        found = reminders_due(model, sent_deliveries(reminder, state=state), now, same_reach_for_all(HERE))
        assert (reminder in found) == (state is DeliveryState.HELD_BACK)


def test_after_an_outage_only_the_last_one_about_each_thing_comes_and_says_that_it_is_late() -> None:
    model = model_with_mitigation(WEDNESDAY)
    (reminder,) = reminders_due(model, {}, utc_time("2026-03-26T15:00"), same_reach_for_all(HERE))
    assert reminder.occasion is Occasion.OVERDUE
    assert lateness(reminder.due, utc_time("2026-03-26T15:00")) == timedelta(days=2, hours=6)
    assert lateness(reminder.due, utc_time("2026-03-24T09:59")) == timedelta(0)
    assert lateness(reminder.due, utc_time("2026-03-24T10:00")) == timedelta(hours=1)
    assert len(reminder.overtakes) == 4
    assert len({reminder.key, *reminder.overtakes}) == 5


def test_history_lists_no_days_before_their_events() -> None:
    assert (
        due_reminders(model_with_mitigation(date(2026, 3, 4)), utc_time("2026-03-02T12:00")) == []
    )  # a week before is long over
    assert due_reminders(model_with_mitigation(date(2026, 3, 4)), utc_time("2026-03-03T09:00")) == [
        f"{CHI} due-soon MI-1"
    ]


@pytest.mark.parametrize(
    "done",
    [
        VerifyMitigation(by=BEN, at=at(60), mitigation=MI1),
        DropMitigation(by=BEN, at=at(60), mitigation=MI1, reason="The door is gone"),
        ArchiveThreatModel(by=ANA, at=at(60), reason="It is over"),
    ],
)
def test_no_one_is_reminded_of_what_is_verified_dropped_or_put_away(done: Command) -> None:
    model = replay(decide_all(replace(plan(), due=WEDNESDAY), implement(), done, after=THREATS))
    assert due_reminders(model, utc_time("2026-03-18T12:00")) == []


def test_a_new_owner_is_reminded_from_then_on_and_the_old_one_no_more() -> None:
    when = utc_time("2026-03-18T12:00")
    events = decide_all(replace(plan(), due=WEDNESDAY), after=THREATS)
    handed = decide_all(ReassignMitigation(by=BEN, at=when, mitigation=MI1, owner=DEE), after=events)
    assert due_reminders(replay(handed), when + timedelta(minutes=1)) == []
    assert due_reminders(replay(handed), utc_time("2026-03-23T09:00")) == [f"{DEE} overdue MI-1"]


def test_another_due_date_is_another_set_of_days() -> None:
    when = utc_time("2026-03-20T12:00")
    events = decide_all(replace(plan(), due=WEDNESDAY), after=THREATS)
    later = decide_all(
        RescheduleMitigation(by=BEN, at=when, mitigation=MI1, due=date(2026, 4, 1)), after=events
    )
    model = replay(later)
    assert due_reminders(model, utc_time("2026-03-24T12:00")) == []
    assert due_reminders(model, utc_time("2026-03-25T12:00")) == [f"{CHI} due-soon MI-1"]


def test_a_snooze_puts_off_this_one_and_no_other() -> None:
    events = decide_all(replace(plan(), due=WEDNESDAY), after=THREATS)
    (first,) = reminders_due(replay(events), {}, utc_time("2026-03-17T09:00"), same_reach_for_all(HERE))
    known = sent_deliveries(first)
    put_off = decide_all(
        SnoozeReminder(
            by=CHI, at=utc_time("2026-03-17T09:05"), key=first.key, until=utc_time("2026-03-19T09:05")
        ),
        after=events,
    )
    model = replay(put_off)
    (today,) = reminders_due(model, known, utc_time("2026-03-18T09:00"), same_reach_for_all(HERE))
    assert today.occasion is Occasion.DUE_TODAY
    known |= sent_deliveries(today)
    assert due_reminders(model, utc_time("2026-03-19T09:00"), deliveries=known) == []
    (again,) = reminders_due(model, known, utc_time("2026-03-19T09:05"), same_reach_for_all(HERE))
    assert (again.occasion, again.snoozed, again.key != first.key) == (Occasion.DUE_SOON, True, True)
    once_more = decide_all(
        SnoozeReminder(
            by=CHI, at=utc_time("2026-03-19T10:00"), key=again.key, until=utc_time("2026-03-20T10:00")
        ),
        after=put_off,
    )
    (third,) = reminders_due(replay(once_more), known, utc_time("2026-03-20T10:00"), same_reach_for_all(HERE))
    assert third.key not in {first.key, again.key}
    assert lateness(third.due, utc_time("2026-03-20T10:30")) == timedelta(0)


def test_a_snooze_to_the_weekend_comes_on_monday() -> None:
    events = decide_all(replace(plan(), due=WEDNESDAY), after=THREATS)
    (first,) = reminders_due(replay(events), {}, utc_time("2026-03-18T09:00"), same_reach_for_all(HERE))
    model = replay(
        decide_all(
            SnoozeReminder(
                by=CHI, at=utc_time("2026-03-18T10:00"), key=first.key, until=utc_time("2026-03-21T10:00")
            ),
            after=events,
        )
    )
    coming = plan_reminders(
        model, sent_deliveries(first), utc_time("2026-03-20T10:00"), same_reach_for_all(HERE)
    ).coming
    assert [one.due for one in coming if one.snoozed] == [utc_time("2026-03-23T09:00")]


def test_what_no_one_owns_is_the_facilitators() -> None:
    events = decide_all(replace(plan(owner=None), by=BEN, owner=None, due=WEDNESDAY), after=THREATS)
    owner = replay(events).mitigations[MI1].owner
    assert due_reminders(replay(events), utc_time("2026-03-18T09:00")) == [f"{owner or ANA} due-today MI-1"]


def test_where_the_owner_is_gone_the_facilitator_is_asked_once_to_find_another() -> None:
    def people(person: PersonId) -> Reachability:
        return Reachability(gone=person == CHI)

    model = model_with_mitigation(WEDNESDAY)
    told_at = sent_until(model, utc_time("2026-04-01T12:00"), people=people)
    assert [(f"{when:%a %d %b %H:%M}", one.to, one.occasion) for when, one in told_at] == [
        ("Mon 02 Mar 09:30", ANA, Occasion.OWNER_GONE)
    ]
    assert lateness(told_at[0][1].due, utc_time("2026-03-02T09:30")) == timedelta(0)


def test_where_the_facilitator_is_gone_too_the_thread_is_told() -> None:
    model, now = model_with_mitigation(WEDNESDAY), utc_time("2026-03-18T09:00")
    (reminder,) = reminders_due(model, {}, now, lambda _: Reachability(gone=True))
    assert (reminder.to, reminder.occasion) == (THREAD, Occasion.OWNER_GONE)


def test_who_cannot_be_written_to_is_told_of_to_the_facilitator_once_and_else_in_the_thread() -> None:
    model, now = model_with_mitigation(WEDNESDAY), utc_time("2026-03-18T09:00")
    (reminder,) = reminders_due(model, {}, now, same_reach_for_all(HERE))
    known = sent_deliveries(reminder, state=DeliveryState.FAILED)
    (failed,) = reminders_due(model, known, now, same_reach_for_all(HERE))
    assert (failed.to, failed.occasion, failed.subject) == (ANA, Occasion.NOT_REACHED, CHI)
    assert reminders_due(model, known | sent_deliveries(failed), now, same_reach_for_all(HERE)) == ()
    known |= sent_deliveries(failed, state=DeliveryState.FAILED)
    (in_thread,) = reminders_due(model, known, now, same_reach_for_all(HERE))
    assert (in_thread.to, in_thread.subject) == (THREAD, ANA)
    known |= sent_deliveries(in_thread, state=DeliveryState.FAILED)
    assert reminders_due(model, known, now, same_reach_for_all(HERE)) == ()


def test_ballots_are_asked_for_at_half_time_and_before_the_end_of_those_who_owe_them() -> None:
    model = replay(decide_all(ballot_of(BEN, 5), after=OPENED))  # open from Monday 9:00 to Wednesday 9:00
    half = [f"{one} vote-owed RD-1" for one in sorted((ANA, CHI, DEE))]
    assert sorted(due_reminders(model, monday_at(9, days=1))) == half
    # Four hours before the end is night: so in the last hour of the day before.
    assert sorted(due_reminders(model, monday_at(16, days=1))) == [
        one.replace("owed", "ends") for one in half
    ]
    assert due_reminders(model, monday_at(9, days=2)) == []


def test_in_an_extended_round_voters_are_asked_once_more_before_the_end() -> None:
    extended = decide_all(ballot_of(BEN, 5), close_round_by_system(2 * DAY + 5), after=OPENED)
    told_at = sent_until(replay(extended), monday_at(23, days=3))
    again = [(f"{when:%a %H:%M}", one.occasion) for when, one in told_at if when > monday_at(8, days=2)]
    assert again == [("Wed 16:00", Occasion.VOTE_ENDS)] * 3


def test_voters_who_do_not_work_between_the_opening_and_the_deadline_are_not_reminded_out_of_hours() -> None:
    model = replay(open_round(TH1, deadline=monday_at(23)))
    early = Reachability(hours=WorkingHours(days=(1, 2, 3, 4, 5), starts=time(6), ends=time(8)))
    for hour in range(9, 24):
        assert due_reminders(model, monday_at(hour), reach=early) == []


def test_a_model_that_no_one_touches_is_brought_to_mind_every_ninety_days() -> None:
    model = replay(THREATS)
    told_at = sent_until(model, utc_time("2026-12-31T12:00"))
    assert [(f"{when:%a %d %b}", one.to, one.occasion) for when, one in told_at] == [
        ("Mon 01 Jun", ANA, Occasion.UNTOUCHED),
        ("Mon 31 Aug", ANA, Occasion.UNTOUCHED),
        ("Fri 27 Nov", ANA, Occasion.UNTOUCHED),
    ]


def test_what_the_bot_does_itself_touches_nothing() -> None:
    model = replay(THREATS)
    assert model.touched_at == at(5)


def test_several_in_one_state_are_due_together() -> None:
    events = decide_all(
        replace(plan(), due=WEDNESDAY),
        replace(plan(minute=11), due=WEDNESDAY, title="A chain"),
        after=THREATS,
    )
    assert due_reminders(replay(events), utc_time("2026-03-18T09:00")) == [
        f"{CHI} due-today MI-1",
        f"{CHI} due-today MI-2",
    ]


LATE_SHIFT = WorkingHours(days=(6, 7), starts=time(13), ends=time(21))


@pytest.mark.parametrize(
    ("reach", "now", "expected"),
    [
        (HERE, "2026-03-18T08:59", Occasion.DUE_SOON),
        (HERE, "2026-03-18T09:00", Occasion.DUE_TODAY),
        (Reachability(holidays=frozenset({WEDNESDAY})), "2026-03-17T16:59", Occasion.DUE_SOON),
        (Reachability(holidays=frozenset({WEDNESDAY})), "2026-03-19T09:00", Occasion.DUE_TODAY),
        (Reachability(hours=LATE_SHIFT), "2026-03-20T23:00", Occasion.DUE_TODAY),
        (Reachability(hours=LATE_SHIFT), "2026-03-21T13:00", Occasion.OVERDUE),
    ],
)
def test_working_hours_and_holidays_decide_when(reach: Reachability, now: str, expected: Occasion) -> None:
    model = model_with_mitigation(WEDNESDAY)
    seen = plan_reminders(model, {}, utc_time(now), same_reach_for_all(reach))
    *_, found = (*seen.due, *seen.held)
    assert found.occasion is expected


@pytest.mark.parametrize(
    ("now", "held"),
    [("08:59", Occasion.DUE_SOON), ("09:00", Occasion.DUE_TODAY), ("12:00", Occasion.DUE_TODAY)],
)
def test_what_is_held_back_says_so(now: str, held: Occasion) -> None:
    model = model_with_mitigation(date(2026, 3, 21))  # a Saturday
    seen = plan_reminders(model, {}, utc_time(f"2026-03-21T{now}"), same_reach_for_all(HERE))
    of_mitigation = [one for one in seen.held if not of_override(one)]
    assert [(one.occasion, one.due) for one in of_mitigation] == [(held, utc_time("2026-03-23T09:00"))]


def test_what_is_put_away_or_was_never_started_reminds_of_nothing_whatever_is_due() -> None:
    events = decide_all(replace(plan(), due=WEDNESDAY), after=THREATS)
    assert due_reminders(replay(events), utc_time("2026-03-18T12:00"))
    archived = decide_all(ArchiveThreatModel(by=ANA, at=at(60), reason="It is over"), after=events)
    for model in (replay(archived), replay([])):
        assert due_reminders(model, utc_time("2026-03-18T12:00")) == []
        assert due_reminders(model, utc_time("2026-12-31T12:00")) == []


def test_time_alone_brings_nothing_about_in_what_is_put_away() -> None:
    model = replay(decide_all(ArchiveThreatModel(by=ANA, at=at(60), reason="It is over"), after=THREATS))
    assert plan_reminders(model, {}, utc_time("2026-03-21T12:00"), same_reach_for_all(HERE)).again_at is None


def test_reminders_are_planned_again_within_a_day_because_people_change_silently() -> None:
    now = utc_time("2026-03-02T12:00")
    assert plan_reminders(
        model_with_mitigation(WEDNESDAY), {}, now, same_reach_for_all(HERE)
    ).again_at == now + timedelta(days=1)


def test_a_delivery_knows_when_slack_asked_to_wait() -> None:
    model, now = model_with_mitigation(WEDNESDAY), utc_time("2026-03-18T09:00")
    (reminder,) = reminders_due(model, {}, now, same_reach_for_all(HERE))
    held = Delivery(
        key=reminder.key,
        model=reminder.model,
        to=CHI,
        state=DeliveryState.HELD_BACK,
        at=now,
        reason="slow down",
        until=now + timedelta(seconds=30),
    )
    assert reminders_due(model, {reminder.key: held}, now, same_reach_for_all(HERE)) == ()
    assert (
        len(reminders_due(model, {reminder.key: held}, now + timedelta(seconds=30), same_reach_for_all(HERE)))
        == 1
    )


def test_what_is_late_waits_for_the_morning_too() -> None:
    model, night = model_with_mitigation(WEDNESDAY), utc_time("2026-03-19T03:00")
    seen = plan_reminders(model, {}, night, same_reach_for_all(HERE))
    assert seen.due == ()
    (held,) = (one for one in seen.held if not of_override(one))
    assert (held.occasion, held.due) == (Occasion.DUE_TODAY, utc_time("2026-03-19T09:00"))
    (late,) = reminders_due(model, {}, held.due, same_reach_for_all(HERE))
    assert lateness(late.due, held.due) == timedelta(days=1)


def test_a_team_that_wants_to_be_reminded_often_is() -> None:
    often = ChooseTerms(by=ANA, at=at(20), reminders=ReminderFrequency.OFTEN)
    model = replay(decide_all(replace(plan(), due=date(2026, 3, 20)), often, after=THREATS))
    days = [f"{when:%d %b} {one.occasion}" for when, one in sent_until(model, utc_time("2026-03-29T12:00"))]
    assert days == [
        *("06 Mar due-soon", "13 Mar due-soon", "17 Mar due-soon", "19 Mar due-soon", "20 Mar due-today"),
        *("23 Mar overdue", "24 Mar overdue", "25 Mar overdue", "26 Mar overdue", "27 Mar overdue"),
    ]
    model = replay(decide_all(replace(plan(), due=WEDNESDAY), often, after=THREATS))
    told_at = sent_until(model, utc_time("2026-04-01T12:00"))
    assert [f"{when:%d %b}" for when, one in told_at if one.occasion is Occasion.ESCALATED] == ["26 Mar"]


def test_a_team_that_wants_to_be_reminded_seldom_is() -> None:
    seldom = ChooseTerms(by=ANA, at=at(20), reminders=ReminderFrequency.SELDOM)
    model = replay(decide_all(replace(plan(), due=WEDNESDAY), seldom, after=THREATS))
    days = [(f"{when:%d %b}", one.occasion) for when, one in sent_until(model, utc_time("2026-04-16T12:00"))]
    assert days == [
        ("17 Mar", Occasion.DUE_SOON),
        ("18 Mar", Occasion.DUE_TODAY),
        ("25 Mar", Occasion.OVERDUE),
        ("01 Apr", Occasion.OVERDUE),
        ("08 Apr", Occasion.OVERDUE),
        ("15 Apr", Occasion.ESCALATED),
    ]
    assert timeline(decide_all(seldom, after=THREATS))[-1].text.endswith(
        "; owners are reminded 1 day before, on the day, then once a week"
    )


ZONES = (
    "Asia/Kathmandu",  # +05:45
    "Pacific/Kiritimati",  # +14
    "Pacific/Pago_Pago",  # -11
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of summer time
    "UTC",
)


@pytest.mark.parametrize(
    ("zone", "asked", "expected"),
    [
        ("Asia/Kathmandu", "2026-03-18T03:00", "2026-03-18T09:00"),
        ("Pacific/Kiritimati", "2026-03-20T17:00", "2026-03-23T09:00"),
        ("Pacific/Pago_Pago", "2026-03-19T16:59", "2026-03-19T16:59"),
        ("Europe/Berlin", "2026-03-27T17:55", "2026-03-30T09:00"),  # over the change to summer time
        ("Europe/Berlin", "2026-10-23T17:55", "2026-10-26T09:00"),  # and back
        ("Europe/Berlin", "2028-02-28T18:00", "2028-02-29T09:00"),  # a leap day
        ("Europe/Berlin", "2026-12-31T18:00", "2027-01-01T09:00"),  # the year's end
    ],
)
def test_what_is_held_back_comes_when_work_begins_again(zone: str, asked: str, expected: str) -> None:
    reach = Reachability(zone=ZoneInfo(zone))
    assert next_at_work(reach, local_time(asked, zone)) == local_time(expected, zone)


def test_holidays_are_nobodys_working_days() -> None:
    days = frozenset({date(2026, 12, 24), date(2026, 12, 25)})
    reach = Reachability(holidays=days)
    assert next_at_work(reach, utc_time("2026-12-23T17:00")) == utc_time("2026-12-28T09:00")
    assert last_at_work(reach, utc_time("2026-12-27T12:00")) == utc_time("2026-12-23T16:00")


@pytest.mark.parametrize(("leave", "sent"), [(59, "2026-04-30T09:00"), (60, "2026-03-02T12:00")])
def test_what_comes_in_a_leave_of_sixty_days_is_sent_at_once_and_not_lost(leave: int, sent: str) -> None:
    every_day = WorkingHours(days=(1, 2, 3, 4, 5, 6, 7), starts=time(9), ends=time(17))
    away = frozenset(date(2026, 3, 2) + timedelta(days=ahead) for ahead in range(leave))
    reach = Reachability(hours=every_day, holidays=away)
    assert next_at_work(reach, utc_time("2026-03-02T12:00")) == utc_time(sent)


def test_hours_that_the_change_to_summer_time_leaves_out_are_made_up_for_the_day_after() -> None:
    every_night = WorkingHours(days=(1, 2, 3, 4, 5, 6, 7), starts=time(2), ends=time(3))
    reach = Reachability(zone=ZoneInfo("Europe/Berlin"), hours=every_night)
    assert next_at_work(reach, utc_time("2026-03-29T00:30")) == local_time(
        "2026-03-30T02:00", "Europe/Berlin"
    )


def test_an_hour_that_is_there_twice_brings_one_reminder() -> None:
    nights = WorkingHours(days=(1, 2, 3, 4, 5, 6, 7), starts=time(2), ends=time(4))
    reach = Reachability(zone=ZoneInfo("Europe/Berlin"), hours=nights)
    told_at = sent_until(model_with_mitigation(date(2026, 10, 25)), utc_time("2026-10-25T23:00"), reach=reach)
    assert [when for when, one in told_at if one.occasion == "due-today"] == [utc_time("2026-10-25T00:00")]


def test_who_never_works_is_reminded_all_the_same() -> None:
    reach = Reachability(holidays=frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(365)))
    assert next_at_work(reach, utc_time("2026-03-18T12:00")) == utc_time("2026-03-18T12:00")


def _hours(days: set[int], starts: int, length: int) -> WorkingHours:
    return WorkingHours(days=tuple(sorted(days)), starts=time(starts), ends=time(starts + length))


moments = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (Hypothesis adds it)
reaches = st.builds(
    Reachability,
    zone=st.sampled_from([ZoneInfo(zone) for zone in ZONES]),
    hours=st.builds(_hours, st.sets(st.integers(1, 7), min_size=1), st.integers(0, 14), st.integers(2, 9)),
    holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2029, 1, 1)), max_size=6),
)


@given(reaches, moments)
def test_a_moment_to_reach_someone_is_one_at_which_they_work_and_no_earlier(
    reach: Reachability, moment: datetime
) -> None:
    found = next_at_work(reach, moment)
    assert found >= moment
    assert at_work(reach, found)
    assert next_at_work(reach, found) == found


@given(reaches, moments, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_who_asks_later_is_never_told_an_earlier_moment(
    reach: Reachability, moment: datetime, later: timedelta
) -> None:
    assert next_at_work(reach, moment) <= next_at_work(reach, moment + later)


@examples(4, deep=200)
@given(reaches, st.dates(date(2026, 3, 3), date(2026, 12, 1)))
def test_every_reminder_comes_once_at_work_in_order_and_no_more_than_five_after_the_day(
    reach: Reachability, day: date
) -> None:
    ends = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=35)
    told_at = sent_until(model_with_mitigation(day), ends, reach=reach)
    keys = [one.key for _, one in told_at]
    assert len(set(keys)) == len(keys)
    assert [when for when, _ in told_at] == sorted(when for when, _ in told_at)
    assert all(at_work(reach, when) for when, _ in told_at)
    assert all(lateness(one.due, when) == timedelta(0) for when, one in told_at)
    assert sum(one.occasion == "overdue" for _, one in told_at) <= 5


def choosing(days: tuple[int, ...], starts: time, ends: time) -> ChooseWorkingHours:
    return ChooseWorkingHours(by=ANA, at=at(1), days=days, starts=starts, ends=ends)


def test_who_says_nothing_works_the_usual_hours() -> None:
    assert hours_after([]) == USUAL
    assert USUAL.text == "Monday to Friday, 09:00 to 17:00"


def test_what_was_chosen_last_holds() -> None:
    early = choose_hours(choosing((4, 2, 2, 1), time(6, 30), time(12)), USUAL)
    assert early == (WorkingHoursChosen(by=ANA, at=at(1), days=(1, 2, 4), starts=time(6, 30), ends=time(12)),)
    assert hours_after(early).text == "Monday, Tuesday, Thursday, 06:30 to 12:00"
    late = choose_hours(choosing((6, 7), time(12), time(23, 59, 59)), hours_after(early))
    assert hours_after([*early, *late]).text == "Saturday, Sunday, 12:00 to 23:59"


def test_the_same_hours_again_change_nothing() -> None:
    assert choose_hours(choosing(USUAL.days, USUAL.starts, USUAL.ends), USUAL) == ()


def test_hours_need_a_day_and_an_end_after_their_start() -> None:
    with pytest.raises(NoDays, match="Select at least one") as no_days:
        choose_hours(choosing((0, 8), time(9), time(17)), USUAL)
    assert no_days.value.field == "days"
    with pytest.raises(EndsBeforeStart, match="not after the start") as backwards:
        choose_hours(choosing((1,), time(17), time(17)), USUAL)
    assert backwards.value.field == "ends"


EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
MONDAY = date(2027, 1, 4)


def test_a_due_date_ends_with_the_working_day_of_its_place() -> None:
    assert due_moment(MONDAY, UTC) == datetime(2027, 1, 4, 17, tzinfo=UTC)
    assert due_moment(MONDAY, EAST) == datetime(2027, 1, 4, 3, tzinfo=UTC)
    assert due_moment(MONDAY, WEST) == datetime(2027, 1, 5, 5, tzinfo=UTC)


def test_a_moment_falls_on_another_day_elsewhere() -> None:
    evening = datetime(2027, 1, 4, 23, tzinfo=UTC)
    assert local_day(evening, UTC) == MONDAY
    assert local_day(evening, EAST) == day_after(MONDAY)


def test_at_the_ends_of_time_the_day_of_utc_counts() -> None:
    assert due_moment(date.max, WEST) == datetime(9999, 12, 31, 17, tzinfo=UTC)
    assert local_day(datetime.max.replace(tzinfo=UTC), EAST) == date.max
    assert local_day(datetime.min.replace(tzinfo=UTC), WEST) == date.min
    assert day_after(date.max) == date.max


def test_a_day_is_written_without_a_leading_zero() -> None:
    assert short_day(MONDAY) == "4 January 2027"
