"""Until when a reminder may be put off: days on which its reader works, none of them twice."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.slack.queries.reminder_list import snooze_options
from domain.reminders import Reachability
from tests.domain.reminder_models import local_time

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        (
            "2026-12-01T10:00",
            (
                "1 day (Wednesday, 2 December)",
                "3 days (Friday, 4 December)",
                "Next week (Monday, 7 December)",
            ),
        ),
        (  # three days on is a Sunday, and then it would come on Monday
            "2026-12-03T10:00",
            (
                "1 day (Friday, 4 December)",
                "3 days (Monday, 7 December)",
                "In one week (Thursday, 10 December)",
            ),
        ),
        ("2026-12-04T10:00", ("1 day (Monday, 7 December)", "In one week (Friday, 11 December)")),
        (
            "2026-12-06T10:00",
            (
                "1 day (Monday, 7 December)",
                "3 days (Wednesday, 9 December)",
                "In one week (Monday, 14 December)",
            ),
        ),
        (  # over the holidays
            "2026-12-23T10:00",
            ("1 day (Tuesday, 29 December)", "In one week (Wednesday, 30 December)"),
        ),
    ],
)
def test_what_is_offered_is_when_it_comes(now: str, offered: tuple[str, ...]) -> None:
    holidays = frozenset({date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28)})
    reach = Reachability(zone=ZoneInfo(BERLIN), holidays=holidays)
    assert tuple(one.text for one in snooze_options(reach, local_time(now, BERLIN))) == offered


def test_what_is_chosen_is_when_they_begin_to_work() -> None:
    friday = local_time("2026-12-04T10:00", BERLIN)
    first, _ = snooze_options(Reachability(zone=ZoneInfo(BERLIN)), friday)
    assert first.value == "2026-12-07T08:00+0000"
