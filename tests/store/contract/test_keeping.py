"""What a database keeps: together or not at all, across starts, in a copy, and until it is erased."""

import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.store import (
    CommandKey,
    Fault,
    KeyUsedForAnother,
    Store,
    StoreUnavailable,
    StreamId,
    UnitOfWork,
    Verified,
)
from bot.store.records import Head
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.open_forms import OpenForm
from bot.store.repositories.pending_requests import PendingRequest
from bot.store.repositories.stored_imports import StoredImport
from domain.events import Erased
from domain.kernel.elements import ChannelId, PersonId
from tests.domain.drafted_shop import SHOP
from tests.store.contract.adapters import Adapter
from tests.store.contract.test_workspaces import FILLED
from tests.store.saying import ANNA, HOUSE, LISTED, NOON, TENANT, asset, said, say, started, versions

CHANNEL = ChannelId("C1")
CARD = DeliveryRecord(slot="card/TM-1", sink="channel", stream=HOUSE, place=CHANNEL)


class Broken(Exception):
    """What goes wrong in the middle of a change."""


def broken(unit: UnitOfWork) -> None:
    with unit.transaction():
        say(unit.events, started(), key="click")
        unit.cards.request(HOUSE, CHANNEL)
        assert versions(unit.events) == [1], "who changes something sees it"
        assert unit.cards.find(HOUSE) is not None
        raise Broken


def test_events_and_rows_are_kept_together_or_not_at_all(unit: UnitOfWork) -> None:
    with pytest.raises(Broken):
        broken(unit)
    assert (versions(unit.events), unit.cards.all()) == ([], [])
    assert unit.events.answered(TENANT, CommandKey("click"), b"click") is None

    with unit.transaction():
        say(unit.events, started())
        unit.cards.request(HOUSE, CHANNEL)
    assert (versions(unit.events), len(unit.cards.all())) == ([1], 1)


def test_uncommitted_data_is_invisible_to_others(store: Store) -> None:
    unit, seen = store.unit(TENANT), list[object]()

    with unit.transaction():
        unit.cards.request(HOUSE, CHANNEL)
        other = threading.Thread(target=lambda: seen.append(store.unit(TENANT).cards.all()))
        other.start()
        other.join()

    assert seen == [[]]
    assert len(unit.cards.all()) == 1


def test_writers_take_turns(store: Store) -> None:
    """Each reads a number and writes one more: none of them is lost."""

    def count() -> None:
        unit = store.unit(TENANT)
        for _ in range(20):
            with unit.transaction():
                card = unit.deliveries.find("card/TM-1") or CARD
                unit.deliveries.put(replace(card, erasures=card.erasures + 1))

    writers = [threading.Thread(target=count) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert store.unit(TENANT).deliveries.find("card/TM-1") == replace(CARD, erasures=80)


def test_another_start_finds_everything(adapter: Adapter, store: Store) -> None:
    say(store, started())
    for fill, _ in FILLED.values():
        fill(store.unit(TENANT))
    before = [seen(store.unit(TENANT)) for _, seen in FILLED.values()]

    again = adapter.again()

    assert [seen(again.unit(TENANT)) for _, seen in FILLED.values()] == before
    again.close()


def test_starts_at_the_same_moment_find_one_database(adapter: Adapter, store: Store) -> None:
    say(store, started())
    opened, together = list[Store](), threading.Barrier(4)

    def start() -> None:
        together.wait()
        opened.append(adapter.again())

    starts = [threading.Thread(target=start) for _ in range(4)]
    for one in starts:
        one.start()
    for one in starts:
        one.join()

    assert [versions(one) for one in opened] == [[1]] * 4
    assert {one.check_writable() for one in opened} == {None}
    for one in opened:
        one.close()


def test_writers_of_two_workspaces_each_have_an_order_of_their_own(store: Store) -> None:
    def write(tenant: str) -> None:
        stream = StreamId(f"{tenant}/TM-1")
        say(store, started(), stream=stream)
        for number in range(1, 20):
            say(store, asset("x", number=number), stream=stream, expected=number)

    writers = [threading.Thread(target=write, args=(tenant,)) for tenant in ("T1", "T2")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    for tenant in ("T1", "T2"):
        assert [one.sequence for one in store.tail(tenant, 0, 100)] == list(range(1, 21))
    assert isinstance(store.verify(), Verified)


def test_a_copy_holds_everything_of_one_moment(adapter: Adapter, store: Store, tmp_path: Path) -> None:
    say(store, started())
    for name, (fill, _) in FILLED.items():
        if name != "events":
            fill(store.unit(TENANT))
    copy = tmp_path / "copy"
    if not adapter.backs_up:
        with pytest.raises(StoreUnavailable, match="pg_dump"):
            store.backup(copy)
        return
    store.backup(copy)
    say(store, asset("late"), expected=1)

    restored = adapter.restored(copy)

    for name, (_, seen) in FILLED.items():
        if name not in (
            "events",
            "reminders",
            "projections",
        ):  # they look at the event that came late
            assert seen(restored.unit(TENANT)) == seen(store.unit(TENANT))
    assert versions(restored) == [1]
    assert isinstance(restored.verify(), Verified)
    with pytest.raises(FileExistsError):
        store.backup(copy)
    restored.close()


def test_a_chain_is_told_from_a_witness_of_another(store: Store) -> None:
    say(store, started(), asset("Valuables"))
    (head,) = store.heads()

    assert isinstance(store.verify(witnessed=[head]), Verified)
    other = Head(tenant=TENANT, sequence=1, hash=bytes(32))
    assert not isinstance(store.verify(witnessed=[other]), Verified)


def test_a_list_of_models_that_does_not_follow_from_the_events_is_found(store: Store) -> None:
    say(store, started(name="House"), summary=replace(LISTED, name="Another name"))

    found = store.verify()

    assert isinstance(found, Fault)
    assert (found.stream, found.what) == (
        HOUSE,
        "`streams` has a name that does not match its events",
    )


def test_erased_words_are_gone_and_the_chain_is_whole(store: Store) -> None:
    say(store, started(), asset("Valuables"), asset("Grandmother's ring", number=2))

    assert store.erase(HOUSE, [3]) == 1
    assert store.erase(HOUSE, [3]) == 0

    assert said(store) == [started(), asset("Valuables"), Erased()]
    found = store.verify()
    assert isinstance(found, Verified)
    assert (found.events, found.erased) == (3, 1)
    assert store.erasing_is_finished()


def test_the_keys_of_what_was_erased_are_forgotten_and_no_others(store: Store) -> None:
    say(store, started(), key="begun")
    say(store, asset("Grandmother's ring"), expected=1, key="gone")
    say(store, asset("Papers", number=2), expected=2, key="stays")

    store.erase(HOUSE, [2])

    assert store.answered(TENANT, CommandKey("gone"), b"another request") is None
    with pytest.raises(KeyUsedForAnother):
        store.answered(TENANT, CommandKey("stays"), b"another request")


def test_a_whole_stream_is_listed_no_more(store: Store) -> None:
    say(store, started(), asset("Photos", number=2))
    say(store, started("TM-2"), stream=StreamId("T1/TM-2"))

    assert store.erase_stream(HOUSE) == 2

    assert [stream.key for stream in store.streams()] == ["TM-2"]
    with pytest.raises(NoSuchModel, match="no threat model TM-1"):
        CommandHandler(store).model(HOUSE)
    assert said(store, StreamId("T1/TM-2")) == [started("TM-2")]
    assert store.erase_stream(StreamId("T1/TM-9")) == 0


def test_after_erasing_the_record_goes_on(store: Store) -> None:
    say(store, started(), asset("Photos", number=2))
    store.erase_stream(HOUSE)
    say(store, asset("Keys", number=4), expected=2, summary=None)

    assert said(store)[-1] == asset("Keys", number=4)
    assert isinstance(store.verify(), Verified)


def test_what_waits_beside_a_model_goes_with_it(store: Store, unit: UnitOfWork) -> None:
    other = StreamId("T1/TM-10")
    say(store, started())
    say(store, started("TM-10"), stream=other)
    for key, channel, body in (
        ("of it", "C9", {"value": "TM-1 "}),
        ("of another", "C9", {"value": "TM-10 "}),
        ("of either", "C1", {}),
    ):
        waits = PendingRequest(
            key=key, channel=ChannelId(channel), person=ANNA, kind="slash", body=body, at=NOON
        )
        unit.pending.save(waits)
    for channel in ("C1", "C9"):
        unit.imports.save(
            StoredImport(
                channel=ChannelId(channel), person=ANNA, digest="d", preview=b"{}", events=(), at=NOON
            )
        )
    unit.open_forms.save(
        *(OpenForm(token=stream, stream=stream, version=1, shown=b"{}", at=NOON) for stream in (HOUSE, other))
    )
    for home in ("TM-1", "TM-10", "C1", "C9"):
        unit.drafts.add(home, SHOP, person=ANNA, client="", at=NOON)

    store.erase_stream(HOUSE)

    assert [one.key for one in unit.pending.all()] == ["of another", "of either"]
    assert unit.imports.find(CHANNEL, ANNA, "d") is None
    assert unit.imports.find(ChannelId("C9"), ANNA, "d") is not None
    assert (unit.open_forms.find(HOUSE), unit.open_forms.find(other) is not None) == (None, True)
    assert [bool(unit.drafts.of_home(one)) for one in ("TM-1", "TM-10", "C1", "C9")] == [
        False,
        True,
        False,
        True,
    ]
    assert [one.key for one in store.streams(TENANT)] == ["TM-10"]


def test_a_removed_workspace_leaves_the_end_of_its_chain_and_its_numbers(store: Store) -> None:
    unit = store.unit(TENANT)
    begun = store.begin(TENANT, lambda key: ([started(key)], LISTED), key=CommandKey("a"), request=b"a")
    (head,) = store.heads()
    for name in ("deliveries", "directory", "pending", "imports", "drafts"):
        FILLED[name][0](unit)

    assert store.remove_workspace(TENANT) == head
    assert store.remove_workspace(TENANT) is None

    assert (begun.stream, store.streams(TENANT), unit.cards.all()) == (HOUSE, [], [])
    assert (unit.pending.all(), unit.directory.person(PersonId("U2"))) == ([], None)
    found = store.verify()
    assert isinstance(found, Verified)
    assert found.removed == (head,)
    again = store.begin(TENANT, lambda key: ([started(key)], LISTED), key=CommandKey("a"), request=b"a")
    assert again.stream == "T1/TM-2", "no key is given a second time"
