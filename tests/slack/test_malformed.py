"""Payloads that Slack signed and that are not built as Slack's are: never an error, and nothing breaks."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest

from bot.slack.handlers.dispatch_table import EVENT_HANDLERS
from bot.slack.handlers.handler_responses import FollowUp, PushView, UpdateView, show_view
from bot.slack.protocol.app_ids import EVENTS_PATH, REPORT_SHORTCUT, START_SHORTCUT
from bot.slack.protocol.payload_parsing import parse_block_action
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead, RequestRefused
from bot.store import Verified
from tests.depth import DEEP, deep_only
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, run_bot

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
            # In the gate, one after the other.
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
    assert all("The request from Slack could not be read" in one for one in answers)


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
