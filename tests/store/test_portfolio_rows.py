"""Kept entries of the portfolio that were changed by hand: `verify` computes each again."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.portfolio.portfolio_reader import PortfolioReader
from bot.store import Fault, Store, StreamId, Verified, open_database
from domain.kernel.elements import ChannelId
from tests.emptied_database import KEY, empty_database
from tests.portfolio_models import NOW, save_generated_models
from tests.store.saying import TENANT


@pytest.fixture(params=["file", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/listed.db" if request.param == "file" else empty_database()
    opened = open_database(url, key=KEY)
    yield opened
    opened.close()


def test_an_entry_that_was_changed_by_hand_is_found(store: Store) -> None:
    save_generated_models(store, 3, tenant=TENANT, channels=[ChannelId("C1")])
    unit, orders = store.unit(TENANT), StreamId(f"{TENANT}/TM-3")
    for ask in (False, True):
        reader = PortfolioReader(CommandHandler(store), unit, zones=lambda _: ZoneInfo("Europe/Berlin"))
        reader.read(store.streams(TENANT), NOW, count_questions=ask)
        assert isinstance(store.verify(), Verified)
    (kept,) = [one for one in unit.portfolio_entries.all() if one.stream == orders]

    for part, forged in (
        (b'"name":"Identity', b'"name":"Harmless'),
        (b'"threats":', b'"threats":1'),
        (b"Europe/Berlin", b"Europe/Atlantis"),
        (kept.data, b"{}"),
    ):
        assert part in kept.data
        unit.portfolio_entries.save(replace(kept, data=kept.data.replace(part, forged)))
        found = store.verify()
        assert isinstance(found, Fault)
        assert (found.stream, found.what) == (orders, "its portfolio entry does not match its events")
        assert isinstance(store.verify("T2"), Verified)

    # It would be read once the model has this version.
    unit.portfolio_entries.save(replace(kept, version=kept.version + 1))
    found = store.verify()
    assert isinstance(found, Fault)
    assert found.what.startswith(f"its portfolio entry has version {kept.version + 1}")

    for never_read in (replace(kept, version=1), replace(kept, fold="of another release")):
        unit.portfolio_entries.save(replace(never_read, data=b"{}"))
        assert isinstance(store.verify(), Verified)
