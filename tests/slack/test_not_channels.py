"""Where no model can live: group conversations are refused by name, and direct messages are answered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.api import VisibleMessage
from bot.slack.handlers.dispatcher import GROUP
from bot.slack.handlers.pending_request_checks import CANNOT_CHECK, TOO_LONG
from bot.slack.protocol.app_ids import IMPORT_SHORTCUT, REPORT_SHORTCUT
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.test_mentions import started


@pytest.fixture
def group(team: SlackTeam) -> str:
    """The conversation of three people without the bot."""
    return team.sandbox.open_group("ana", "ben", "chi")


@pytest.mark.parametrize("words", ["", "start The Shed", "status", "help", "undo"])
def test_a_group_conversation_is_refused_at_once_and_nothing_waits(
    team: SlackTeam, group: str, words: str
) -> None:
    delivery = team.command("ben", f"/threatmodel {words}", where=group)
    assert delivery.response is not None
    assert delivery.response["text"] == GROUP
    assert team.private_messages("ben", group) == [GROUP]
    assert not team.unit.pending.all()
    assert team.sandbox.calls_of("conversations.info") == []


@pytest.mark.parametrize("shortcut", [REPORT_SHORTCUT, IMPORT_SHORTCUT])
def test_a_shortcut_in_a_group_conversation_is_refused_by_name(
    team: SlackTeam, group: str, shortcut: str
) -> None:
    said = team.person("ben").say(group, "Somebody could climb in")
    team.person("ben").message_shortcut(said, shortcut)
    team.wait(lambda: GROUP in team.private_messages("ben", group))
    assert not team.unit.pending.all()


def test_a_conversation_that_slack_does_not_show_is_given_up_with_a_word(team: SlackTeam, group: str) -> None:
    """Without its name, as an event has none, a group conversation is found out by asking."""
    said = team.command("ben", "/threatmodel status", where=group).payload
    team.sandbox.client.sender.send("slash_commands", {**said, "channel_name": "", "trigger_id": "7.7"})
    team.private_message("ben", CANNOT_CHECK, where=group)
    team.wait(lambda: not team.unit.pending.all())
    assert len(team.sandbox.calls_of("conversations.info")) == 1


def test_a_request_that_slack_does_not_let_the_bot_check_is_given_up_after_an_hour(tmp_path: Path) -> None:
    moved = [timedelta()]
    with run_bot(tmp_path / "bot.db", clock=lambda: datetime.now(UTC) + moved[0]) as team:
        started(team)
        team.sandbox.faults.fail_next("conversations.info", "fetch_members_failed", times=99)
        team.command("eve", "/threatmodel undo")
        waiting = team.unit.pending
        team.wait(lambda: len(team.sandbox.calls_of("conversations.info")) > 1)
        assert waiting.all()
        moved[0] = timedelta(hours=2)
        team.bot.process.schedule_refresh()
        team.private_message("eve", TOO_LONG)
        team.wait(lambda: not waiting.all())


# Direct messages


def letters(team: SlackTeam, who: str) -> list[VisibleMessage]:
    """What the bot wrote to somebody directly."""
    return [one for one in team.person(who).direct_messages() if one.author == "threatmodel"]


def written(team: SlackTeam, who: str, text: str) -> VisibleMessage:
    """Write to the bot directly; its answer."""
    before = len(letters(team, who))
    team.person(who).say("@bot", text)
    team.wait(lambda: len(letters(team, who)) > before)
    return letters(team, who)[-1]


@pytest.mark.parametrize("text", ["help", "hello", "Hi!", "What can you do?", "@threatmodel"])
def test_help_and_a_plain_hello_are_answered_with_what_the_bot_can_do(
    either_way: SlackTeam, text: str
) -> None:
    answer = written(either_way, "ben", text)
    assert not answer.ephemeral
    assert answer.text.startswith("Commands: ")
    assert "Status" in [one.label for one in answer.buttons]
    assert "this channel" not in answer.plain


def test_list_and_status_tell_of_ones_own_models(team: SlackTeam) -> None:
    started(team)
    assert "The House" in written(team, "ben", "list").plain
    assert "The House · TM-1" in written(team, "ben", "status").plain


def test_of_several_models_status_asks_which_and_the_press_is_answered(team: SlackTeam) -> None:
    started(team)
    team.start("ana", "The Garden")
    team.person("ana").close()
    team.card("The Garden")
    picker = written(team, "ben", "status")
    assert "Choose one" in picker.plain
    team.person("ben").click(picker, "TM-2 The Garden")
    team.wait(lambda: any("The Garden · TM-2" in one.plain for one in letters(team, "ben")))


def test_models_of_other_channels_are_not_shown(team: SlackTeam) -> None:
    started(team)
    for word in ("status", "list", "threats TM-1", "undo TM-1"):
        assert "The House" not in written(team, "eve", word).plain
    assert team.names() == set()


def test_the_buttons_of_help_work_in_a_direct_message(team: SlackTeam) -> None:
    started(team)
    shown = written(team, "ben", "help")
    team.person("ben").click(shown, "Status")
    team.wait(lambda: any("The House · TM-1" in one.plain for one in letters(team, "ben")))


def test_start_opens_a_form_in_which_the_channel_is_chosen(team: SlackTeam) -> None:
    team.read_channel()
    shown = written(team, "ana", "start The Shed")
    team.person("ana").click(shown, "New threat model")
    form = team.modal("ana", "New threat model")
    assert "/invite" not in form.plain
    assert "Channel" in " ".join(form.labels)


@pytest.mark.parametrize("where", ["@bot", "@chi"])
def test_the_command_in_a_direct_message_is_answered_without_asking_slack(
    team: SlackTeam, where: str
) -> None:
    started(team)
    team.look_only_when_asked()
    calls = len(team.sandbox.calls_of("conversations.info"))
    delivery = team.command("ben", "/threatmodel status", where=where)
    assert delivery.response is not None
    assert "TM-1" in str(delivery.response["blocks"])
    assert len(team.sandbox.calls_of("conversations.info")) == calls


@pytest.mark.parametrize("words", ["status", "list", "start", "import", "help"])
def test_no_one_is_advised_to_invite_the_bot_into_a_direct_message(team: SlackTeam, words: str) -> None:
    delivery = team.command("eve", f"/threatmodel {words}", where="@bot")
    assert "/invite" not in str(delivery.response)
    assert "this channel" not in str(delivery.response)
    assert " here" not in str((delivery.response or {}).get("text"))


def test_a_message_that_comes_twice_is_answered_once(team: SlackTeam) -> None:
    team.sandbox.faults.repeats = 1
    written(team, "ben", "hello")
    written(team, "ben", "status")
    assert len(letters(team, "ben")) == 2


def test_edits_deletions_and_the_bots_own_words_are_not_answered(team: SlackTeam) -> None:
    answer = written(team, "ben", "hello")
    channel, person = answer.channel, team.person("ben").id
    event = {"type": "message", "channel": channel, "channel_type": "im", "user": person, "text": "help"}
    for more in (
        {"ts": "5.1", "subtype": "message_changed", "hidden": True},
        {"ts": "5.2", "subtype": "message_deleted"},
        {"ts": "5.3", "bot_id": "B0OTHER"},
        {"ts": "5.4", "user": "U0THREATM"},
        {"ts": "5.5", "subtype": "bot_message"},
    ):
        team.sandbox.client.event("message.im", {**event, **more}, soon=False)
    written(team, "ben", "hello again")
    assert len(letters(team, "ben")) == 2


def test_an_answer_in_a_thread_of_the_direct_messages_stays_there(team: SlackTeam) -> None:
    first = written(team, "ben", "hello")
    team.person("ben").say("@bot", "list", thread=first.ts)
    team.wait(lambda: len(letters(team, "ben")) > 1)
    assert letters(team, "ben")[-1].thread == first.ts
