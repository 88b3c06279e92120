"""Two workspaces on one file: the bot of one neither shows, changes nor deletes anything of the other."""

import json
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from msgspec.structs import replace

from bot.sandbox.api import TEAM_ID
from bot.store import StreamId, UnitOfWork, open_store
from domain.kernel.elements import ChannelId
from tests.fresh_database import copy_fresh_file
from tests.slack.slack_team import SlackTeam, run_bot
from tests.store.contract.test_workspaces import FILLED
from tests.store.contract.test_workspaces import HOUSE as FILLED_CHANNEL
from tests.store.saying import LISTED, say, started

OTHER = "T0OTHER01"
NAME = "A model of somebody else"
CHANNEL = ChannelId("C0HOUSE01")
"""The same id in both workspaces: each could be reached with the other's token."""

LONG_ENOUGH = 3.0
"""Seconds in which each round of the bot comes twice, and a claim has been left alone for a lease."""


def fill(path: Path) -> None:
    """Leave open work of the other workspace behind: cards, files, messages, a claim, a request.

    It is of today: the bot runs on the machine's clock and deletes what is old.
    """
    copy_fresh_file(path)
    with closing(open_store(f"sqlite:///{path}")) as store:
        begun = replace(started(), name=NAME, channel=CHANNEL)
        listed = replace(LISTED, name=NAME, channel=CHANNEL)
        say(store, begun, stream=StreamId(f"{OTHER}/TM-1"), summary=listed)
        unit = store.unit(OTHER)
        now = datetime.now(UTC)
        moments = {"NOON": now, "LATER": now + timedelta(days=365)}
        with patch.multiple("tests.store.contract.test_workspaces", **moments):
            for do, _ in FILLED.values():
                do(unit)
        for follow in (
            unit.deliveries.change_channel_id,
            unit.directory.change_channel_id,
            unit.pending.change_channel_id,
        ):
            follow(FILLED_CHANNEL, CHANNEL)


def rows(unit: UnitOfWork) -> dict[str, object]:
    return {name: seen(unit) for name, (_, seen) in FILLED.items()}


def asked(team: SlackTeam) -> str:
    """Everything that the bot has asked of Slack."""
    calls = [(call.method, call.arguments) for call in team.sandbox.api_calls]
    return json.dumps(calls, default=str)


def test_the_bot_of_one_workspace_leaves_another_on_the_same_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    fill(path)
    with run_bot(path) as team:
        other = team.store.unit(OTHER)
        before = rows(other)
        team.start()
        team.card("TM-1")
        team.command("ana", "/threatmodel models")
        time.sleep(LONG_ENOUGH)

        assert rows(other) == before
        assert NAME not in asked(team)
        assert OTHER not in asked(team)
        assert "1.1" not in [call.arguments.get("ts") for call in team.sandbox.api_calls]
        assert [one.stream for one in team.unit.cards.all()] == [f"{TEAM_ID}/TM-1"]
