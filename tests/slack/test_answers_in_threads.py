"""What is asked in a thread is answered in that thread, to the asker alone."""

import pytest

from bot.sandbox.api import VisibleMessage
from bot.slack.protocol.app_ids import REPORT_SHORTCUT
from tests.slack.slack_team import SlackTeam
from tests.slack.test_mentions import started


def in_thread(team: SlackTeam, who: str, ts: str) -> list[VisibleMessage]:
    """What one person alone sees of the bot in a thread."""
    return [one for one in team.person(who).thread("#house", ts) if one.ephemeral]


def asked_for_help(team: SlackTeam, who: str = "ben") -> tuple[str, VisibleMessage]:
    """Ask for help in the thread of the card; return the thread and the answer with its buttons."""
    card = team.card("TM-1").ts
    team.person(who).say("#house", "@threatmodel help", thread=card)
    team.wait(lambda: in_thread(team, who, card))
    return card, in_thread(team, who, card)[0]


@pytest.mark.parametrize("press", ["Status", "Undo"])
def test_a_press_in_a_thread_is_answered_there(team: SlackTeam, press: str) -> None:
    started(team)
    card, shown = asked_for_help(team)
    team.person("ben").click(shown, press)
    team.wait(lambda: len(in_thread(team, "ben", card)) > 1)
    assert team.private_messages("ben") == []


def test_a_form_that_could_not_open_is_offered_again_in_the_thread(team: SlackTeam) -> None:
    started(team)
    card, shown = asked_for_help(team)
    team.sandbox.faults.fail_next("views.open", "expired_trigger_id")
    team.person("ben").click(shown, "Add")
    team.wait(
        lambda: any("three seconds that Slack allows" in one.plain for one in in_thread(team, "ben", card))
    )
    assert team.private_messages("ben") == []


def test_who_is_not_known_yet_is_answered_in_the_thread_after_the_check(team: SlackTeam) -> None:
    started(team)
    card = team.card("TM-1").ts
    team.sandbox.add_person("fay")
    team.sandbox.faults.fail_next("users.info", "ratelimited")
    team.sandbox.workspace.join("C0HOUSE01", team.person("fay").id)  # without an event
    team.person("fay").say("#house", "@threatmodel status", thread=card)
    team.wait(lambda: any("TM-1" in one.plain for one in in_thread(team, "fay", card)))
    assert team.private_messages("fay") == []


def test_a_shortcut_on_a_message_in_a_thread_is_answered_there(team: SlackTeam) -> None:
    ben = team.person("ben")
    team.read_channel()
    first = ben.say("#house", "Somebody could climb in").ts
    reply = ben.say("#house", "By the ladder", thread=first)
    ben.message_shortcut(reply, REPORT_SHORTCUT)
    team.wait(lambda: in_thread(team, "ben", first))
    assert team.private_messages("ben") == []


def test_a_press_in_the_channel_is_answered_in_the_channel(team: SlackTeam) -> None:
    started(team)
    team.command("ben", "/threatmodel help")
    shown = next(one for one in team.person("ben").sees("#house") if one.ephemeral)
    team.person("ben").click(shown, "Status")
    team.private_message("ben", "The House · TM-1")


def test_where_the_bot_may_not_whisper_the_answer_still_comes(team: SlackTeam) -> None:
    started(team)
    card, shown = asked_for_help(team)
    team.sandbox.faults.fail_next("chat.postEphemeral", "not_in_channel")
    team.person("ben").click(shown, "Status")
    team.private_message("ben", "The House · TM-1")
    assert len(in_thread(team, "ben", card)) == 1
