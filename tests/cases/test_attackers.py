"""Case 28: requests of somebody who means ill."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cases.case_actions import add_asset, asset_names, recorded_events
from tests.slack.slack_team import SlackTeam, run_bot

NOT_A_MEMBER = "Only members of this model's channel"


@pytest.fixture
def over_http(tmp_path: Path) -> Iterator[SlackTeam]:
    with run_bot(tmp_path / "threatmodel.db", transport="http") as team:
        team.start()
        team.person("ana").close()
        add_asset(team, "ben", "Valuables")
        add_asset(team, "ben", "The cat")
        yield team


def test_a_replayed_request_counts_once_and_later_is_refused(over_http: SlackTeam) -> None:
    """Somebody recorded a request on its way: within five minutes it is a repeat, after that too old."""
    team = over_http
    body = command_of(team, "ben", "undo", trigger="1.1")
    signed = team.sandbox.http.signed(body)
    assert [post(team, body, signed) for _ in range(3)] == [200] * 3
    assert asset_names(team) == ["Valuables"]
    old = {**signed, "X-Slack-Request-Timestamp": str(int(signed["X-Slack-Request-Timestamp"]) - 301)}
    assert post(team, body, old) == 401
    assert asset_names(team) == ["Valuables"]


def test_a_request_of_yesterday_is_refused_however_well_it_was_signed(over_http: SlackTeam) -> None:
    team = over_http
    body = command_of(team, "ben", "undo", trigger="1.1")
    moment = str(int(time.time()) - 301)
    secret = team.sandbox.signing_secret.encode()
    signature = hmac.new(secret, b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    signed = {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={signature}"}
    assert post(team, body, signed) == 401
    assert asset_names(team) == ["Valuables", "The cat"]


def test_a_signature_of_someone_else_or_of_other_words_is_refused(over_http: SlackTeam) -> None:
    team = over_http
    body = command_of(team, "ben", "undo", trigger="1.1")
    signed = team.sandbox.http.signed(body)
    changed = command_of(team, "ben", "status", trigger="1.1")
    assert post(team, changed, signed) == 401
    assert post(team, body, {**signed, "X-Slack-Signature": "v0=" + "0" * 64}) == 401
    assert post(team, body, {}) == 401
    assert asset_names(team) == ["Valuables", "The cat"]


@pytest.mark.parametrize("named", ["team_id", "user_team"])
def test_a_request_from_another_workspace_changes_nothing(either_way: SlackTeam, named: str) -> None:
    team = either_way
    team.start()
    team.person("ana").close()
    add_asset(team, "ben", "Valuables")
    team.person("ben").click(team.card("Assets  1"), "More…")
    payload = team.sandbox.last_act.payload
    team.modal("ben", "More")
    before = recorded_events(team)
    forged: dict[str, Any] = pressed(payload, "do:undo", '{"v":1,"w":"undo","s":"T0SANDBOX/TM-1"}')
    if named == "team_id":
        forged["team"] = {"id": "T0OTHERS", "domain": "others"}
    forged["user"] = {**forged["user"], "team_id": "T0OTHERS"}
    assert team.sandbox.client.sender.send("interactive", forged).acked
    assert recorded_events(team) == before


def test_what_a_forged_button_says_is_decided_by_the_store(either_way: SlackTeam) -> None:
    """Eve is in #general. She sends a press from there that carries the model of #house."""
    team = either_way
    team.start()
    team.person("ana").close()
    team.read_channel("#general")
    add_asset(team, "ben", "Valuables")
    team.person("ben").click(team.card("Assets  1"), "More…")
    payload = team.sandbox.last_act.payload
    team.modal("ben", "More")
    before = recorded_events(team)
    general = team.sandbox.workspace.channel("#general").id
    for deed in ("undo", "take_over"):
        value = json.dumps({"v": 1, "w": deed, "s": "T0SANDBOX/TM-1"}, separators=(",", ":"))
        forged = pressed(payload, f"do:{deed}", value)
        forged["user"] = {**forged["user"], "id": team.person("eve").id}
        forged["channel"] = {"id": general, "name": "general"}
        assert team.sandbox.client.sender.send("interactive", forged).acked
    team.wait(lambda: any(NOT_A_MEMBER in message for message in team.private_messages("ben")))
    assert recorded_events(team) == before
    assert team.person("eve").modal is None


def command_of(team: SlackTeam, who: str, text: str, *, trigger: str) -> bytes:
    said = {
        "command": "/threatmodel",
        "text": text,
        "user_id": team.person(who).id,
        "team_id": "T0SANDBOX",
        "api_app_id": "A0THREATM",
        "channel_id": team.sandbox.workspace.channel("#house").id,
        "trigger_id": trigger,
    }
    return urlencode(said).encode()


def post(team: SlackTeam, body: bytes, headers: Mapping[str, str]) -> int:
    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    request = urllib.request.Request(str(team.sandbox.http.bot_url), data=body, headers=form)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


def pressed(payload: Mapping[str, Any], action_id: str, value: str) -> dict[str, Any]:
    """The payload of a press with another button in it."""
    action = {
        **payload["actions"][0],
        "action_id": action_id,
        "value": value,
        "action_ts": "1790000000.000001",
    }
    return {**payload, "actions": [action]}
