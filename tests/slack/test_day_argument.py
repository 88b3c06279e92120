"""Days as people type them, and where they end."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.directory.time_zones import time_zone_of
from bot.slack.handlers.slash_commands.screen_commands import UnreadableDay, parse_day

WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("20.11.2026", date(2026, 11, 20)),
        ("20.11.", date(2026, 11, 20)),
        ("20 November", date(2026, 11, 20)),
        ("November 20, 2025", date(2025, 11, 20)),
        ("20th of Nov", date(2026, 11, 20)),
        ("24 December", date(2025, 12, 24)),
        ("today", WEDNESDAY),
        ("  Yesterday ", date(2026, 11, 24)),
        ("monday", date(2026, 11, 23)),
        ("last friday", date(2026, 11, 20)),
        ("Wed", date(2026, 11, 18)),
        ("last week", date(2026, 11, 18)),
        ("3 days ago", date(2026, 11, 22)),
        ("two", None),
        ("2026-02-30", None),
        ("9999 weeks ago", date(1835, 4, 8)),
        ("soon", None),
        ("", None),
        ("2026-11-20 or so", None),
    ],
)
def test_a_day_is_read_as_people_type_it(typed: str, meant: date | None) -> None:
    if meant is not None:
        assert parse_day(typed, WEDNESDAY) == meant
        return
    with pytest.raises(UnreadableDay, match="Enter one such as “2026-11-20” or “yesterday”"):
        parse_day(typed, WEDNESDAY)


@given(st.text(max_size=40) | st.from_regex(r"\A\d{1,4}[-.]\d{1,4}[-.]\d{0,5}\Z"))
def test_whatever_is_typed_is_a_day_or_a_sentence(typed: str) -> None:
    with suppress(UnreadableDay):
        assert isinstance(parse_day(typed, WEDNESDAY), date)


@given(st.dates(date(1, 1, 2), date(9999, 12, 30)))
def test_a_day_comes_back_from_how_a_picker_writes_it(day: date) -> None:
    assert parse_day(day.isoformat(), WEDNESDAY) == day


def test_a_day_ends_where_the_asker_is_also_when_it_has_23_or_25_hours() -> None:
    berlin = time_zone_of("Europe/Berlin")
    assert berlin.end_of(date(2026, 3, 29)) == datetime(2026, 3, 29, 21, 59, 59, 999_999, tzinfo=UTC)
    assert berlin.end_of(date(2026, 10, 25)) == datetime(2026, 10, 25, 22, 59, 59, 999_999, tzinfo=UTC)
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        assert berlin.day_of(berlin.end_of(day)) == berlin.day_of(berlin.start_of(day)) == day


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "a\x00b"])
def test_a_zone_that_is_none_is_utc_and_says_so(name: str) -> None:
    zone = time_zone_of(name)
    assert (zone.name, zone.known) == ("UTC", False)
    assert zone.end_of(WEDNESDAY) == datetime(2026, 11, 25, 23, 59, 59, 999_999, tzinfo=UTC)
