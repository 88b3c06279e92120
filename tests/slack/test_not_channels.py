"""Where no model can live: group conversations are refused by name, and direct messages are answered."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from structlog.testing import capture_logs

from bot.sandbox.api import VisibleMessage
from bot.slack.handlers.dispatcher import GROUP
from bot.slack.handlers.pending_request_checks import CANNOT_CHECK, TOO_LONG
from bot.slack.protocol.app_ids import IMPORT_SHORTCUT, REPORT_SHORTCUT
from bot.slack.protocol.requests import Json
from bot.slack.transport.bolt_app import NOT_INSTALLED, WorkspaceRequests, make_bolt_app
from bot.store import StoreUnavailable
from tests.slack.installing import oauth_settings
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.test_help import started


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
    return [message for message in team.person(who).direct_messages() if message.author == "threatmodel"]


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
    assert "Status" in [button.label for button in answer.buttons]
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
    team.wait(lambda: any("The Garden · TM-2" in letter.plain for letter in letters(team, "ben")))


def test_models_of_other_channels_are_not_shown(team: SlackTeam) -> None:
    started(team)
    for word in ("status", "list", "threats TM-1", "undo TM-1"):
        assert "The House" not in written(team, "eve", word).plain
    assert team.names() == set()


def test_the_buttons_of_help_work_in_a_direct_message(team: SlackTeam) -> None:
    started(team)
    shown = written(team, "ben", "help")
    team.person("ben").click(shown, "Status")
    team.wait(lambda: any("The House · TM-1" in letter.plain for letter in letters(team, "ben")))


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
    shown = next(message for message in team.person("ben").sees("#house") if message.ephemeral)
    team.person("ben").click(shown, "Status")
    team.private_message("ben", "The House · TM-1")


def test_where_the_bot_may_not_whisper_the_answer_still_comes(team: SlackTeam) -> None:
    started(team)
    card, shown = asked_for_help(team)
    team.sandbox.faults.fail_next("chat.postEphemeral", "not_in_channel")
    team.person("ben").click(shown, "Status")
    team.private_message("ben", "The House · TM-1")
    assert len(in_thread(team, "ben", card)) == 1


WORDS = "the walrus at the back door"
COMMAND = {"command": "/threatmodel", "text": WORDS, "team_id": "T0STRANGE", "user_id": "U1"}
CLICK = {
    "type": "block_actions",
    "team": {"id": "T0STRANGE"},
    "actions": [{"action_id": "a", "value": WORDS}],
}
FORM = {"type": "view_submission", "team": {"id": "T0STRANGE"}, "view": {"type": "modal", "blocks": [WORDS]}}
EVENT = {"type": "event_callback", "team_id": "T0STRANGE", "event": {"type": "app_mention", "text": WORDS}}
EVERY = {"slash": COMMAND, "block_actions": CLICK, "view_submission": FORM, "event_callback": EVENT}


def answered(body: Json, *, unavailable: bool = False) -> BoltResponse:
    """The answer of a bot that finds no workspace."""

    def find(_: Json) -> WorkspaceRequests | None:
        if unavailable:
            raise StoreUnavailable("the disk is full")
        return None

    app = make_bolt_app(oauth_settings("http://127.0.0.1:9/api/"), find)
    return app.dispatch(BoltRequest(body=body, mode="socket_mode"))


def test_a_command_is_answered_with_what_to_do() -> None:
    answer = answered(COMMAND)
    assert answer.status == 200
    assert json.loads(answer.body) == {"response_type": "ephemeral", "text": NOT_INSTALLED}
    assert "Ask an administrator" in NOT_INSTALLED


@pytest.mark.parametrize("body", [CLICK, FORM], ids=["click", "form"])
def test_slack_says_that_the_app_does_not_answer_so_that_a_form_stays_open(body: Json) -> None:
    assert answered(body).status == 403


def test_an_event_is_acknowledged_because_slack_would_send_it_again() -> None:
    assert answered(EVENT).status == 200


@pytest.mark.parametrize("kind", EVERY)
def test_the_line_in_the_log_has_the_kind_and_no_words(kind: str) -> None:
    with capture_logs() as lines:
        answered(EVERY[kind])
    assert [(line["event"], line["kind"]) for line in lines] == [
        ("a request of a workspace without the app", kind)
    ]
    assert "walrus" not in json.dumps(lines)


@pytest.mark.parametrize("kind", EVERY)
def test_while_the_store_is_unavailable_nothing_is_acknowledged(kind: str) -> None:
    assert answered(EVERY[kind], unavailable=True).status == 503


def test_slack_may_check_the_address_before_any_installation() -> None:
    answer = answered({"type": "url_verification", "challenge": "c1"})
    assert (answer.status, "c1" in answer.body) == (200, True)
