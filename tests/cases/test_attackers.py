"""Cases 28 and 29: what somebody sends who means ill, and words that want to be more than words."""

import hashlib
import hmac
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest

from tests.cases.acts import add_asset, assets, recorded
from tests.slack.crew import House, house
from tests.slack.telling import house_told

NOT_A_MEMBER = "Only members of this model's channel"
HOSTILE = (
    "<!channel> <!here|x> <!everyone>",
    "<@U0ANA0001> <#C0HOUSE01> <https://evil.example|click me>",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200fy",
    "*bold* _it_ ~no~ `code` ```x``` > quote",
    '=HYPERLINK("https://evil.example";"x")',
)
ALIVE = ("<!channel", "<!here", "<!everyone", "<@U0", "<#C0HOUSE01>", "<https://evil")
TURNING = ("\u202e", "\u202d", "\u2066", "\u2067", "\u200f")


# Requests


@pytest.fixture
def over_http(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path / "threatmodel.db", transport="http") as there:
        there.start()
        there.person("ana").close()
        add_asset(there, "ben", "Valuables")
        add_asset(there, "ben", "The cat")
        yield there


def test_a_signed_request_sent_once_more_counts_once_and_later_not_at_all(over_http: House) -> None:
    """Somebody recorded a request on its way: within five minutes it is a repeat, after that too old."""
    there = over_http
    body = command_of(there, "ben", "undo", trigger="1.1")
    signed = there.sandbox.http.signed(body)
    assert [post(there, body, signed) for _ in range(3)] == [200] * 3
    assert assets(there) == ["Valuables"]
    old = {**signed, "X-Slack-Request-Timestamp": str(int(signed["X-Slack-Request-Timestamp"]) - 301)}
    assert post(there, body, old) == 401
    assert assets(there) == ["Valuables"]


def test_a_request_of_yesterday_is_refused_however_well_it_was_signed(over_http: House) -> None:
    there = over_http
    body = command_of(there, "ben", "undo", trigger="1.1")
    moment = str(int(time.time()) - 301)
    secret = there.sandbox.signing_secret.encode()
    signature = hmac.new(secret, b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    signed = {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={signature}"}
    assert post(there, body, signed) == 401
    assert assets(there) == ["Valuables", "The cat"]


def test_a_signature_of_somebody_else_or_of_other_words_is_refused(over_http: House) -> None:
    there = over_http
    body = command_of(there, "ben", "undo", trigger="1.1")
    signed = there.sandbox.http.signed(body)
    changed = command_of(there, "ben", "status", trigger="1.1")
    assert post(there, changed, signed) == 401
    assert post(there, body, {**signed, "X-Slack-Signature": "v0=" + "0" * 64}) == 401
    assert post(there, body, {}) == 401
    assert assets(there) == ["Valuables", "The cat"]


@pytest.mark.parametrize("named", ["team_id", "user_team"])
def test_a_request_from_another_workspace_changes_nothing(either_way: House, named: str) -> None:
    there = either_way
    there.start()
    there.person("ana").close()
    add_asset(there, "ben", "Valuables")
    there.person("ben").click(there.card("Assets  1"), "More…")
    payload = there.sandbox.deliveries[-1].payload
    there.modal("ben", "More")
    before = recorded(there)
    forged: dict[str, Any] = pressed(payload, "do:undo", '{"v":1,"w":"undo","s":"T0SANDBOX/TM-1"}')
    if named == "team_id":
        forged["team"] = {"id": "T0OTHERS", "domain": "others"}
    forged["user"] = {**forged["user"], "team_id": "T0OTHERS"}
    assert there.sandbox.desk.courier.bring("interactive", forged).acked
    assert recorded(there) == before


def test_what_a_forged_button_says_is_decided_by_the_store(either_way: House) -> None:
    """Eve is in #general. She sends a press from there that carries the model of #house."""
    there = either_way
    there.start()
    there.person("ana").close()
    there.know("#general")
    add_asset(there, "ben", "Valuables")
    there.person("ben").click(there.card("Assets  1"), "More…")
    payload = there.sandbox.deliveries[-1].payload
    there.modal("ben", "More")
    before = recorded(there)
    general = there.sandbox.workspace.channel("#general").id
    for deed in ("undo", "take_over"):
        value = json.dumps({"v": 1, "w": deed, "s": "T0SANDBOX/TM-1"}, separators=(",", ":"))
        forged = pressed(payload, f"do:{deed}", value)
        forged["user"] = {**forged["user"], "id": there.person("eve").id}
        forged["channel"] = {"id": general, "name": "general"}
        assert there.sandbox.desk.courier.bring("interactive", forged).acked
    there.wait(lambda: any(NOT_A_MEMBER in one for one in there.whispers("ben")))
    assert recorded(there) == before
    assert there.person("eve").modal is None


# Words


@pytest.mark.parametrize("words", HOSTILE)
def test_words_stay_words_wherever_they_are_shown(either_way: House, words: str) -> None:
    there = either_way
    there.know()
    there.command("ana", f"/threatmodel start {words}")
    there.modal("ana", "New threat model")
    there.submit("ana")
    there.modal("ana", "Name what there is")
    there.person("ana").close()
    add_asset(there, "ben", words)
    there.card("Assets  1")
    for word in ("status", "list", "history", words):
        there.command("ben", f"/threatmodel {word}")
    there.person("ben").open_home()
    there.wait(lambda: there.person("ben").home())
    there.person("ben").say("#house", f"@threatmodel {words}")
    shown = list(everything_shown(there))
    assert [text for text in shown if any(mark in text for mark in ALIVE)] == []
    assert [text for text in all_texts(there) if any(mark in text for mark in TURNING)] == []


def test_a_name_of_three_thousand_letters_is_refused_beside_its_field_and_stays_there(there: House) -> None:
    house_told(there)
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    payload = submission_with_name(there, "x" * 3_000)
    answer = there.sandbox.desk.courier.bring("interactive", payload)
    assert answer.response is not None
    assert answer.response["response_action"] == "errors"
    assert "Please shorten it" in answer.response["errors"]["name"]
    assert not any("xxx" in name for name in assets(there))


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_program_reads_of_a_formula_is_the_text_as_it_was_said(there: House, formula: str) -> None:
    """JSON needs no guard against formulas; a table for spreadsheets will."""
    there.start()
    add_asset(there, "ben", f"{formula} x")
    told = json.loads(terminal(there, "show", "TM-1", "--json"))
    (asset,) = told["registers"]["assets"]
    assert asset["name"] == f"{formula} x".strip()


def command_of(there: House, who: str, text: str, *, trigger: str) -> bytes:
    said = {
        "command": "/threatmodel",
        "text": text,
        "user_id": there.person(who).id,
        "team_id": "T0SANDBOX",
        "api_app_id": "A0THREATM",
        "channel_id": there.sandbox.workspace.channel("#house").id,
        "trigger_id": trigger,
    }
    return urlencode(said).encode()


def post(there: House, body: bytes, headers: Mapping[str, str]) -> int:
    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    request = urllib.request.Request(str(there.sandbox.http.bot_url), data=body, headers=form)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
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


def submission_with_name(there: House, name: str) -> dict[str, Any]:
    """A form handed in by a client that does not count letters."""
    there.person("ben").fill("Name", "short")
    delivery = there.submit("ben")
    payload: dict[str, Any] = json.loads(json.dumps(delivery.payload))
    for block in payload["view"]["state"]["values"].values():
        for field in block.values():
            if field.get("value") == "short":
                field["value"] = name
    payload["view"]["hash"] = "1790000000.forged"
    return payload


def terminal(there: House, *words: str) -> str:
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": f"sqlite:///{there.store.database.path}"}
    command = [sys.executable, "-m", "bot", *words]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def everything_shown(there: House) -> Iterator[str]:
    """Every text of the bot in which Slack looks for marks."""
    for sent in all_sent(there):
        yield from marked_up(sent)


def all_texts(there: House) -> Iterator[str]:
    """Every string of the bot's messages and views, but for what somebody typed into a field themselves."""
    for sent in all_sent(there):
        yield from strings(sent)


def all_sent(there: House) -> Iterator[object]:
    yield from (call.arguments for call in there.sandbox.api_calls)
    yield from (delivery.response for delivery in there.sandbox.deliveries)


def marked_up(sent: object) -> Iterator[str]:
    match sent:
        case {"type": "mrkdwn", "text": str(text)}:
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


def strings(sent: object) -> Iterator[str]:
    match sent:
        case str(text):
            yield text
        case dict():
            for key, value in cast("dict[str, object]", sent).items():
                yield from () if key == "initial_value" else strings(value)
        case list():
            for value in cast("list[object]", sent):
                yield from strings(value)
        case _:
            return
