"""A model that cannot be read keeps time from going on in no other one."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.nudges.deadlines import Deadlines
from bot.slack.people.departures import Departures
from bot.slack.people.directory import Directory
from bot.store import HistoryUnreadable, SqliteStore, StoreUnavailable, StreamId, StreamSummary, open_store
from bot.store.repositories.directory import Channel
from bot.workshop import NoSuchModel, Workshop
from domain.elements import ChannelId, ModelKey
from domain.model import ThreatModel

NOW = datetime(2027, 1, 13, 9, 0, tzinfo=UTC)
HOUSE = ChannelId("C0HOUSE01")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[SqliteStore]:
    """A store of two models with rounds that wait."""
    opened = open_store(f"sqlite:///{tmp_path / 'threatmodel.db'}")
    listed = [
        StreamSummary(
            tenant="T1",
            stream=StreamId(f"T1/{key}"),
            key=ModelKey(key),
            name="The House",
            channel=HOUSE,
            phase="analysis",
            version=9,
            next_due=NOW,
            updated_at=NOW,
        )
        for key in ("TM-1", "TM-2")
    ]

    def streams(*_: object, **__: object) -> list[StreamSummary]:
        return listed

    monkeypatch.setattr(SqliteStore, "streams", streams)
    yield opened
    opened.close()


def deadlines(store: SqliteStore) -> Callable[[], None]:
    return Deadlines(Workshop(store), store, tenant="T1", now=lambda: NOW).tick


def departures(store: SqliteStore) -> Callable[[], None]:
    directory = Directory(store.unit("T1"))
    directory.learn_channel(Channel(id=HOUSE, name="house"), NOW)
    return Departures(Workshop(store), store, directory, tenant="T1", now=lambda: NOW).tick


@pytest.mark.parametrize("ticks", [deadlines, departures])
def test_what_comes_after_a_damaged_model_is_looked_at(
    store: SqliteStore,
    monkeypatch: pytest.MonkeyPatch,
    ticks: Callable[[SqliteStore], Callable[[], None]],
) -> None:
    read: list[StreamId] = []

    def model(self: Workshop, stream: StreamId) -> ThreatModel:
        del self
        read.append(stream)
        raise HistoryUnreadable("damaged") if stream.endswith("TM-1") else NoSuchModel(stream)

    monkeypatch.setattr(Workshop, "model", model)
    ticks(store)()
    assert read == ["T1/TM-1", "T1/TM-2"]


@pytest.mark.parametrize("ticks", [deadlines, departures])
def test_a_database_that_cannot_be_used_is_the_fault_of_none_of_them(
    store: SqliteStore,
    monkeypatch: pytest.MonkeyPatch,
    ticks: Callable[[SqliteStore], Callable[[], None]],
) -> None:
    def model(self: Workshop, stream: StreamId) -> ThreatModel:
        del self, stream
        raise StoreUnavailable("busy")

    monkeypatch.setattr(Workshop, "model", model)
    with pytest.raises(StoreUnavailable):
        ticks(store)()
