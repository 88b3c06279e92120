"""Limits of a workspace: what is beyond them is refused, and what is there stays usable."""

from pathlib import Path

import pytest

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, SqliteStore, StreamId, open_store
from domain.commands import NameElements, RemoveElement, ReviseScope, StartThreatModel
from domain.decide.size_limits import SizeLimits, TooManyElements, TooManyModels
from domain.kernel.elements import ChannelId, ElementId
from tests.examples import ANA, at
from tests.fresh_database import copy_fresh_file

TENANT = "T1"


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    copy_fresh_file(tmp_path / "limited.db")
    return open_store(f"sqlite:///{tmp_path / 'limited.db'}")


def limited(store: SqliteStore, *, models: int = 2, elements: int = 3) -> CommandHandler:
    return CommandHandler(store, limits=SizeLimits(models=models, elements=elements))


def start(handler: CommandHandler, number: int, tenant: str = TENANT) -> StreamId:
    begin = StartThreatModel(by=ANA, at=at(0), name=f"Model {number}", channel=ChannelId("C1"))
    return handler.start(begin, tenant=tenant, key=CommandKey(f"start {number}")).stream


def name(*assets: str) -> NameElements:
    return NameElements(by=ANA, at=at(1), assets=assets)


def test_a_workspace_with_its_models_starts_no_further_one_and_others_do(store: SqliteStore) -> None:
    handler = limited(store)
    first = start(handler, 1)
    start(handler, 2)
    with pytest.raises(TooManyModels, match=r"2 threat models, which is the limit\. Nothing was started"):
        start(handler, 3)
    assert start(handler, 1) == first, "a repeated request has its first result"
    assert start(handler, 4, "T2")
    assert start(limited(store, models=3), 3)


def test_a_model_with_its_elements_gets_no_further_one_and_can_be_changed(store: SqliteStore) -> None:
    handler = limited(store)
    stream = start(handler, 1)
    handler.execute(name("One", "Two"), stream=stream, key=CommandKey("a"))
    with pytest.raises(TooManyElements, match=r"would have 4 elements, and the limit is 3\. Nothing was"):
        handler.execute(name("Three", "Four"), stream=stream, key=CommandKey("b"))
    assert len(handler.model(stream).elements) == 2
    handler.execute(name("Three"), stream=stream, key=CommandKey("b"))
    again = limited(store, elements=1).execute(name("Three"), stream=stream, key=CommandKey("b"))
    assert again.repeated, "a repeated request has its first result"
    smaller = limited(store, elements=1)
    smaller.execute(ReviseScope(by=ANA, at=at(2), name="Renamed"), stream=stream, key=CommandKey("c"))
    smaller.execute(
        RemoveElement(by=ANA, at=at(3), element=ElementId("AS-1")), stream=stream, key=CommandKey("d")
    )
    assert len(handler.model(stream).elements) == 2
