"""Writing to the bot, where the slash command does not work."""

import pytest

from bot.sandbox.api import VisibleMessage
from tests.slack.slack_team import RunningBot


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("add asset", "Add asset"),
        ("add", "Lists"),
        ("start The Garden", "New threat model"),
        ("history", "History"),
        ("threats", "Threats"),
        ("as of", "Look back"),
        ("as-of today", "As it was"),
        ("settings", "Settings"),
        ("close", "Close the model"),
    ],
)
def test_what_would_open_a_form_is_answered_with_a_button_that_opens_it(
    there: RunningBot, said: str, title: str
) -> None:
    started(there)
    answer = mention(there, "ana", said)
    assert "only when you press" in answer.plain
    there.person("ana").click(answer, title)
    there.modal("ana", title)


def test_a_mistyped_word_is_answered_with_the_nearest(there: RunningBot) -> None:
    started(there)
    assert "Did you mean settings?" in mention(there, "ben", "setings").plain


def test_in_the_thread_of_a_card_its_model_is_meant(there: RunningBot) -> None:
    started(there)
    first = there.card("The House")
    there.start("ana", "The Garden")
    there.person("ana").close()
    there.card("The Garden")
    ben = there.person("ben")
    ben.say("#house", "@threatmodel status", thread=first.ts)
    there.wait(lambda: [one for one in ben.thread("#house", first.ts) if one.ephemeral])
    said = next(one for one in ben.thread("#house", first.ts) if one.ephemeral)
    assert "The House · TM-1" in said.plain
    assert "Which one" in mention(there, "ben", "status").plain


def started(there: RunningBot) -> None:
    there.start("ana", "The House")
    there.person("ana").close()
    there.card("TM-1")


def mention(there: RunningBot, who: str, words: str) -> VisibleMessage:
    """Write to the bot in the channel; what it answers that person alone."""
    before = len(there.whispers(who))
    there.person(who).say("#house", f"@threatmodel {words}")
    there.wait(lambda: len(there.whispers(who)) > before)
    return [one for one in there.person(who).sees("#house") if one.ephemeral][-1]
