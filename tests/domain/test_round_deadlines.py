"""When a round should end: two days on, in nobody's weekend."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.voting.round_deadlines import (
    MAX_DAYS_SKIPPED,
    USUAL_LENGTH,
    WorkCalendar,
    default_deadline,
    skip_weekends,
)

WEEK = [datetime(2026, 3, day, 15, 0, tzinfo=UTC) for day in range(2, 9)]
"""Monday to Sunday, at three."""
SUNDAY_TO_THURSDAY = WorkCalendar(days=(7, 1, 2, 3, 4))
AUCKLAND = WorkCalendar(ahead=timedelta(hours=13))


@pytest.mark.parametrize(
    ("opened", "ends"), [(0, 2), (1, 3), (2, 4), (3, 7), (4, 7), (5, 7), (6, 8)], ids=str
)
def test_a_round_lasts_two_days_and_a_weekend_is_skipped(opened: int, ends: int) -> None:
    assert default_deadline(WEEK[opened]) == WEEK[0] + timedelta(days=ends)


def test_weekends_that_follow_each_other_are_skipped_together() -> None:
    wednesday = WEEK[2]
    both = (WorkCalendar(), SUNDAY_TO_THURSDAY)

    assert default_deadline(wednesday, both).isoweekday() == 1, "past Friday, Saturday and Sunday"


def test_a_weekend_begins_where_someone_lives() -> None:
    friday_afternoon = WEEK[4]

    assert skip_weekends(friday_afternoon, (AUCKLAND,)) == WEEK[6], "there it is Monday"
    assert skip_weekends(friday_afternoon, (WorkCalendar(),)) == friday_afternoon


def test_no_one_is_waited_for_longer_than_four_days() -> None:
    thursdays_only = WorkCalendar(days=(4,))

    assert skip_weekends(WEEK[4], (thursdays_only,)) == WEEK[4] + timedelta(days=MAX_DAYS_SKIPPED)


@given(
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001 (Hypothesis adds the zone)
    st.lists(
        st.builds(
            WorkCalendar,
            days=st.lists(st.integers(1, 7), unique=True, min_size=1).map(tuple),
            ahead=st.integers(-12, 14).map(lambda hours: timedelta(hours=hours)),
        ),
        max_size=4,
    ),
)
def test_a_deadline_is_two_to_six_days_on_at_the_same_time_of_day(
    opened: datetime, calendars: list[WorkCalendar]
) -> None:
    deadline = default_deadline(opened, calendars)
    skipped = deadline - opened - USUAL_LENGTH

    assert timedelta(0) <= skipped <= timedelta(days=MAX_DAYS_SKIPPED)
    assert skipped % timedelta(days=1) == timedelta(0)
    if skipped < timedelta(days=MAX_DAYS_SKIPPED):
        assert all(one.works_at(deadline) for one in calendars or (WorkCalendar(),))
