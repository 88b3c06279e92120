"""At which moments a nudge may reach somebody, wherever they are and whatever clocks do there."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reminders import Reachability
from domain.reminders.reachability import at_work, last_at_work, next_at_work
from domain.reminders.reminder import lateness
from domain.working_hours import WorkingHours
from tests.depth import examples
from tests.domain.reminder_models import local_time, model_with_mitigation, sent_until, utc_time

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


def test_an_hour_that_is_there_twice_brings_one_nudge() -> None:
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
def test_every_nudge_comes_once_at_work_in_order_and_no_more_than_five_after_the_day(
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
