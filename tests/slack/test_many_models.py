"""A channel with many models, and large ones: a list is there in time."""

from collections.abc import Callable

import pytest

from bot.slack.queries import home_overview
from bot.slack.queries.model_overviews import ModelOverviewCache
from bot.store import StreamId
from domain.commands import AddAsset
from domain.kernel.elements import PersonId
from domain.register import ThreatRegister, register
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam


def test_an_overview_is_computed_again_only_after_a_change(team: SlackTeam) -> None:
    stream, model_overviews = create_collected_house(team), ModelOverviewCache()
    looked: list[StreamId] = []
    look = counting(team, looked)
    for _ in range(3):
        model_overviews.overview(team.store.streams()[0], look, team.now())
    assert looked == [stream]
    add(team, stream, "The cat")
    assert model_overviews.cached(team.store.streams()[0], team.now()) is None
    model_overviews.overview(team.store.streams()[0], look, team.now())
    assert looked == [stream, stream]


def test_a_list_that_would_take_too_long_is_given_without_the_next_steps(
    team: SlackTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_collected_house(team)
    team.read_channel()
    monkeypatch.setattr(home_overview, "SECONDS", 0.0)
    team.command("ben", "/threatmodel list")
    said = team.private_message("ben", "The House · TM-1")
    assert "Next:" not in said


def test_the_list_has_them_once_someone_has_looked(team: SlackTeam) -> None:
    create_collected_house(team)
    team.read_channel()
    team.command("ben", "/threatmodel list")
    assert "Next: Answer" in team.private_message("ben", "The House · TM-1")


def counting(team: SlackTeam, looked: list[StreamId]) -> Callable[[StreamId], ThreatRegister]:
    def look(stream: StreamId) -> ThreatRegister:
        looked.append(stream)
        return register(team.command_handler.model(stream))

    return look


def add(team: SlackTeam, stream: StreamId, name: str) -> None:
    added = AddAsset(by=PersonId(team.person("ben").id), at=team.now(), name=name)
    team.command_handler.execute(added, stream=stream, key=team.key())
