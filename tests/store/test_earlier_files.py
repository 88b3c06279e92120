"""Database files that earlier versions wrote are opened, verified and shown by today's code."""

import lzma
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.slack.queries.pending_imports import PendingImports
from bot.store import CommandKey, SqliteStore, StreamId, Verified, open_store
from domain.commands import AddAsset
from domain.kernel.elements import Kind, ModelKey
from domain.kernel.mitigation import MitigationState
from domain.reminder_deliveries import DeliveryState
from domain.voting.turnout import next_deadline
from tests.domain import voting_story
from tests.examples import ANA, BEN, CHI, DEE, HOUSE_CHANNEL, at

FIXTURES = Path(__file__).parent / "fixtures"
FILES = [FIXTURES / "2026-11-27.db.xz"]

HOUSE, SHOP, REMEDIED, ERASED, OTHER = (
    StreamId(name) for name in ("T1/TM-1", "T1/TM-2", "T1/TM-3", "T1/TM-4", "T2/TM-1")
)


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of an earlier version, as it was left."""
    path = tmp_path / "threatmodel.db"
    path.write_bytes(lzma.decompress(request.param.read_bytes()))
    return path


@pytest.fixture
def earlier(path: Path) -> Iterator[SqliteStore]:
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


def test_an_earlier_file_verifies(earlier: SqliteStore) -> None:
    found = earlier.verify()

    assert isinstance(found, Verified), found
    assert (found.events, found.erased) == (99, 3)
    heads = {one.tenant: (one.sequence, one.hash.hex()[:16]) for one in found.heads}
    assert heads == {"T1": (97, "fa9b67699b62c311"), "T2": (2, "f5f2e534ce181b9d")}


def test_the_models_of_an_earlier_file_are_shown(earlier: SqliteStore) -> None:
    command_handler = CommandHandler(earlier)
    try:
        house, shop, remedied = (command_handler.model(one) for one in (HOUSE, SHOP, REMEDIED))
        assert [one.key for one in earlier.streams("T1")] == ["TM-1", "TM-2", "TM-3"]
        assert (house.name, len(house.elements)) == ("The House", 25)
        assert [one.name for one in shop.of_kind(Kind.ASSET)] == ["Customer emails"]
        assert set(shop.ballots) == {(voting_story.RD1, voting_story.TH1, one) for one in (ANA, BEN)}
        (mitigation,) = remedied.mitigations.values()
        assert mitigation.state is MitigationState.IMPLEMENTED
        assert command_handler.model(OTHER).name == "Another workspace"
        with pytest.raises(NoSuchModel):
            command_handler.model(ERASED)
        hours = command_handler.working_hours("T1", BEN)
        assert (hours.starts.hour, hours.ends.hour) == (8, 16)
    finally:
        command_handler.close()


def test_what_waits_in_an_earlier_file_still_waits(earlier: SqliteStore) -> None:
    nudges = earlier.unit("T1").reminders.of(ModelKey("TM-1"))

    assert sorted(one.state for one in nudges.values()) == [
        DeliveryState.HELD_BACK,
        DeliveryState.SENT,
        DeliveryState.SENT,
    ]
    assert [one.key for one in earlier.unit("T1").pending.all()] == ["trigger:77"]
    draft = PendingImports(earlier.unit("T1").imports).find(HOUSE_CHANNEL, ANA, "ab" * 32)
    assert draft is None, "the file of an import that waits is read again"
    card = earlier.unit("T1").cards.find(SHOP)
    assert card is not None
    assert card.ts == "1.2"


def test_an_open_round_of_an_earlier_file_is_due_at_its_deadline(earlier: SqliteStore) -> None:
    command_handler = CommandHandler(earlier)
    deadline = next_deadline(command_handler.model(SHOP))
    command_handler.close()
    assert deadline is not None
    assert earlier.work.due("T1", "rounds", deadline - timedelta(seconds=1)) == []
    assert earlier.work.due("T1", "rounds", deadline) == ["TM-2"]


def test_work_goes_on_in_an_earlier_file(earlier: SqliteStore) -> None:
    command_handler = CommandHandler(earlier)
    try:
        command_handler.execute(
            voting_story.ballot_of(CHI, 4, 5, 5, 5, 5), stream=SHOP, key=CommandKey("view:V500:1")
        )
        command_handler.execute(
            voting_story.ballot_of(DEE, 5, 5, 5, 5, 5), stream=SHOP, key=CommandKey("view:V501:1")
        )
        assert command_handler.model(SHOP).rounds[voting_story.RD1].ending is not None
        command_handler.execute(
            AddAsset(by=DEE, at=at(40), name="Refunds"), stream=OTHER, key=CommandKey("view:V502:1")
        )
        assert isinstance(earlier.verify(), Verified)
    finally:
        command_handler.close()
