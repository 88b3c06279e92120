"""Writing to the bot, where the slash command does not work."""

import pytest

from bot.sandbox.api import VisibleMessage
from tests.slack.slack_team import SlackTeam


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("add asset", "Add asset"),
        ("add", "Lists"),
        ("start The Garden", "New threat model"),
        ("history", "History"),
        ("threats", "Threats"),
        ("as of", "View past state"),
        ("as-of today", "Past state"),
        ("settings", "Settings"),
        ("close", "Close the model"),
    ],
)
def test_what_would_open_a_form_is_answered_with_a_button_that_opens_it(
    team: SlackTeam, said: str, title: str
) -> None:
    started(team)
    answer = mention(team, "ana", said)
    assert "Press the button to open" in answer.plain
    team.person("ana").click(answer, title)
    team.modal("ana", title)


def test_a_mistyped_word_is_answered_with_the_nearest(team: SlackTeam) -> None:
    started(team)
    assert "Did you mean settings?" in mention(team, "ben", "setings").plain


def test_in_the_thread_of_a_card_its_model_is_meant(team: SlackTeam) -> None:
    started(team)
    first = team.card("The House")
    team.start("ana", "The Garden")
    team.person("ana").close()
    team.card("The Garden")
    ben = team.person("ben")
    ben.say("#house", "@threatmodel status", thread=first.ts)
    team.wait(lambda: [one for one in ben.thread("#house", first.ts) if one.ephemeral])
    said = next(one for one in ben.thread("#house", first.ts) if one.ephemeral)
    assert "The House · TM-1" in said.plain
    assert "Choose one" in mention(team, "ben", "status").plain


def started(team: SlackTeam) -> None:
    team.start("ana", "The House")
    team.person("ana").close()
    team.card("TM-1")


def mention(team: SlackTeam, who: str, words: str) -> VisibleMessage:
    """Write to the bot in the channel; what it answers that person alone."""
    before = len(team.private_messages(who))
    team.person(who).say("#house", f"@threatmodel {words}")
    team.wait(lambda: len(team.private_messages(who)) > before)
    return [one for one in team.person(who).sees("#house") if one.ephemeral][-1]
