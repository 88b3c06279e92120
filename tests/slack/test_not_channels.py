"""Where no model can live: group conversations are refused by name, and direct messages are answered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.api import VisibleMessage
from bot.slack.handlers.dispatcher import GROUP
from bot.slack.handlers.pending_request_checks import CANNOT_CHECK, TOO_LONG
from bot.slack.protocol.app_ids import IMPORT_SHORTCUT, REPORT_SHORTCUT
from tests.slack.slack_team import RunningBot, run_bot
from tests.slack.test_mentions import started


@pytest.fixture
def group(there: RunningBot) -> str:
    """The conversation of three people without the bot."""
    return there.sandbox.open_group("ana", "ben", "chi")


@pytest.mark.parametrize("words", ["", "start The Shed", "status", "help", "undo"])
def test_a_group_conversation_is_refused_at_once_and_nothing_waits(
    there: RunningBot, group: str, words: str
) -> None:
    delivery = there.command("ben", f"/threatmodel {words}", where=group)
    assert delivery.response is not None
    assert delivery.response["text"] == GROUP
    assert there.whispers("ben", group) == [GROUP]
    assert not there.unit.pending.all()
    assert there.sandbox.calls_of("conversations.info") == []


@pytest.mark.parametrize("shortcut", [REPORT_SHORTCUT, IMPORT_SHORTCUT])
def test_a_shortcut_in_a_group_conversation_is_refused_by_name(
    there: RunningBot, group: str, shortcut: str
) -> None:
    said = there.person("ben").say(group, "Somebody could climb in")
    there.person("ben").message_shortcut(said, shortcut)
    there.wait(lambda: GROUP in there.whispers("ben", group))
    assert not there.unit.pending.all()


def test_a_conversation_that_slack_does_not_show_is_given_up_with_a_word(
    there: RunningBot, group: str
) -> None:
    """Without its name, as an event has none, a group conversation is found out by asking."""
    said = there.command("ben", "/threatmodel status", where=group).payload
    there.sandbox.client.sender.send("slash_commands", {**said, "channel_name": "", "trigger_id": "7.7"})
    there.told("ben", CANNOT_CHECK, where=group)
    there.wait(lambda: not there.unit.pending.all())
    assert len(there.sandbox.calls_of("conversations.info")) == 1


def test_a_request_that_slack_does_not_let_the_bot_check_is_given_up_after_an_hour(tmp_path: Path) -> None:
    moved = [timedelta()]
    with run_bot(tmp_path / "bot.db", clock=lambda: datetime.now(UTC) + moved[0]) as there:
        started(there)
        there.sandbox.faults.fail_next("conversations.info", "fetch_members_failed", times=99)
        there.command("eve", "/threatmodel undo")
        waiting = there.unit.pending
        there.wait(lambda: len(there.sandbox.calls_of("conversations.info")) > 1)
        assert waiting.all()
        moved[0] = timedelta(hours=2)
        there.bot.refresh_directory()
        there.told("eve", TOO_LONG)
        there.wait(lambda: not waiting.all())


# Direct messages


def letters(there: RunningBot, who: str) -> list[VisibleMessage]:
    """What the bot wrote to somebody directly."""
    return [one for one in there.person(who).direct_messages() if one.author == "threatmodel"]


def written(there: RunningBot, who: str, text: str) -> VisibleMessage:
    """Write to the bot directly; its answer."""
    before = len(letters(there, who))
    there.person(who).say("@bot", text)
    there.wait(lambda: len(letters(there, who)) > before)
    return letters(there, who)[-1]


@pytest.mark.parametrize("text", ["help", "hello", "Hi!", "What can you do?", "@threatmodel"])
def test_help_and_a_plain_hello_are_answered_with_what_the_bot_can_do(
    either_way: RunningBot, text: str
) -> None:
    answer = written(either_way, "ben", text)
    assert not answer.ephemeral
    assert answer.text.startswith("What I can do")
    assert "Status" in [one.label for one in answer.buttons]
    assert "this channel" not in answer.plain


def test_list_and_status_tell_of_ones_own_models(there: RunningBot) -> None:
    started(there)
    assert "The House" in written(there, "ben", "list").plain
    assert "The House · TM-1" in written(there, "ben", "status").plain


def test_of_several_models_status_asks_which_and_the_press_is_answered(there: RunningBot) -> None:
    started(there)
    there.start("ana", "The Garden")
    there.person("ana").close()
    there.card("The Garden")
    picker = written(there, "ben", "status")
    assert "Which one" in picker.plain
    there.person("ben").click(picker, "TM-2 The Garden")
    there.wait(lambda: any("The Garden · TM-2" in one.plain for one in letters(there, "ben")))


def test_nobody_reads_of_models_of_channels_that_they_are_not_in(there: RunningBot) -> None:
    started(there)
    for word in ("status", "list", "threats TM-1", "undo TM-1"):
        assert "The House" not in written(there, "eve", word).plain
    assert there.names() == set()


def test_the_buttons_of_help_work_in_a_direct_message(there: RunningBot) -> None:
    started(there)
    shown = written(there, "ben", "help")
    there.person("ben").click(shown, "Status")
    there.wait(lambda: any("The House · TM-1" in one.plain for one in letters(there, "ben")))


def test_start_opens_a_form_in_which_the_channel_is_chosen(there: RunningBot) -> None:
    there.know()
    shown = written(there, "ana", "start The Shed")
    there.person("ana").click(shown, "New threat model")
    form = there.modal("ana", "New threat model")
    assert "/invite" not in form.plain
    assert "Channel" in " ".join(form.labels)


@pytest.mark.parametrize("where", ["@bot", "@chi"])
def test_the_command_in_a_direct_message_is_answered_without_asking_slack(
    there: RunningBot, where: str
) -> None:
    started(there)
    calls = len(there.sandbox.calls_of("conversations.info"))
    delivery = there.command("ben", "/threatmodel status", where=where)
    assert delivery.response is not None
    assert "TM-1" in str(delivery.response["blocks"])
    assert len(there.sandbox.calls_of("conversations.info")) == calls


@pytest.mark.parametrize("words", ["status", "list", "start", "import", "help"])
def test_nobody_is_advised_to_invite_the_bot_into_a_direct_message(there: RunningBot, words: str) -> None:
    delivery = there.command("eve", f"/threatmodel {words}", where="@bot")
    assert "/invite" not in str(delivery.response)
    assert "this channel" not in str(delivery.response)
    assert " here" not in str((delivery.response or {}).get("text"))


def test_a_message_that_comes_twice_is_answered_once(there: RunningBot) -> None:
    there.sandbox.faults.repeats = 1
    written(there, "ben", "hello")
    written(there, "ben", "status")
    assert len(letters(there, "ben")) == 2


def test_edits_deletions_and_the_bots_own_words_are_not_answered(there: RunningBot) -> None:
    answer = written(there, "ben", "hello")
    channel, person = answer.channel, there.person("ben").id
    event = {"type": "message", "channel": channel, "channel_type": "im", "user": person, "text": "help"}
    for more in (
        {"ts": "5.1", "subtype": "message_changed", "hidden": True},
        {"ts": "5.2", "subtype": "message_deleted"},
        {"ts": "5.3", "bot_id": "B0OTHER"},
        {"ts": "5.4", "user": "U0THREATM"},
        {"ts": "5.5", "subtype": "bot_message"},
    ):
        there.sandbox.client.event("message.im", {**event, **more}, soon=False)
    written(there, "ben", "hello again")
    assert len(letters(there, "ben")) == 2


def test_an_answer_in_a_thread_of_the_direct_messages_stays_there(there: RunningBot) -> None:
    first = written(there, "ben", "hello")
    there.person("ben").say("@bot", "list", thread=first.ts)
    there.wait(lambda: len(letters(there, "ben")) > 1)
    assert letters(there, "ben")[-1].thread == first.ts
