"""The Web API responds like Slack's, including errors."""

# slack_sdk and slack_bolt leave many of their types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportOptionalSubscript=false, reportPrivateUsage=false

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.sandbox.api import Sandbox
from bot.sandbox.web_api import WebApi
from bot.sandbox.workspace.trigger_ids import TRIGGER_SECONDS
from tests.sandbox.consent import refused
from tests.sandbox.small_bot import HOUSE, MANIFEST, Json, SmallBot, form, small_bot
from tests.waiting import PATIENCE


@pytest.fixture
def client(quiet: Sandbox) -> WebClient:
    """Slack's own client with the right token."""
    return WebClient(token=quiet.bot_token, base_url=quiet.url)


def refusal(call: Callable[[], object]) -> Json:
    """Return the answer of a call that must be refused."""
    with pytest.raises(SlackApiError) as caught:
        call()
    return dict(caught.value.response.data)


OPTION: Json = {"text": {"type": "plain_text", "text": "One"}, "value": "one"}
SELECT: Json = {"type": "static_select", "action_id": "pick", "options": [OPTION]}


def section(text: str) -> Json:
    """Return a section of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize(("token", "error"), [("xoxb-wrong", "invalid_auth"), (None, "not_authed")])
def test_a_wrong_token_is_refused(quiet: Sandbox, token: str | None, error: str) -> None:
    stranger = WebClient(token=token, base_url=quiet.url)
    assert refused(stranger.auth_test) == error


def test_a_call_is_listed_once_its_effect_is_visible(
    quiet: Sandbox, client: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = WebApi._note

    def late(*call: Any) -> None:
        time.sleep(0.2)
        note(*call)

    monkeypatch.setattr(WebApi, "_note", late)
    posting = threading.Thread(target=lambda: client.chat_postMessage(channel=HOUSE, text="Here I am"))
    posting.start()
    ben = quiet.person("ben")
    quiet.wait_until(lambda: any("Here I am" in message.plain for message in ben.sees("#house")))
    assert len(quiet.calls_of("chat.postMessage")) == 1
    posting.join(60)


def test_each_token_grants_its_own_methods(quiet: Sandbox, client: WebClient) -> None:
    assert client.auth_test()["bot_id"]
    assert (
        refused(lambda: client.apps_connections_open(app_token=quiet.bot_token)) == "not_allowed_token_type"
    )
    with_app_token = WebClient(token=quiet.app_token, base_url=quiet.url)
    assert refused(lambda: with_app_token.users_list()) == "not_allowed_token_type"


def test_a_scope_that_the_manifest_lacks_is_missing(quiet: Sandbox, client: WebClient) -> None:
    answer = refusal(lambda: client.conversations_history(channel=HOUSE))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:history")
    del quiet


def test_unknown_methods_channels_people_and_messages_are_named(client: WebClient) -> None:
    assert refused(lambda: client.api_call("chat.sing")) == "unknown_method"
    assert refused(lambda: client.chat_postMessage(channel="C0NOWHERE", text="t")) == "channel_not_found"
    assert refused(lambda: client.users_info(user="U0NOBODY")) == "user_not_found"
    assert refused(lambda: client.chat_update(channel=HOUSE, ts="1.0", text="t")) == "message_not_found"
    assert refused(lambda: client.api_call("chat.postMessage", json={"channel": HOUSE})) == "no_text"


def test_only_its_own_messages_can_be_changed(quiet: Sandbox, client: WebClient) -> None:
    said = quiet.person("ana").say("#house", "mine")
    assert (
        refused(lambda: client.chat_update(channel=HOUSE, ts=said.ts, text="yours")) == "cant_update_message"
    )
    assert refused(lambda: client.chat_delete(channel=HOUSE, ts=said.ts)) == "cant_delete_message"


def test_a_bot_that_is_not_in_the_channel_cannot_post(quiet: Sandbox, client: WebClient) -> None:
    quiet.remove_bot("#house")
    assert refused(lambda: client.chat_postMessage(channel=HOUSE, text="t")) == "not_in_channel"
    quiet.change_channel("#house", is_private=True)
    assert refused(lambda: client.chat_postMessage(channel=HOUSE, text="t")) == "channel_not_found"


def test_an_archived_channel_takes_nothing(quiet: Sandbox, client: WebClient) -> None:
    quiet.change_channel("#house", is_archived=True)
    assert refused(lambda: client.chat_postMessage(channel=HOUSE, text="t")) == "is_archived"


def test_ephemeral_messages_are_seen_by_their_reader_alone(quiet: Sandbox, client: WebClient) -> None:
    sent = client.chat_postEphemeral(channel=HOUSE, user="U0BEN0002", text="psst")
    seen = {name: [message.plain for message in quiet.person(name).sees("#house")] for name in ("ana", "ben")}
    assert seen == {"ana": [], "ben": ["psst"]}
    assert (
        refused(lambda: client.chat_postEphemeral(channel=HOUSE, user="U0EVE0005", text="t"))
        == "user_not_in_channel"
    )
    assert (
        refused(lambda: client.chat_update(channel=HOUSE, ts=str(sent["message_ts"]), text="t"))
        == "message_not_found"
    )


def test_messages_are_edited_and_deleted_in_place(quiet: Sandbox, client: WebClient) -> None:
    ts = str(client.chat_postMessage(channel=HOUSE, text="one")["ts"])
    client.chat_update(channel=HOUSE, ts=ts, text="two")
    ana = quiet.person("ana")
    assert [(one.ts, one.plain, one.edited) for one in ana.sees("#house")] == [(ts, "two", True)]
    client.chat_delete(channel=HOUSE, ts=ts)
    assert ana.sees("#house") == []


def test_members_and_people_come_in_pages(client: WebClient) -> None:
    found: list[str] = []
    cursor = ""
    while True:
        page = client.conversations_members(channel=HOUSE, limit=2, cursor=cursor)
        members = cast("list[str]", page["members"])
        assert len(members) <= 2
        found += members
        cursor = str(page["response_metadata"]["next_cursor"])  # pyrefly: ignore[unsupported-operation]
        if not cursor:
            break
    assert len(found) == len(set(found)) == 5
    assert client.users_list(limit=3)["response_metadata"]["next_cursor"]  # pyrefly: ignore[unsupported-operation]
    assert refused(lambda: client.conversations_members(channel=HOUSE, cursor="forged")) == "invalid_cursor"


def test_direct_messages_are_opened_and_read_with_their_metadata(quiet: Sandbox, client: WebClient) -> None:
    opened = client.conversations_open(users="U0ANA0001")
    channel = str(opened["channel"]["id"])  # pyrefly: ignore[unsupported-operation]
    metadata: Json = {"event_type": "reminder", "event_payload": {"key": "k1"}}
    client.chat_postMessage(channel="U0ANA0001", text="hello", metadata=metadata)
    assert [message.plain for message in quiet.person("ana").direct_messages()] == ["hello"]
    told = client.conversations_history(channel=channel, include_all_metadata=True)
    assert told["messages"][0]["metadata"] == metadata  # pyrefly: ignore[unsupported-operation]
    bare = client.conversations_history(channel=channel)
    assert "metadata" not in bare["messages"][0]  # pyrefly: ignore[unsupported-operation]
    assert refused(lambda: client.conversations_open(users="U0THREATM")) == "cannot_dm_bot"


@pytest.mark.parametrize(
    ("blocks", "sentence", "path"),
    [
        ([section("x" * 3001)], "must be less than 3001 characters", "/blocks/0/text/text"),
        ([section("x")] * 51, "no more than 50 items allowed", "/blocks"),
        ([{"type": "sing"}], "unsupported type: sing", "/blocks/0"),
        (
            [{"type": "header", "text": {"type": "mrkdwn", "text": "t"}}],
            "unsupported type: mrkdwn",
            "/blocks/0/text",
        ),
        ([{"type": "section"}], "missing required field: text or fields", "/blocks/0"),
        ([{**section("x"), "colour": "red"}], "invalid additional property: colour", "/blocks/0"),
        (
            [{"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}],
            "must be more than 0 characters",
            "/blocks/0/rows/0/0/text",
        ),
        (
            [{"type": "actions", "elements": [{**SELECT, "initial_option": {**OPTION, "value": "other"}}]}],
            "initial option must be one of the options",
            "/blocks/0/elements/0",
        ),
        ([{**section("x"), "block_id": "b"}] * 2, "`block_id` b already exists", "/blocks/1/block_id"),
    ],
)
def test_invalid_blocks_are_refused_with_their_path(
    client: WebClient, blocks: list[Json], sentence: str, path: str
) -> None:
    answer = refusal(lambda: client.chat_postMessage(channel=HOUSE, text="t", blocks=blocks))
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {sentence} [json-pointer:{path}]"]


def test_blocks_above_the_total_size_are_refused(client: WebClient) -> None:
    blocks = [section("x" * 2900) for _ in range(5)]
    assert (
        refused(lambda: client.chat_postMessage(channel=HOUSE, text="t", blocks=blocks))
        == "msg_blocks_too_long"
    )


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        (
            form("A title of twenty-five ch"),
            "must be less than 25 characters [json-pointer:/view/title/text]",
        ),
        (
            form(private_metadata="x" * 3001),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (
            {key: value for key, value in form().items() if key != "submit"},
            "missing required field: submit, which a view with input blocks needs [json-pointer:/view]",
        ),
        (form(blocks=[section("x")] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
    ],
)
def test_invalid_views_are_refused_with_their_path(client: WebClient, view: Json, sentence: str) -> None:
    answer = refusal(lambda: client.views_open(trigger_id="1.2.3", view=view))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {sentence}"]


def test_a_trigger_works_once_and_for_three_seconds(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small hello")
    trigger = bot.bodies[-1]["trigger_id"]
    bot.client.views_open(trigger_id=trigger, view=form())
    assert refused(lambda: bot.client.views_open(trigger_id=trigger, view=form())) == "exchanged_trigger_id"
    ana.command("#house", "/small hello")
    assert TRIGGER_SECONDS == 3.0, "for a workspace that waits as long as Slack does"
    sandbox.clock.move(PATIENCE + 0.1)
    assert (
        refused(lambda: bot.client.views_open(trigger_id=bot.bodies[-1]["trigger_id"], view=form()))
        == "expired_trigger_id"
    )
    assert refused(lambda: bot.client.views_open(trigger_id="1.2.3", view=form())) == "invalid_trigger_id"


def test_a_view_changes_only_under_its_hash_and_while_open(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small hello")
    view = cast("Json", bot.client.views_open(trigger_id=bot.bodies[-1]["trigger_id"], view=form())["view"])
    bot.client.views_update(view_id=view["id"], view=form("Two"), hash=view["hash"])
    assert (
        refused(lambda: bot.client.views_update(view_id=view["id"], view=form("Three"), hash=view["hash"]))
        == "hash_conflict"
    )
    ana.close()
    assert refused(lambda: bot.client.views_update(view_id=view["id"], view=form("Three"))) == "not_found"


def test_no_more_than_three_views_are_stacked(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small form")
    for _ in range(3):
        ana.command("#house", "/small hello")
        trigger = bot.bodies[-1]["trigger_id"]
        if len(sandbox.client.parts.views.stack(ana.id)) < 3:
            bot.client.views_push(trigger_id=trigger, view=form())
        else:
            code = refused(lambda trigger=trigger: bot.client.views_push(trigger_id=trigger, view=form()))
            assert code == "push_limit_reached"
    assert len(sandbox.client.parts.views.stack(ana.id)) == 3


def test_a_response_url_answers_five_times_within_half_an_hour(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small hello")
    respond = WebhookClient(str(bot.bodies[-1]["response_url"]))
    assert [respond.send(text=str(number)).status_code for number in range(6)] == [200] * 5 + [404]
    assert [message.plain for message in ana.sees("#house")][1:] == ["0", "1", "2", "3", "4"]
    assert sandbox.person("ben").sees("#house") == []
    ana.command("#house", "/small hello")
    sandbox.clock.move(31 * 60)
    assert WebhookClient(str(bot.bodies[-1]["response_url"])).send(text="late").status_code == 404


def test_a_home_tab_is_published_to_one_person(quiet: Sandbox, client: WebClient) -> None:
    client.views_publish(user_id="U0ANA0001", view={"type": "home", "blocks": [section("*Mine*")]})
    home = quiet.person("ana").home()
    assert home is not None
    assert home.plain == "Mine"
    assert quiet.person("ben").home() is None


def test_too_many_posts_in_a_channel_must_wait() -> None:
    with Sandbox(manifest=MANIFEST, rate_limits=True).start() as strict:
        client = WebClient(token=strict.bot_token, base_url=strict.url)
        for number in range(5):
            client.chat_postMessage(channel=HOUSE, text=str(number))
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=HOUSE, text="6")
        assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
        client.chat_postMessage(channel="C0GENERAL", text="elsewhere")
        strict.clock.move(1.1)
        client.chat_postMessage(channel=HOUSE, text="6")


def test_configured_faults_occur(quiet: Sandbox) -> None:
    client = WebClient(token=quiet.bot_token, base_url=quiet.url, retry_handlers=[])
    quiet.faults.fail_next("chat.postMessage", "ratelimited", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=HOUSE, text="t")
    assert caught.value.response.headers["Retry-After"] == "7"
    quiet.faults.fail_next("*", "server_error")
    with pytest.raises(SlackApiError):
        client.auth_test()
    quiet.faults.fail_next("chat.postMessage", "dropped")
    with pytest.raises(OSError):  # noqa: PT011  (which kind depends on how far the client had read)
        client.chat_postMessage(channel=HOUSE, text="never said")
    quiet.faults.fail_next("chat.postMessage", "answer_lost")
    with pytest.raises(OSError):  # noqa: PT011  (as above)
        client.chat_postMessage(channel=HOUSE, text="said all the same")
    assert [message.plain for message in quiet.person("ana").sees("#house")] == ["said all the same"]


def test_tokens_are_nowhere_in_the_record(quiet: Sandbox) -> None:
    with small_bot(quiet):
        form_body = urlencode({"token": quiet.bot_token}).encode()
        with urllib.request.urlopen(f"{quiet.url}auth.test", data=form_body, timeout=30) as answer:
            assert json.load(answer)["ok"]
    record = repr(quiet.api_calls)
    assert quiet.calls_of("apps.connections.open")
    assert quiet.bot_token not in record
    assert quiet.app_token not in record
    assert "ticket=" not in record
