"""A model as it was on another day: the word, the form and the page."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.commands import AddAsset, BeginAnalysis, RemoveElement
from domain.kernel.elements import ElementId, PersonId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot, run_bot

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
def there(tmp_path: Path, times: Times) -> Generator[RunningBot]:
    with run_bot(tmp_path / "threatmodel.db", clock=times) as running:
        yield running


def test_a_day_shows_what_was_there_when_it_ended_and_what_has_changed_since(
    there: RunningBot, times: Times
) -> None:
    told_over_days(there, times)
    there.command("ben", "/threatmodel as-of 20 November")
    page = there.modal("ben", "As it was")
    assert "At the end of Friday, 20 November 2026" in page.plain
    assert "Valuables · AS-1" in page.plain
    assert "The cat" not in page.plain.partition("Since then")[0]
    since = page.plain.partition("Since then")[2]
    assert "Phase moved by Ana: collection → analysis" in since
    assert "The cat (AS-5) added by Ben" in since
    assert "Water (XD-3) removed by Ana" in since
    assert "Computed by today's rules. Days end in America/New_York." in page.plain


def test_one_goes_from_day_to_day_on_which_something_was_said(there: RunningBot, times: Times) -> None:
    told_over_days(there, times)
    there.command("ben", "/threatmodel as of yesterday")
    page = there.modal("ben", "As it was")
    assert "Tuesday, 24 November" in page.plain
    assert [one.label for one in page.buttons][:2] == ["← 23 Nov", "25 Nov →"]
    there.person("ben").click(page, "← 23 Nov")
    there.wait(lambda: "Monday, 23 November" in there.modal("ben", "As it was").plain)
    there.person("ben").click(there.modal("ben", "As it was"), "Today")
    there.wait(lambda: "25 November 2026 (today)" in there.modal("ben", "As it was").plain)


def test_a_day_ends_where_the_asker_is(there: RunningBot, times: Times) -> None:
    create_collected_house(there, at=FRIDAY)
    times.now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    add_asset(there, "The cat", times)
    times.now += timedelta(days=3)
    # When Ben in New York still has Friday, it is Saturday for Chi in Tokyo.
    for who, there_already in (("ben", True), ("chi", False)):
        there.command(who, "/threatmodel as-of 2026-11-20")
        assert ("The cat · " in there.modal(who, "As it was").plain) is there_already


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("some day", "I cannot read “some day” as a day. Write it like “2026-11-20” or “yesterday”."),
        ("2026-11-26", "is still to come"),
        ("2026-11-19", "began on Friday, 20 November 2026, so there is nothing to see before"),
    ],
)
def test_a_wrong_day_is_told_with_the_way_on(
    there: RunningBot, times: Times, typed: str, sentence: str
) -> None:
    told_over_days(there, times)
    there.command("ben", f"/threatmodel as-of {typed}")
    there.told("ben", sentence)
    assert there.person("ben").modal is None


def test_without_a_day_a_form_asks_for_one_and_says_beside_the_box_what_is_wrong(
    there: RunningBot, times: Times
) -> None:
    told_over_days(there, times)
    there.command("ben", "/threatmodel time travel")
    there.modal("ben", "Look back")
    there.person("ben").fill("Day", "2026-12-01")
    there.submit("ben")
    assert "still to come" in there.modal("ben", "Look back").errors["day"]
    there.person("ben").fill("Day", "2026-11-23")
    there.submit("ben")
    assert "Monday, 23 November" in there.modal("ben", "As it was").plain


def test_it_is_a_button_behind_more_as_well(there: RunningBot, times: Times) -> None:
    told_over_days(there, times)
    there.person("ben").click(there.card("TM-1"), "More…")
    there.person("ben").click(there.modal("ben", "More"), "As it was on…")
    there.modal("ben", "Look back")
    there.person("ben").fill("Day", "2026-11-20")
    there.submit("ben")
    there.person("ben").click(there.modal("ben", "As it was"), "Another day…")
    there.modal("ben", "Look back")


def told_over_days(there: RunningBot, times: Times) -> None:
    """The House on Friday, a cat on Monday, analysis on Wednesday."""
    stream = create_collected_house(there, at=times.now)
    times.now = FRIDAY + timedelta(days=3)
    add_asset(there, "The cat", times)
    ana = PersonId(there.person("ana").id)
    times.now = FRIDAY + timedelta(days=5)
    gone = RemoveElement(by=ana, at=times.now, element=ElementId("XD-3"))
    there.command_handler.execute(gone, stream=stream, key=there.key())
    moved = BeginAnalysis(by=ana, at=times.now)
    there.command_handler.execute(moved, stream=stream, key=there.key())


def add_asset(there: RunningBot, name: str, times: Times) -> None:
    added = AddAsset(by=PersonId(there.person("ben").id), at=times.now, name=name)
    there.command_handler.execute(added, stream=there.streams[0], key=there.key())
