"""Due dates are local days, and have a moment even at the ends of time."""

from datetime import UTC, date, datetime, timedelta, timezone

from domain.kernel.due_dates import day_after, due_moment, local_day, short_day

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
DAY = date(2027, 1, 4)


def test_a_due_date_ends_with_the_working_day_of_its_place() -> None:
    assert due_moment(DAY, UTC) == datetime(2027, 1, 4, 17, tzinfo=UTC)
    assert due_moment(DAY, EAST) == datetime(2027, 1, 4, 3, tzinfo=UTC)
    assert due_moment(DAY, WEST) == datetime(2027, 1, 5, 5, tzinfo=UTC)


def test_a_moment_falls_on_another_day_elsewhere() -> None:
    evening = datetime(2027, 1, 4, 23, tzinfo=UTC)
    assert local_day(evening, UTC) == DAY
    assert local_day(evening, EAST) == day_after(DAY)


def test_at_the_ends_of_time_the_day_of_utc_counts() -> None:
    assert due_moment(date.max, WEST) == datetime(9999, 12, 31, 17, tzinfo=UTC)
    assert local_day(datetime.max.replace(tzinfo=UTC), EAST) == date.max
    assert local_day(datetime.min.replace(tzinfo=UTC), WEST) == date.min
    assert day_after(date.max) == date.max


def test_a_day_is_written_without_a_leading_zero() -> None:
    assert short_day(DAY) == "4 January 2027"
