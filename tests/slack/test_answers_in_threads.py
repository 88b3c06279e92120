"""What is asked in a thread is answered in that thread, to the asker alone."""

import pytest

from bot.sandbox.api import VisibleMessage
from bot.slack.protocol.app_ids import REPORT_SHORTCUT
from tests.slack.slack_team import RunningBot
from tests.slack.test_mentions import started


def in_thread(there: RunningBot, who: str, ts: str) -> list[VisibleMessage]:
    """What one person alone sees of the bot in a thread."""
    return [one for one in there.person(who).thread("#house", ts) if one.ephemeral]


def asked_for_help(there: RunningBot, who: str = "ben") -> tuple[str, VisibleMessage]:
    """Ask for help in the thread of the card; return the thread and the answer with its buttons."""
    card = there.card("TM-1").ts
    there.person(who).say("#house", "@threatmodel help", thread=card)
    there.wait(lambda: in_thread(there, who, card))
    return card, in_thread(there, who, card)[0]


@pytest.mark.parametrize("press", ["Status", "Undo"])
def test_a_press_in_a_thread_is_answered_there(there: RunningBot, press: str) -> None:
    started(there)
    card, shown = asked_for_help(there)
    there.person("ben").click(shown, press)
    there.wait(lambda: len(in_thread(there, "ben", card)) > 1)
    assert there.whispers("ben") == []


def test_a_form_that_could_not_open_is_offered_again_in_the_thread(there: RunningBot) -> None:
    started(there)
    card, shown = asked_for_help(there)
    there.sandbox.faults.fail_next("views.open", "expired_trigger_id")
    there.person("ben").click(shown, "Add")
    there.wait(lambda: any("only three seconds" in one.plain for one in in_thread(there, "ben", card)))
    assert there.whispers("ben") == []


def test_who_is_not_known_yet_is_answered_in_the_thread_after_the_check(there: RunningBot) -> None:
    started(there)
    card = there.card("TM-1").ts
    there.sandbox.add_person("fay")
    there.sandbox.faults.fail_next("users.info", "ratelimited")
    there.sandbox.workspace.join("C0HOUSE01", there.person("fay").id)  # without an event
    there.person("fay").say("#house", "@threatmodel status", thread=card)
    there.wait(lambda: any("TM-1" in one.plain for one in in_thread(there, "fay", card)))
    assert there.whispers("fay") == []


def test_a_shortcut_on_a_message_in_a_thread_is_answered_there(there: RunningBot) -> None:
    ben = there.person("ben")
    there.know()
    first = ben.say("#house", "Somebody could climb in").ts
    reply = ben.say("#house", "By the ladder", thread=first)
    ben.message_shortcut(reply, REPORT_SHORTCUT)
    there.wait(lambda: in_thread(there, "ben", first))
    assert there.whispers("ben") == []


def test_a_press_in_the_channel_is_answered_in_the_channel(there: RunningBot) -> None:
    started(there)
    there.command("ben", "/threatmodel help")
    shown = next(one for one in there.person("ben").sees("#house") if one.ephemeral)
    there.person("ben").click(shown, "Status")
    there.told("ben", "The House · TM-1")


def test_where_the_bot_may_not_whisper_the_answer_still_comes(there: RunningBot) -> None:
    started(there)
    card, shown = asked_for_help(there)
    there.sandbox.faults.fail_next("chat.postEphemeral", "not_in_channel")
    there.person("ben").click(shown, "Status")
    there.told("ben", "The House · TM-1")
    assert len(in_thread(there, "ben", card)) == 1
