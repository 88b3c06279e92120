"""Moments are read as people mean them, and written so that nobody has to guess."""

from datetime import UTC, datetime

import pytest

from bot.cli.local_moments import UnreadableMoment, format_moment, format_rfc3339, parse_moment


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-03-28", "Europe/Berlin", "2026-03-28T22:59:59.999999+00:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-29T21:59:59.999999+00:00"),
        ("2026-03-28", "America/New_York", "2026-03-29T03:59:59.999999+00:00"),
        ("2026-03-31T12:00:00+02:00", None, "2026-03-31T10:00:00+00:00"),
        ("2026-03-31T12:00:00Z", "Europe/Berlin", "2026-03-31T12:00:00+00:00"),
    ],
)
def test_a_day_means_its_end_in_the_readers_time_zone(text: str, zone: str | None, moment: str) -> None:
    assert parse_moment(text, zone) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-03-31T12:00:00", "9999-12-31", ""])
def test_an_invalid_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UnreadableMoment, match="Enter a date"):
        parse_moment(text, None)


def test_an_unknown_zone_is_refused_with_an_example() -> None:
    with pytest.raises(UnreadableMoment, match="Europe/Berlin"):
        parse_moment("2026-03-31", "Here/There")


def test_moments_are_shown_in_the_readers_zone_and_stamped_in_utc() -> None:
    moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert format_moment(moment, "Europe/Berlin") == "2026-07-02 00:30"
    assert format_rfc3339(moment) == "2026-07-01T22:30:00Z"
