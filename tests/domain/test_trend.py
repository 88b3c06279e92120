"""How many threats were open on each day, told by what was said and by what time alone brought about."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from types import FunctionType
from typing import Any, cast
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot.demo import PEOPLE, STORIES
from domain.commands import ApproveAcceptance, ProposeAcceptance
from domain.dread.scoring import Band
from domain.events import Erased, Event
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import ChannelId
from domain.kernel.response import ResponseKind
from domain.model import ThreatModel
from domain.register import register
from domain.remediation.status import next_change, statuses
from domain.replay import replay
from domain.threat_trend import SCORE_FIELDS, STATUS_FIELDS, OpenThreats, open_threats
from domain.voting.scores import bands_of
from tests.domain.remediation_story import SPRING, TH1, TH2, THREATS, respond
from tests.examples import BEN, CHI, at, decide_all, story_events

MARCH_2 = date(2026, 3, 2)
DAY = 24 * 60


def on(day: date, **bands: int) -> OpenThreats:
    names = {"unscored": None, **{band.value: band for band in Band}}
    return OpenThreats(day=day, bands={names[name]: number for name, number in bands.items()})


def test_a_threat_is_open_until_nothing_is_left_to_do_about_it() -> None:
    events = decide_all(
        respond(TH1, ResponseKind.AVOID, minute=2 * DAY),
        respond(TH2, ResponseKind.MITIGATE, minute=3 * DAY),  # planned is not done
        after=THREATS,
    )
    assert open_threats(events, UTC, at(5 * DAY)) == (
        on(MARCH_2, unscored=3),
        on(date(2026, 3, 4), unscored=2),
        on(date(2026, 3, 7), unscored=2),
    )


def test_an_accepted_threat_is_open_again_on_the_day_its_acceptance_ends() -> None:
    events = decide_all(
        ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out in summer"),
        ApproveAcceptance(by=CHI, at=at(DAY), threat=TH1),
        after=THREATS,
    )
    until = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
    assert [(one.day, one.number) for one in open_threats(events, UTC, until)] == [
        (MARCH_2, 3),
        (date(2026, 3, 3), 2),
        (SPRING, 3),
        (date(2026, 8, 1), 3),
    ]


def test_threats_are_told_apart_by_the_bands_of_their_scores() -> None:
    events = story_events(STORIES["house"](ChannelId("CHOUSE"), PEOPLE))
    (only,) = open_threats(events, UTC, at(DAY - 600))
    assert only == on(MARCH_2, critical=1, high=3, medium=2)
    assert only.number == len(register(replay(events)).threats)


def test_days_end_where_the_reader_is() -> None:
    late = decide_all(respond(TH1, ResponseKind.AVOID, minute=14 * 60), after=THREATS)  # 23:00 UTC
    zone = ZoneInfo("Europe/Berlin")
    assert [one.day for one in open_threats(late, zone, at(15 * 60))] == [MARCH_2, date(2026, 3, 3)]
    assert [one.day for one in open_threats(late, UTC, at(14 * 60 + 30))] == [MARCH_2]


def test_what_ends_at_midnight_where_the_reader_is_counts_from_the_day_that_begins_then() -> None:
    """At five in the afternoon, in the zone of the owner, midnight has come to Bangkok."""
    events = decide_all(
        ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="We move out in summer"),
        ApproveAcceptance(by=CHI, at=at(11), threat=TH1),
        respond(TH2, ResponseKind.AVOID, minute=88 * DAY),  # on that day, in the morning
        after=THREATS,
    )
    days = open_threats(events, ZoneInfo("Asia/Bangkok"), datetime(2026, 8, 1, 12, 0, tzinfo=UTC))
    assert [(one.day, one.number) for one in days] == [
        (MARCH_2, 2),
        (SPRING, 1),
        (date(2026, 5, 30), 2),
        (date(2026, 8, 1), 2),
    ]


def test_what_comes_after_the_moment_is_not_counted() -> None:
    events = decide_all(respond(TH1, ResponseKind.AVOID, minute=3 * DAY), after=THREATS)
    assert open_threats(events, UTC, at(DAY))[-1] == on(date(2026, 3, 3), unscored=3)


def test_erased_events_and_a_past_in_disorder_are_borne() -> None:
    earlier = decide_all(respond(TH1, ResponseKind.AVOID, minute=3 * DAY), after=THREATS)
    later = decide_all(respond(TH2, ResponseKind.AVOID, minute=2 * DAY), after=earlier)
    days = open_threats([*later, Erased()], UTC, at(3 * DAY + 1))
    assert [(one.day, one.number) for one in days] == [(MARCH_2, 3), (MARCH_2 + timedelta(days=3), 1)]
    assert open_threats([], UTC, at(0)) == ()


class Recorder:
    """A model that records which of its fields are read."""

    def __init__(self, model: ThreatModel, read: set[str]) -> None:
        self._model = model
        self._read = read

    def __getattr__(self, name: str) -> Any:
        declared = ThreatModel.__dict__.get(name)
        if isinstance(declared, FunctionType):
            return declared.__get__(self)
        if isinstance(declared, property) and declared.fget:
            return declared.fget(self)
        self._read.add(name)
        return getattr(self._model, name)


def test_a_day_is_counted_again_whenever_a_field_that_matters_has_changed() -> None:
    events = story_events(STORIES["house"](ChannelId("CHOUSE"), PEOPLE))
    for_scores, for_statuses = set[str](), set[str]()
    for number in range(0, len(events) + 1, 10):
        model = replay(events[:number])
        bands_of(cast("ThreatModel", Recorder(model, for_scores)))
        statuses(cast("ThreatModel", Recorder(model, for_statuses)), at(DAY), utc_zone)
        next_change(cast("ThreatModel", Recorder(model, for_statuses)), at(DAY), utc_zone)
    assert for_scores <= {*SCORE_FIELDS}
    assert for_statuses <= {*STATUS_FIELDS}


def test_each_day_counts_as_if_it_were_the_only_one() -> None:
    story = cast("list[Event]", story_events(STORIES["house"](ChannelId("CHOUSE"), PEOPLE)))
    events = [replace(event, at=at(DAY * number // 3)) for number, event in enumerate(story)]
    for one in open_threats(events, UTC, at(400 * DAY)):
        end = datetime.combine(one.day, datetime.max.time(), tzinfo=UTC)
        model = replay([event for event in events if event.at <= end])
        bands = bands_of(model)
        live = [id for id, status in statuses(model, end, utc_zone).items() if not status.state.over]
        assert one.bands == Counter(bands.get(id) for id in live), one.day
