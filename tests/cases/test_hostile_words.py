"""Case 29: words that want to be more than words."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.cases.case_actions import add_asset, asset_names
from tests.cases.processes import ROOT
from tests.depth import first
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam

HOSTILE = (
    "<!channel> <!here|x> <!everyone>",
    "<@U0ANA0001> <#C0HOUSE01> <https://evil.example|click me>",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200fy",
    "*bold* _it_ ~no~ `code` ```x``` > quote",
    '=HYPERLINK("https://evil.example";"x")',
)
ALIVE = ("<!channel", "<!here", "<!everyone", "<@U0", "<#C0HOUSE01>", "<https://evil")
TURNING = ("\u202e", "\u202d", "\u2066", "\u2067", "\u200f")


@pytest.mark.parametrize("words", first(2, HOSTILE))
def test_words_stay_words_wherever_they_are_shown(either_way: SlackTeam, words: str) -> None:
    team = either_way
    team.read_channel()
    team.command("ana", f"/threatmodel start {words}")
    team.modal("ana", "New threat model")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.person("ana").close()
    add_asset(team, "ben", words)
    team.card("Assets  1")
    for word in ("status", "list", "history", words):
        team.command("ben", f"/threatmodel {word}")
    team.person("ben").open_home()
    team.wait(lambda: team.person("ben").home())
    team.person("ben").say("#house", f"@threatmodel {words}")
    shown = list(everything_shown(team))
    assert [text for text in shown if any(mark in text for mark in ALIVE)] == []
    assert [text for text in all_texts(team) if any(mark in text for mark in TURNING)] == []


def test_a_name_of_three_thousand_letters_is_refused_beside_its_field_and_stays_there(
    team: SlackTeam,
) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    payload = submission_with_name(team, "x" * 3_000)
    answer = team.sandbox.client.sender.send("interactive", payload)
    assert answer.response is not None
    assert answer.response["response_action"] == "errors"
    assert "Shorten it" in answer.response["errors"]["name"]
    assert not any("xxx" in name for name in asset_names(team))


@pytest.mark.parametrize("formula", first(1, ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]))
def test_what_a_program_reads_of_a_formula_is_the_text_as_it_was_said(team: SlackTeam, formula: str) -> None:
    """JSON needs no guard against formulas; a table for spreadsheets will."""
    team.start()
    add_asset(team, "ben", f"{formula} x")
    told = json.loads(terminal(team, "show", "TM-1", "--json"))
    (asset,) = told["registers"]["assets"]
    assert asset["name"] == f"{formula} x".strip()


def submission_with_name(team: SlackTeam, name: str) -> dict[str, Any]:
    """A form handed in by a client that does not count letters."""
    team.person("ben").fill("Name", "short")
    delivery = team.submit("ben")
    payload: dict[str, Any] = json.loads(json.dumps(delivery.payload))
    for block in payload["view"]["state"]["values"].values():
        for field in block.values():
            if field.get("value") == "short":
                field["value"] = name
    payload["view"]["hash"] = "1790000000.forged"
    return payload


def terminal(team: SlackTeam, *words: str) -> str:
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": f"sqlite:///{team.store.database.path}"}
    command = [sys.executable, "-m", "bot", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def everything_shown(team: SlackTeam) -> Iterator[str]:
    """Every text of the bot in which Slack looks for marks."""
    for sent in all_sent(team):
        yield from marked_up(sent)


def all_texts(team: SlackTeam) -> Iterator[str]:
    """Every string of the bot's messages and views, but for what somebody typed into a field themselves."""
    for sent in all_sent(team):
        yield from strings(sent)


def all_sent(team: SlackTeam) -> Iterator[object]:
    yield from (call.arguments for call in team.sandbox.api_calls)
    yield from (delivery.response for delivery in team.sandbox.deliveries)


def marked_up(sent: object) -> Iterator[str]:
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
