"""Moments are formatted in the reader's time zone, as Slack formats them."""

import pytest

from bot.sandbox.users.mrkdwn import format_date_token, mrkdwn_to_text

AT = 1_772_444_520
"""2 March 2026, 09:42 UTC."""
HOUR, DAY = 3_600, 86_400
SHAPE = f"!date^{AT}^{{date_short_pretty}}, {{time}}"


@pytest.mark.parametrize(
    ("tz", "later", "read"),
    [
        ("UTC", 0, "today, 09:42"),
        ("Asia/Tokyo", 0, "today, 18:42"),
        ("Pacific/Honolulu", 0, "today, 23:42"),
        ("Pacific/Honolulu", HOUR, "yesterday, 23:42"),
        ("UTC", DAY, "yesterday, 09:42"),
        ("UTC", -DAY, "tomorrow, 09:42"),
        ("UTC", 2 * DAY, "Mar 2, 2026, 09:42"),
    ],
)
def test_a_moment_is_formatted_in_the_readers_time_zone(tz: str, later: int, read: str) -> None:
    assert format_date_token(SHAPE, tz=tz, now=AT + later) == read


def test_daylight_saving_time_applies_at_the_formatted_moment() -> None:
    summer = "!date^1783072800^{time}"
    """3 July 2026, 10:00 UTC."""
    assert format_date_token(summer, tz="Europe/Berlin", now=AT) == "12:00"
    assert format_date_token(summer, tz="America/New_York", now=AT) == "06:00"


@pytest.mark.parametrize("written", ["!date^soon^{time}", "!date^1^{nosuch}", "!date", "!channel"])
def test_an_unknown_format_is_no_moment(written: str) -> None:
    assert format_date_token(written, tz="UTC", now=AT) is None


def test_an_unreadable_moment_is_replaced_by_its_fallback() -> None:
    assert mrkdwn_to_text("<!date^soon^{time}|then>", lambda thing: thing) == "then"
