"""Cached, snapshotted and replayed: always the same model."""

import tempfile
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, EventStore, Store, StreamId, open_store, snapshots
from bot.store.models import Models
from bot.store.records import Snapshot
from domain.commands import Command, NameElements
from domain.model import ThreatModel
from domain.rejections import Rejected
from domain.replay import EMPTY, replay
from tests.depth import examples
from tests.examples import ANA, at, house, started
from tests.random_commands import FURNISHED, anything
from tests.store.saying import HOUSE, asset, say

DATABASES = ("sqlite", "postgres")


def cold(store: EventStore) -> ThreatModel:
    return replay(store.events(HOUSE))


@examples(6, deep=300)
@given(st.lists(anything, max_size=25), st.integers(1, 8))
def test_cached_snapshotted_and_cold_models_are_equal(walk: Sequence[Command], every: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = open_store(f"sqlite:///{directory}/threatmodel.db")
        say(store, started())
        command_handler = CommandHandler(store, snapshot_every=every)
        for number, command in enumerate([*FURNISHED, *walk]):
            try:
                done = command_handler.execute(command, stream=HOUSE, key=CommandKey(str(number)))
            except Rejected:
                continue
            assert done.model == command_handler.model(HOUSE)
        command_handler.close()

        assert store.snapshot(HOUSE, fold=snapshots.fold()) is not None
        assert command_handler.model(HOUSE) == cold(store)
        assert snapshots.decode(snapshots.encode(cold(store))) == cold(store)
        assert CommandHandler(store).model(HOUSE) == cold(store)
        store.close()


def test_the_house_is_the_same_after_keeping() -> None:
    model = replay(house())

    assert snapshots.decode(snapshots.encode(model)) == model
    assert snapshots.decode(snapshots.encode(EMPTY)) == EMPTY


def test_a_kept_model_goes_on_like_the_one_it_was_made_of() -> None:
    first, rest = house()[:20], house()[20:]

    assert replay(rest, snapshots.decode(snapshots.encode(replay(first)))) == replay(house())


@pytest.fixture
def long(store: Store) -> Store:
    say(store, started(), *(asset(f"Asset {number}", number=number) for number in range(1, 10)))
    return store


def planted(store: Store, **changes: object) -> ThreatModel:
    """What is loaded when a snapshot that differs from the record was made: it shows which was used."""
    forged = msgspec.structs.replace(replay([started(name="From the snapshot")]), version=4)
    snapshot = Snapshot(version=4, fold=snapshots.fold(), data=snapshots.encode(forged), erasures=0)
    store.save_snapshot(HOUSE, msgspec.structs.replace(snapshot, **changes))
    return Models(store, remembered=8).load(HOUSE)


def test_a_cold_start_begins_at_the_snapshot_and_reads_the_rest(long: Store) -> None:
    model = planted(long)

    assert (model.name, model.version, len(model.elements)) == ("From the snapshot", 10, 6)


def test_a_snapshot_of_another_way_of_folding_is_thrown_away(long: Store) -> None:
    assert planted(long, fold="last year's") == cold(long)


def test_a_damaged_snapshot_is_thrown_away(long: Store) -> None:
    assert planted(long, data=b"\xc1") == cold(long)


def test_a_snapshot_from_the_future_of_a_restored_backup_is_thrown_away(long: Store) -> None:
    assert planted(long, version=11) == cold(long)


def test_snapshots_are_made_now_and_then(store: Store) -> None:
    command_handler = CommandHandler(store, snapshot_every=3)
    say(store, started())
    kept: list[int] = []
    for number in range(8):
        command = NameElements(by=ANA, at=at(number), assets=(f"Asset {number}",))
        command_handler.execute(command, stream=HOUSE, key=CommandKey(str(number)))
        command_handler._models._writer.submit(int).result()  # pyright: ignore[reportPrivateUsage]  until it was written
        snapshot = store.snapshot(HOUSE, fold=snapshots.fold())
        kept.append(snapshot.version if snapshot else 0)

    assert kept == [0, 3, 3, 3, 6, 6, 6, 9]


def test_the_way_of_folding_is_another_one_when_the_code_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshots.fold()
    snapshots.fold.cache_clear()
    monkeypatch.setattr("domain.__file__", __file__)

    assert snapshots.fold() != before
    snapshots.fold.cache_clear()


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
    here.close()
    elsewhere.close()
