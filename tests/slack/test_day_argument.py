"""Days as people type them, and where they end."""

from collections.abc import Generator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.cli.local_moments import format_moment
from bot.slack.directory.time_zones import time_zone_of
from bot.slack.handlers.slash_commands.screen_commands import UnreadableDay, parse_day
from bot.slack.queries.past_model import NoSuchPast, load_past_model
from domain.commands import AddAsset, BeginAnalysis, RemoveElement
from domain.events import RecordedEvent
from domain.kernel.elements import ElementId, PersonId
from domain.register import register
from domain.replay import replay
from tests.examples import at, started
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, run_bot

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


FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Times:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = FRIDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def team(tmp_path: Path, times: Times) -> Generator[SlackTeam]:
    with run_bot(tmp_path / "threatmodel.db", clock=times) as running:
        yield running


def test_a_day_shows_what_was_there_when_it_ended_and_what_has_changed_since(
    team: SlackTeam, times: Times
) -> None:
    told_over_days(team, times)
    team.command("ben", "/threatmodel as-of 20 November")
    page = team.modal("ben", "Past state")
    assert "At the end of Friday, 20 November 2026" in page.plain
    assert "Valuables · AS-1" in page.plain
    assert "The cat" not in page.plain.partition("Since then")[0]
    since = page.plain.partition("Since then")[2]
    assert "Phase moved by Ana: collection → analysis" in since
    assert "The cat (AS-5) added by Ben" in since
    assert "Water (XD-3) removed by Ana" in since
    assert "Evaluated with the current rules. Days end in America/New_York." in page.plain


def test_what_has_changed_since_a_day_a_version_or_the_last_closing(team: SlackTeam, times: Times) -> None:
    told_over_days(team, times)
    version = team.model().version

    def changes(**choices: str) -> str:
        ben = team.person("ben")
        ben.click(team.card("TM-1"), "More…")
        ben.click(team.modal("ben", "More"), "Changes since…")
        team.modal("ben", "Changes since")
        for label, value in choices.items():
            ben.choose(label, value) if label == "Since" else ben.fill(label, value)
        team.submit("ben")
        shown = ben.modal
        assert shown is not None
        ben.close(all_of_them=True)
        return shown.plain + " ".join(shown.errors.values())

    assert "The cat (AS-5) added by Ben" in changes(Since="A day", Day="2026-11-20")
    assert "No changes" in changes(Since="A version", Version=str(version))
    assert "has the versions 1 to" in changes(Since="A version", Version=str(version + 1))
    assert "The cat (AS-5) added by Ben" in changes(Since="A version", Version=str(version - 3))
    assert "has not been closed yet" in changes(Since="The last time it was closed")


def test_one_goes_from_day_to_day_on_which_something_was_said(team: SlackTeam, times: Times) -> None:
    told_over_days(team, times)
    team.command("ben", "/threatmodel as of yesterday")
    page = team.modal("ben", "Past state")
    assert "Tuesday, 24 November" in page.plain
    assert [button.label for button in page.buttons][:2] == ["← 23 Nov", "25 Nov →"]
    team.person("ben").click(page, "← 23 Nov")
    team.wait(lambda: "Monday, 23 November" in team.modal("ben", "Past state").plain)
    team.person("ben").click(team.modal("ben", "Past state"), "Today")
    team.wait(lambda: "25 November 2026 (today)" in team.modal("ben", "Past state").plain)


def test_a_day_ends_where_the_asker_is(team: SlackTeam, times: Times) -> None:
    create_collected_house(team, at=FRIDAY)
    times.now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    add_asset(team, "The cat", times)
    times.now += timedelta(days=3)
    # When Ben in New York still has Friday, it is Saturday for Chi in Tokyo.
    for who, there_already in (("ben", True), ("chi", False)):
        team.command(who, "/threatmodel as-of 2026-11-20")
        assert ("The cat · " in team.modal(who, "Past state").plain) is there_already


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("some day", "“some day” is not a date. Enter one such as “2026-11-20” or “yesterday”."),
        ("2026-11-26", "is in the future"),
        ("2026-11-19", "began on Friday, 20 November 2026. Choose that day or a later one"),
    ],
)
def test_a_wrong_day_is_told_with_the_way_on(
    team: SlackTeam, times: Times, typed: str, sentence: str
) -> None:
    told_over_days(team, times)
    team.command("ben", f"/threatmodel as-of {typed}")
    team.private_message("ben", sentence)
    assert team.person("ben").modal is None


def test_without_a_day_a_form_asks_for_one_and_says_beside_the_box_what_is_wrong(
    team: SlackTeam, times: Times
) -> None:
    told_over_days(team, times)
    team.command("ben", "/threatmodel time travel")
    team.modal("ben", "View past state")
    team.person("ben").fill("Day", "2026-12-01")
    team.submit("ben")
    assert "in the future" in team.modal("ben", "View past state").errors["day"]
    team.person("ben").fill("Day", "2026-11-23")
    team.submit("ben")
    assert "Monday, 23 November" in team.modal("ben", "Past state").plain


def test_it_is_a_button_behind_more_as_well(team: SlackTeam, times: Times) -> None:
    told_over_days(team, times)
    team.person("ben").click(team.card("TM-1"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "View past state…")
    team.modal("ben", "View past state")
    team.person("ben").fill("Day", "2026-11-20")
    team.submit("ben")
    team.person("ben").click(team.modal("ben", "Past state"), "Another day…")
    team.modal("ben", "View past state")


def told_over_days(team: SlackTeam, times: Times) -> None:
    """The House on Friday, a cat on Monday, analysis on Wednesday."""
    stream = create_collected_house(team, at=times.now)
    times.now = FRIDAY + timedelta(days=3)
    add_asset(team, "The cat", times)
    ana = PersonId(team.person("ana").id)
    times.now = FRIDAY + timedelta(days=5)
    gone = RemoveElement(by=ana, at=times.now, element=ElementId("XD-3"))
    team.command_handler.execute(gone, stream=stream, key=team.key())
    moved = BeginAnalysis(by=ana, at=times.now)
    team.command_handler.execute(moved, stream=stream, key=team.key())


def add_asset(team: SlackTeam, name: str, times: Times) -> None:
    added = AddAsset(by=PersonId(team.person("ben").id), at=times.now, name=name)
    team.command_handler.execute(added, stream=team.streams[0], key=team.key())


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
