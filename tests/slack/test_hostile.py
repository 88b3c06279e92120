"""Hostile words and hostile sizes, all the way through a workspace that refuses what Slack refuses."""

import copy
import json
import logging
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.sandbox.api import mrkdwn_to_html
from bot.slack.handlers.dispatch_table import EVENT_HANDLERS
from bot.slack.handlers.handler_responses import FollowUp, PushView, UpdateView, show_view
from bot.slack.protocol.app_ids import EVENTS_PATH, REPORT_SHORTCUT, START_SHORTCUT
from bot.slack.protocol.block_builders import clip_mrkdwn
from bot.slack.protocol.escaping import clean_text, clip, ended, escape, escape_name, one_line, plain_line
from bot.slack.protocol.payload_parsing import parse_block_action
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead, RequestRefused
from bot.store import CommandKey, Verified
from domain.commands import DrawFlows, FlowByNames, NameElements
from domain.kernel.elements import PersonId
from tests.depth import DEEP, deep_only, first
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, run_bot

WORDS = (
    "<!channel> <!here|x> @everyone",
    "<@U0ANA0001> <#C0HOUSE01> <https://evil.example|click me>",
    "*bold* _it_ ~no~ `code` > quote & &amp; &lt;",
    "\u202eevil\u202c \u200bzero\u0007bell",
    "👩‍👩‍👧‍👦 ß 漢字 عربى",
    "x" * 140,
)
ALIVE = ("<!channel>", "<!here", "<@U0", "<#C0HOUSE01>", "<https://evil", "@everyone", "@channel")


@pytest.mark.parametrize("words", first(1, WORDS))
def test_hostile_words_stay_words_on_every_page(team: SlackTeam, words: str) -> None:
    create_collected_house(team, steps=5)
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", words)
    team.person("ben").fill("Description", words)
    team.submit("ben")
    team.card("Assets  5")
    team.command("ben", "/threatmodel add data flow")
    team.modal("ben", "Add data flow")
    team.person("ben").choose("Source", "CO-3")
    team.person("ben").choose("Target", "CO-5")
    team.person("ben").choose("Data", "AS-5")
    team.person("ben").fill("Name", words)
    team.submit("ben")
    team.card("Data flows  6")
    look_at_everything(team)
    assert refused(team) == []
    assert come_alive(team) == []


def test_a_model_called_hostile_is_started_listed_and_shown(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ana", "/threatmodel start <!channel> & <@U0BEN0002>")
    team.modal("ana", "New threat model")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.card("TM-1")
    for word in ("status", "list", "history"):
        team.command("ben", f"/threatmodel {word}")
    team.private_message("ben", "TM-1")
    assert refused(team) == []
    assert come_alive(team) == []


@deep_only
def test_two_hundred_of_everything_can_still_be_seen_added_and_revised(team: SlackTeam) -> None:
    stream = create_collected_house(team, steps=1)
    ana = PersonId(team.person("ana").id)
    for number in range(2):
        many = tuple(f"Thing {number} {n} {'long ' * 20}" for n in range(100))
        names = NameElements(by=ana, at=datetime.now(UTC), assets=many, entry_points=many, trust_levels=many)
        team.command_handler.execute(names, stream=stream, key=CommandKey(f"names {number}"))
    flows = tuple(FlowByNames(source=f"Room {n}", target=f"Room {n + 1}") for n in range(200))
    for start in (0, 100):
        drawn = DrawFlows(by=ana, at=datetime.now(UTC), flows=flows[start : start + 100])
        team.command_handler.execute(drawn, stream=stream, key=CommandKey(f"flows {start}"))
    team.card("Assets  200", "Data flows  200")
    look_at_everything(team)
    for word in ("asset", "entry point", "data flow", "component", "trust level"):
        team.command("ben", f"/threatmodel add {word}")
        team.modal("ben", f"Add {word}")
        team.person("ben").close()
    team.command("ben", "/threatmodel add data flow")
    team.modal("ben", "Add data flow")
    team.person("ben").choose("Source", "CO-1")
    team.person("ben").choose("Target", "CO-200")
    team.submit("ben")
    team.card("Data flows  201")
    assert refused(team) == []


@deep_only
def test_a_list_of_two_hundred_is_turned_page_by_page(team: SlackTeam) -> None:
    stream = create_collected_house(team, steps=1)
    many = tuple(f"Thing {n}" for n in range(200))
    names = NameElements(by=PersonId(team.person("ana").id), at=datetime.now(UTC), assets=many)
    team.command_handler.execute(names, stream=stream, key=CommandKey("names"))
    team.person("ben").click(team.card("Assets  200"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Assets (200)")
    page = team.modal("ben", "Assets")
    seen = {name for name in many if f"\n{name} · " in page.plain}
    while len(seen) < 200:
        (label,) = [button.label for button in page.buttons if "Next" in button.label or "→" in button.label]
        team.person("ben").click(page, label)
        team.wait(lambda old=page.plain: team.modal("ben", "Assets").plain != old)
        page = team.modal("ben", "Assets")
        more = {name for name in many if f"\n{name} · " in page.plain}
        assert more - seen, "every page shows something new"
        seen |= more


def test_what_people_write_is_in_no_log_line(
    team: SlackTeam, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        create_collected_house(team)
        team.command("ben", "/threatmodel add asset secret-of-ben")
        team.command("eve", "/threatmodel undo secret-of-eve")
        team.private_message("eve", "Only members")
        team.private_message("ben", "You added the asset")
        team.command("ben", "/threatmodel add assumption")
        team.modal("ben", "Add assumption")
        team.person("ben").fill("Assumption", "secret-of-the-house")
        team.submit("ben")
        team.card("2 assumptions")
    # Our own lines are printed, or records like the libraries' where the process has set up its logs.
    logged = "\n".join((capsys.readouterr().out, *(record.getMessage() for record in caplog.records)))
    assert "card posted" in logged
    for secret in ("secret-of", team.sandbox.bot_token, team.sandbox.app_token):
        assert secret not in logged


def look_at_everything(team: SlackTeam) -> None:
    """Open every page that the page More leads to, one after the other."""
    team.person("chi").click(team.card("TM-1"), "More…")
    leading_on = [button.label for button in team.modal("chi", "More").buttons]
    labels = [one for one in leading_on if one not in ("Take over", "Go to the card")]
    for label in labels:
        team.person("chi").click(team.modal("chi", "More"), label)
        team.wait(lambda: len(title(team)) and title(team) != "More")
        team.person("chi").close()


def title(team: SlackTeam) -> str:
    seen = team.person("chi").modal
    return seen.title if seen else ""


def refused(team: SlackTeam) -> list[str]:
    """The calls of the bot that Slack refused, with what it said of them."""
    calls = team.sandbox.api_calls
    return [f"{call.method}: {call.answer}" for call in calls if not call.answer.get("ok")]


def come_alive(team: SlackTeam) -> list[str]:
    """Marked-up texts of the bot in which something that people wrote would mention or lead."""
    texts = [text for call in team.sandbox.api_calls for text in marked_up(call.arguments)]
    texts += [text for delivery in team.sandbox.deliveries for text in marked_up(delivery.response)]
    return [text for text in texts if any(mark in text for mark in ALIVE)]


def marked_up(sent: object) -> Iterator[str]:
    """Every text in which Slack looks for marks: mrkdwn objects, and a message's own text."""
    match sent:
        case {"type": "mrkdwn", "text": str(text)}:  # pyrefly: ignore[not-callable]
            yield text
        case dict():
            for key, value in cast("dict[str, object]", sent).items():
                if key == "text" and isinstance(value, str) and "blocks" in sent:
                    yield value
                yield from marked_up(value)
        case list():
            for value in cast("list[object]", sent):
                yield from marked_up(value)
        case _:
            return


ATTACKS = (
    "<!channel>",
    "<!here|you>",
    "<!subteam^S1>",
    "<@U0ANA0001>",
    "<#C0HOUSE01|house>",
    "<https://evil.example|click>",
    "<mailto:a@evil.example|write>",
    "https://evil.example/a",
    "@channel @here @everyone",
    "&lt;!channel&gt;",
    "a\u202eb\u2066c\u200fd",
    "\x00\x1b[31m\x07",
    "`code` ```block```",
    "*bold* _slanted_ ~struck~",
    "__twice__ _*both*_ ~_struck_~",
    "• item",
)

typed = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=20), max_size=5).map("".join)


@given(typed)
@example("<!channel>" * 300)
def test_nothing_in_escaped_text_comes_alive(text: str) -> None:
    shown = escape(text)
    assert "<" not in shown
    assert ">" not in shown
    assert not re.search(r"&(?!(?:amp|lt|gt);)", shown)
    assert not re.search(r"@(channel|here|everyone|U0ANA0001)", shown)
    assert "://" not in shown
    assert "`" not in shown


@given(typed)
@example("__0__")
@example("_*both*_")
def test_escaped_text_is_shown_without_any_mark_up(text: str) -> None:
    html = mrkdwn_to_html(escape(text), lambda id: f"[called {id}]")
    shown = html.replace("<br>", "").replace("<blockquote>", "").replace("</blockquote>", "")
    assert not re.search(r"<[a-z]", shown), shown
    assert "[called" not in shown


@given(typed)
def test_no_character_steers_the_reader(text: str) -> None:
    for shown in (clean_text(text), one_line(text), plain_line(text, 50), escape_name(text)):
        odd = {one for one in shown if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
        # A word joiner is ours; the others hold emoji together, or lay out a longer text.
        assert odd <= {"\u2060", "\u200d", "\n", "\t"}


@pytest.mark.parametrize(
    "text", ["The House", "a & b < c", "mañana 東京 👩\u200d🚀", "2 * 3 = 6", "snake_case_name"]
)
def test_ordinary_text_reads_as_it_was_written(text: str) -> None:
    shown = escape(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert shown.replace("\u2217", "*") == text


@given(typed, st.integers(1, 300))
def test_a_clipped_text_keeps_to_its_limit_and_says_that_it_was_cut(text: str, limit: int) -> None:
    shown = clip(text, limit)
    assert len(shown) <= limit
    assert shown == text or shown.endswith("…")


@given(typed, st.integers(1, 100))
def test_a_limit_counts_what_is_read_not_how_it_is_escaped(text: str, limit: int) -> None:
    shown = escape(text, limit).replace("\u2060", "")
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        shown = shown.replace(entity, sign)
    assert len(shown) <= max(limit, len("(no name)"))


@given(typed, st.integers(1, 80))
def test_cutting_marked_up_text_leaves_no_half_entity_or_link(text: str, limit: int) -> None:
    shown = clip_mrkdwn(escape(text) + "<!date^1^{time}|then>" * 3, limit)
    assert len(shown) <= limit
    assert not re.search(r"&(?!(?:amp|lt|gt);)", shown)
    assert shown.count("<") == shown.count(">")


@given(typed, st.integers(1, 80))
def test_cutting_marked_up_text_leaves_no_mark_without_its_pair(text: str, limit: int) -> None:
    shown = clip_mrkdwn(f"*first*\n*{escape(text)}* and *{escape(text)}* is _new_", limit)
    last = shown.rpartition("\n")[2]
    for mark in ("[*]", "_", "~"):
        assert len(re.findall(rf"(?<![^\W_]){mark}|{mark}(?![^\W_])", last)) % 2 == 0


@pytest.mark.parametrize("nothing", ["", "   ", "\u202e", "\x00\n"])
def test_what_has_nothing_to_show_gets_words(nothing: str) -> None:
    assert plain_line(nothing, 20) == "(no name)"
    assert escape_name(nothing) == "(no name)"
    assert escape(nothing, empty="nothing") == "nothing"


def test_a_name_stays_on_one_line() -> None:
    assert escape_name("The\r\n  House\t\u2028again") == "The House again"


def test_an_emoji_of_several_characters_stays_whole() -> None:
    assert clean_text("👨\u200d👩\u200d👧 ❤\ufe0f") == "👨\u200d👩\u200d👧 ❤\ufe0f"


def test_a_sentence_that_was_cut_gets_no_period_behind_its_ellipsis() -> None:
    cases = {"Ana left": "Ana left.", "Ana left.": "Ana left.", "Why?": "Why?", clip("a" * 9, 5): "aaaa…"}
    assert [ended(case_) for case_ in cases] == list(cases.values())


INSTEAD: tuple[object, ...] = (None, 7, [], {}, "x")
SILENCES = {"app_uninstalled", "tokens_revoked"}
"""What ends the bot's work; after it nothing could be seen any more."""


@pytest.fixture(scope="module")
def over_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackTeam]:
    path: Path = tmp_path_factory.mktemp("malformed")
    with run_bot(path / "threatmodel.db", transport="http") as running:
        create_collected_house(running)
        yield running


def test_a_payload_with_anything_missing_or_in_another_shape_is_answered_without_an_error(
    over_http: SlackTeam,
) -> None:
    team, broken = over_http, list[str]()
    for name, payload in payloads(team).items():
        for number, where in enumerate(places(payload)):
            every = (*INSTEAD, GONE)
            # In the condition, one after the other.
            for instead in every if DEEP else (every[number % len(every)],):
                status = bring(team, changed(payload, where, instead))
                if status not in (200, 400):
                    broken.append(f"{name}: {where} = {instead!r} gave {status}")
    assert broken == []
    team.command("ben", "/threatmodel list")
    team.private_message("ben", "The House")
    assert isinstance(team.store.verify(), Verified)


def test_a_whole_payload_is_answered(over_http: SlackTeam) -> None:
    for name, payload in payloads(over_http).items():
        assert bring(over_http, payload) == 200, name


@pytest.mark.parametrize("kind", ["view_closed", "block_suggestion", "workflow_step_edit", "of a later year"])
def test_a_kind_of_payload_that_no_one_listens_to_is_no_failure(over_http: SlackTeam, kind: str) -> None:
    click = payloads(over_http)["click"]
    assert bring(over_http, {**click, "type": kind}) == 200


@pytest.mark.parametrize(
    "where",
    [
        ("response_url",),
        ("user", "team_id"),
        ("team",),
        ("team", "id"),
        ("container", "thread_ts"),
        ("container", "is_ephemeral"),
        ("view",),
    ],
)
def test_what_may_be_left_out_may_be_null(over_http: SlackTeam, where: tuple[str, ...]) -> None:
    click = payloads(over_http)["click"]
    whole = {**click, "view": None, "container": {**click["container"], "thread_ts": None}}
    assert parse_block_action(changed(whole, where, None)).person == click["user"]["id"]
    assert bring(over_http, changed(whole, where, None)) == 200


def test_an_answer_stays_in_the_thread_that_only_the_message_names(over_http: SlackTeam) -> None:
    click = payloads(over_http)["click"]
    bare = {**click, "view": None, "container": {**click["container"], "thread_ts": None}}
    in_thread = parse_block_action({**bare, "message": {"ts": "1.2", "thread_ts": "1.1"}})
    assert in_thread.origin.thread == "1.1"
    assert parse_block_action({**bare, "message": {"ts": "1.2"}}).origin.thread == ""
    assert parse_block_action({**bare, "message": None}).origin.thread == ""


def test_a_page_opened_from_the_third_modal_takes_its_place() -> None:
    """Slack refuses a fourth one."""

    def shown(root: str, below: str | None) -> type[FollowUp]:
        view = {"id": "V3", "type": "modal", "root_view_id": root, "previous_view_id": below}
        click = {
            "user": {"id": "U0ANA0001"},
            "actions": [{"action_ts": "1.1"}],
            "trigger_id": "1",
            "view": view,
        }
        return type(show_view(parse_block_action(click), {}).after[0])

    assert shown("V3", None) is PushView
    assert shown("V1", "V1") is PushView
    assert shown("V1", "V2") is UpdateView


def test_what_cannot_be_read_is_said_in_words(over_http: SlackTeam) -> None:
    team = over_http
    answers = [
        answer_to(team, {**payloads(team)["command"], "trigger_id": ""}),
        answer_to(team, changed(payloads(team)["submission"], ("user", "id"), "")),
    ]
    assert all("The request from Slack could not be read" in answer for answer in answers)


@deep_only
def test_requests_without_an_id_of_their_own_do_not_count_as_one(over_http: SlackTeam) -> None:
    """Two commands without a trigger would otherwise be the same request, and the second one lost."""
    team = over_http
    known = payloads(team)["command"]  # the first one to ask for payloads changes the model
    before = team.model().version
    for person in ("ben", "chi"):
        command = {**known, "user_id": team.person(person).id, "text": "undo"}
        assert "could not be read" in answer_to(team, {**command, "trigger_id": ""})
    assert team.model().version == before


GONE = object()


def payloads(team: SlackTeam) -> dict[str, dict[str, Any]]:
    """One payload of every kind, as the workspace sends them; taken once."""
    if not _TAKEN:
        ben = team.person("ben")
        ben.command("#house", "/threatmodel list")
        ben.click(team.card("TM-1"), "More…")
        ben.click(team.modal("ben", "More"), "Add elements")
        team.modal("ben", "Add elements")
        ben.fill("Assets", "The cat")
        team.submit("ben")
        ben.shortcut(START_SHORTCUT)
        ben.message_shortcut(team.card("TM-1"), REPORT_SHORTCUT)
        team.person("dee").leave("#house")
        team.person("dee").join("#house")
        for delivery in team.sandbox.deliveries:
            _TAKEN.setdefault(_NAMES.get(str(delivery.payload.get("type")), "command"), delivery.payload)
        event = _TAKEN.pop("event")
        for name in set(EVENT_HANDLERS) - SILENCES:
            _TAKEN[name] = {**event, "event": {"type": name, **_HAPPENED, **_OTHERWISE.get(name, {})}}
    return _TAKEN


_TAKEN: dict[str, dict[str, Any]] = {}
_NAMES = {
    "block_actions": "click",
    "view_submission": "submission",
    "shortcut": "shortcut",
    "message_action": "message shortcut",
    "event_callback": "event",
}
_HAPPENED = {
    "user": "U0BEN0002",
    "channel": "C0GENERAL",
    "ts": "1.2",
    "text": "<@U0THREATM> list",
    "tab": "home",
}
_OTHERWISE: dict[str, dict[str, Any]] = {
    "channel_rename": {"channel": {"id": "C0GENERAL", "name": "general"}},
    "group_rename": {"channel": {"id": "C0GENERAL", "name": "general"}},
    "user_change": {"user": {"id": "U0EVE0005", "team_id": "T0SANDBOX", "profile": {"display_name": "Eve"}}},
}


def places(payload: object, so_far: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every key and item in a payload, of lists the first alone, of what a view shows nothing."""
    found: list[tuple[str | int, object]] = []
    if isinstance(payload, dict):
        found = [*cast("dict[str | int, object]", payload).items()]
    elif isinstance(payload, list):
        found = [*enumerate(cast("list[object]", payload[:1]))]
    for key, value in found:
        yield (*so_far, key)
        if key not in ("blocks", "message"):
            yield from places(value, (*so_far, key))


def changed(payload: dict[str, Any], where: tuple[str | int, ...], instead: object) -> dict[str, Any]:
    whole: Any = copy.deepcopy(payload)
    inner = whole
    for key in where[:-1]:
        inner = inner[key]
    if instead is GONE:
        del inner[where[-1]]
    else:
        inner[where[-1]] = instead
    return whole


def bring(team: SlackTeam, payload: dict[str, Any]) -> int:
    return brought(team, payload)[0]


def answer_to(team: SlackTeam, payload: dict[str, Any]) -> str:
    return brought(team, payload)[1]


def brought(team: SlackTeam, payload: dict[str, Any]) -> tuple[int, str]:
    """The status and the words of the answer, without a wire in between."""
    if "event" in payload or payload.get("type") == "event_callback":
        body, kind = json.dumps(payload).encode(), "application/json"
    else:
        form = payload if "command" in payload else {"payload": json.dumps(payload)}
        body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
    signed = {key.lower(): value for key, value in team.sandbox.http.signed(body).items()}
    head = RequestHead(method="POST", path=EVENTS_PATH, query="", headers={"content-type": kind, **signed})
    assert team.bot.public.max_body_bytes(head) >= len(body)
    try:
        work = team.bot.public.admit(HttpRequest(head=head, body=body))
    except RequestRefused as refused:
        return refused.status, str(refused)
    answer = work if isinstance(work, HttpResponse) else work()
    answer.sent()
    return answer.status, answer.body.decode()
