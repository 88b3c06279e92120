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
from tests.slack.slack_team import RunningBot


def test_a_model_is_looked_through_again_only_when_somebody_said_more(there: RunningBot) -> None:
    stream, model_overviews = create_collected_house(there), ModelOverviewCache()
    looked: list[StreamId] = []
    look = counting(there, looked)
    for _ in range(3):
        model_overviews.look(there.store.streams()[0], look, there.now())
    assert looked == [stream]
    add(there, stream, "The cat")
    assert model_overviews.seen(there.store.streams()[0], there.now()) is None
    model_overviews.look(there.store.streams()[0], look, there.now())
    assert looked == [stream, stream]


def test_a_list_that_would_take_too_long_is_given_without_the_next_steps(
    there: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_collected_house(there)
    there.know()
    monkeypatch.setattr(home_overview, "SECONDS", 0.0)
    there.command("ben", "/threatmodel list")
    said = there.told("ben", "The House · TM-1")
    assert "Next:" not in said


def test_the_list_has_them_once_somebody_has_looked(there: RunningBot) -> None:
    create_collected_house(there)
    there.know()
    there.command("ben", "/threatmodel list")
    assert "Next: Answer" in there.told("ben", "The House · TM-1")


def counting(there: RunningBot, looked: list[StreamId]) -> Callable[[StreamId], ThreatRegister]:
    def look(stream: StreamId) -> ThreatRegister:
        looked.append(stream)
        return register(there.command_handler.model(stream))

    return look


def add(there: RunningBot, stream: StreamId, name: str) -> None:
    added = AddAsset(by=PersonId(there.person("ben").id), at=there.now(), name=name)
    there.command_handler.execute(added, stream=stream, key=there.key())
