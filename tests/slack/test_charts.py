"""Whoever asks for a chart finds it in the card's thread, with the same in words."""

import json

import pytest

from bot.picture import charts as chart_module
from bot.sandbox.api import VisibleMessage
from bot.slack.handlers.slash_commands.slash_word import match_chart
from bot.slack.ui.messages.file_answers import CHARTS, chart_coming, chart_rejected, charts_message
from tests.depth import deep_only
from tests.formats.export_sources import export_source_named
from tests.slack.collected_house import create_collected_house
from tests.slack.limit_checks import message_faults
from tests.slack.slack_team import SlackTeam


def charts(team: SlackTeam) -> list[VisibleMessage]:
    thread = team.person("dee").thread("#house", team.card("The House").ts)
    return [one for one in thread if one.files and one.files[0].title.endswith(".png")]


def told(team: SlackTeam) -> str:
    """What is told in words in the thread of the card."""
    thread = team.person("dee").thread("#house", team.card("The House").ts)
    return "\n".join(one.plain for one in thread if not one.files)


def test_each_chart_comes_into_the_thread_with_the_same_in_words(team: SlackTeam) -> None:
    create_collected_house(team)
    for word in CHARTS:
        before = len(charts(team))
        team.command("dee", f"/threatmodel chart {word}")
        team.wait(lambda before=before: len(charts(team)) > before)
    team.wait(lambda: len(team.unit.deliveries.of_kind("export-message")) == len(CHARTS))
    shown = charts(team)
    assert [one.files[0].title for one in shown] == [f"TM-1.{word}.png" for word in CHARTS]
    assert [one.plain.splitlines()[0] for one in shown] == [
        f"{title} · TM-1, version {team.model().version}" for title in CHARTS.values()
    ]
    for one in shown:  # what is told below a file follows it
        words = one.files[0].alt_text[:60]
        team.wait(lambda words=words: words in told(team))


@deep_only
def test_the_pages_of_a_large_grid_come_in_one_message(
    team: SlackTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_collected_house(team)
    monkeypatch.setattr(chart_module, "ROWS", 5)
    team.command("dee", "/threatmodel chart coverage")
    team.wait(lambda: charts(team))
    (shown,) = charts(team)
    titles = [file.title for file in shown.files]
    assert titles[:2] == ["TM-1.coverage.png", "TM-1.coverage-2.png"]
    assert "page 2 of" in shown.files[1].alt_text


def test_without_a_word_all_are_offered_and_a_press_draws_one(team: SlackTeam) -> None:
    create_collected_house(team)
    team.person("ben").click(team.card("The House"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Chart")
    team.person("ben").click(team.modal("ben", "Chart"), "Coverage by STRIDE")
    team.wait(lambda: charts(team))
    team.command("ben", "/threatmodel chart pie")
    team.private_message("ben", "There is no chart “pie”")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Scores", "scores"), ("open threats", "open-threats"), ("stride", "coverage"), ("pie", None)],
)
def test_a_chart_is_known_by_its_word_and_by_what_people_call_it(typed: str, meant: str | None) -> None:
    assert match_chart(typed) == meant


def test_what_is_said_of_charts_keeps_to_what_slack_takes() -> None:
    known = export_source_named("house").register
    said = [charts_message(known, "T0SANDBOX/TM-1", "<!channel>" * 99)]
    said += [chart_coming(known, one, "https://x.example") for one in CHARTS]
    said += [chart_rejected(known, one, "file_uploads_disabled") for one in CHARTS]
    assert [message_faults(one) for one in said] == [[] for _ in said]
    assert "<!channel>" not in json.dumps(said[0].blocks)
