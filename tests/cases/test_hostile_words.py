"""Case 29: words that want to be more than words."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.cases.case_actions import add_asset, asset_names
from tests.cases.processes import ROOT
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot

HOSTILE = (
    "<!channel> <!here|x> <!everyone>",
    "<@U0ANA0001> <#C0HOUSE01> <https://evil.example|click me>",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200fy",
    "*bold* _it_ ~no~ `code` ```x``` > quote",
    '=HYPERLINK("https://evil.example";"x")',
)
ALIVE = ("<!channel", "<!here", "<!everyone", "<@U0", "<#C0HOUSE01>", "<https://evil")
TURNING = ("\u202e", "\u202d", "\u2066", "\u2067", "\u200f")


@pytest.mark.parametrize("words", HOSTILE)
def test_words_stay_words_wherever_they_are_shown(either_way: RunningBot, words: str) -> None:
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


def test_a_name_of_three_thousand_letters_is_refused_beside_its_field_and_stays_there(
    there: RunningBot,
) -> None:
    create_collected_house(there)
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    payload = submission_with_name(there, "x" * 3_000)
    answer = there.sandbox.client.sender.send("interactive", payload)
    assert answer.response is not None
    assert answer.response["response_action"] == "errors"
    assert "Please shorten it" in answer.response["errors"]["name"]
    assert not any("xxx" in name for name in asset_names(there))


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_program_reads_of_a_formula_is_the_text_as_it_was_said(
    there: RunningBot, formula: str
) -> None:
    """JSON needs no guard against formulas; a table for spreadsheets will."""
    there.start()
    add_asset(there, "ben", f"{formula} x")
    told = json.loads(terminal(there, "show", "TM-1", "--json"))
    (asset,) = told["registers"]["assets"]
    assert asset["name"] == f"{formula} x".strip()


def submission_with_name(there: RunningBot, name: str) -> dict[str, Any]:
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


def terminal(there: RunningBot, *words: str) -> str:
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": f"sqlite:///{there.store.database.path}"}
    command = [sys.executable, "-m", "bot", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def everything_shown(there: RunningBot) -> Iterator[str]:
    """Every text of the bot in which Slack looks for marks."""
    for sent in all_sent(there):
        yield from marked_up(sent)


def all_texts(there: RunningBot) -> Iterator[str]:
    """Every string of the bot's messages and views, but for what somebody typed into a field themselves."""
    for sent in all_sent(there):
        yield from strings(sent)


def all_sent(there: RunningBot) -> Iterator[object]:
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
