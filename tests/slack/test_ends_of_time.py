"""Histories with events dated year 1 or 9999, as earlier releases imported them, can be looked at."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from bot.cli.local_moments import format_moment
from bot.slack.directory.time_zones import time_zone_of
from bot.slack.queries.past_model import NoSuchPast, load_past_model
from domain.events import RecordedEvent
from domain.register import register
from domain.replay import replay
from tests.examples import at, started

ENDS = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/London", "")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("moment", ENDS)
@pytest.mark.parametrize("answers_by", [None, date.min, date.max])
def test_such_a_model_is_shown_as_of_any_day(zone: str, moment: datetime, answers_by: date | None) -> None:
    where = time_zone_of(zone)
    events: list[RecordedEvent] = [replace(started(), at=moment, answers_by=answers_by)]
    for day in (date.min, date.max, date(2026, 3, 2)):
        with suppress(NoSuchPast):
            seen = load_past_model(
                events,
                day,
                where,
                date.max,
                lambda model, now: register(model, now, lambda _: where.rules),
            )
            assert seen.day == day
    known = register(replay(events), at(0), lambda _: where.rules)
    assert known.name == "The House"


@pytest.mark.parametrize("zone", [*ZONES[:3], None])
def test_such_a_moment_is_told_at_a_terminal(zone: str | None) -> None:
    assert format_moment(ENDS[0], zone)[:4] in ("0001", "0000")
    assert format_moment(ENDS[1], zone).startswith(("9999", "1000"))
