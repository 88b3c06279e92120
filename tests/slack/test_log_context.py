"""Every logged line names the request or the work that caused it, and none has a text or a token."""

import io
import json
import logging
from collections.abc import Callable, Generator
from typing import Any, cast

import pytest
import structlog

from bot.logs import set_up_logging
from bot.sandbox.api import TEAM_ID
from tests.slack.slack_team import SlackTeam

TEXT = "Zebra valuables"
"""What a person types; it must not be logged."""

LogReader = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def entries() -> Generator[LogReader]:
    """All that is logged meanwhile, at the level that says most."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up_logging(level="debug", format="json")
    heard = io.StringIO()
    cast("logging.StreamHandler[io.StringIO]", root.handlers[0]).setStream(heard)
    yield lambda: [
        entry
        for line in heard.getvalue().splitlines()
        if not (entry := json.loads(line)).get("logger", "").startswith("uvicorn")
    ]
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def of(entries: LogReader, event: str) -> list[dict[str, Any]]:
    return [one for one in entries() if one["event"] == event]


def test_a_line_after_the_ack_has_the_id_of_its_request(entries: LogReader, either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.sandbox.faults.fail_next("views.open", "expired_trigger_id")
    team.command("ben", "/threatmodel add asset")
    team.wait(lambda: of(entries, "Slack refused the call"), 5)
    (late,) = of(entries, "Slack refused the call")
    requests = of(entries, "request answered")
    ids = [one["request_id"] for one in requests]
    (cause,) = [one for one in requests if one["request_id"] == late["request_id"]]
    assert (cause["kind"], cause["outcome"]) == ("slash", "answered")
    assert len(ids) == len(set(ids)), "each request has an ID of its own"
    assert {one["workspace"] for one in (late, *requests)} == {TEAM_ID}


def test_a_line_of_claimed_work_has_its_id_and_no_id_of_a_request(
    entries: LogReader, either_way: SlackTeam
) -> None:
    team = either_way
    team.start()
    team.card("The House")
    work = [one for one in entries() if one.get("work", "").startswith("model/")]
    assert {one["workspace"] for one in work} == {team.streams[0].partition("/")[0]}
    assert all(one["work_id"] and "request_id" not in one for one in work)


def test_no_line_has_a_text_or_a_token(entries: LogReader, either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.person("ana").fill("Assets", TEXT)
    team.submit("ana")
    team.sandbox.faults.fail_next("views.open", "expired_trigger_id")
    team.command("ben", f"/threatmodel add asset {TEXT} of Ben")
    team.command("ben", f"/threatmodel {TEXT}")
    team.command("ben", "/threatmodel add asset")
    assert TEXT in team.names()
    team.wait(lambda: of(entries, "Slack refused the call") and of(entries, "card posted"), 20)
    said = json.dumps(entries())
    assert len(entries()) > 5
    assert "Zebra" not in said
    secrets = (team.sandbox.bot_token, team.sandbox.app_token, team.sandbox.signing_secret)
    assert [one for one in secrets if one in said] == []
