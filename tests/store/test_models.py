"""Cached and replayed: always the same model."""

import tempfile
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, EventStore, Store, StreamId, open_store
from bot.store.models import Models
from bot.version import fold
from domain.commands import Command, NameElements
from domain.model import ThreatModel
from domain.rejections import Rejected
from domain.replay import replay
from tests.depth import examples
from tests.examples import ANA, at, started
from tests.random_commands import FURNISHED, anything
from tests.store.saying import HOUSE, asset, say

DATABASES = ("sqlite", "postgres")


def cold(store: EventStore) -> ThreatModel:
    return replay(store.events(HOUSE))


@examples(6, deep=300)
@given(st.lists(anything, max_size=25))
def test_cached_and_cold_models_are_equal(walk: Sequence[Command]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = open_store(f"sqlite:///{directory}/threatmodel.db")
        say(store, started())
        command_handler = CommandHandler(store)
        for number, command in enumerate([*FURNISHED, *walk]):
            try:
                done = command_handler.execute(command, stream=HOUSE, key=CommandKey(str(number)))
            except Rejected:
                continue
            assert done.model == command_handler.model(HOUSE)

        assert command_handler.model(HOUSE) == CommandHandler(store).model(HOUSE) == cold(store)
        store.close()


@pytest.fixture
def long(store: Store) -> Store:
    say(store, started(), *(asset(f"Asset {number}", number=number) for number in range(1, 10)))
    return store


def test_the_way_of_folding_is_another_one_when_the_code_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fold()
    fold.cache_clear()
    monkeypatch.setattr("domain.__file__", __file__)

    assert fold() != before
    fold.cache_clear()


def test_a_remembered_model_is_refolded_after_erasing(long: Store) -> None:
    models = Models(long, remembered=8)
    assert len(models.load(HOUSE).elements) == 9
    long.erase(HOUSE, [3])

    assert len(models.load(HOUSE).elements) == 8
    assert models.load(HOUSE) == cold(long)


def test_only_so_many_models_are_remembered(store: Store) -> None:
    models = Models(store, remembered=2)
    for key in ("TM-1", "TM-2", "TM-3"):
        say(store, started(), stream=StreamId(f"T1/{key}"))
        models.load(StreamId(f"T1/{key}"))

    kept = list(models._entries)  # pyright: ignore[reportPrivateUsage]  (what is remembered shows nowhere else)
    assert kept == ["T1/TM-2", "T1/TM-3"]


def test_a_request_reads_one_version_of_a_model_except_for_its_own_changes(store: Store) -> None:
    say(store, started())
    here, elsewhere = CommandHandler(store), CommandHandler(store)

    def add(handler: CommandHandler, name: str) -> int:
        command = NameElements(by=ANA, at=at(1), assets=(name,))
        return handler.execute(command, stream=HOUSE, key=CommandKey(name)).version

    with here.reading_once():
        first = here.model(HOUSE)
        add(elsewhere, "Letters")
        assert here.model(HOUSE) is first
        with here.reading_once():
            assert here.model(HOUSE) is first, "blocks may nest"
        assert add(here, "Keys") == here.model(HOUSE).version == 3, "decided again, as another was faster"
        assert here.model(HOUSE) == cold(store)
    add(elsewhere, "Watch")
    assert here.model(HOUSE) == cold(store)
