"""Entries of the portfolio: replaced with the model, gone with its text, of one workspace."""

from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.portfolio.portfolio_reader import PortfolioReader
from bot.store import CommandKey, Store, StreamId
from bot.store.repositories.portfolio_entries import PortfolioRecord
from domain.commands import ReviseScope
from domain.kernel.due_dates import utc_zone
from domain.portfolio.portfolio_entry import PortfolioEntry
from tests.store.saying import ANNA, HOUSE, NOON, TENANT, say, started

ENTRY = PortfolioRecord(stream=HOUSE, version=1, erasures=0, fold="a", data=b"{}")


def test_an_entry_is_replaced_and_seen_by_its_workspace_alone(store: Store) -> None:
    say(store, started())
    unit = store.unit(TENANT)
    unit.portfolio_entries.save(ENTRY)
    unit.portfolio_entries.save(replace(ENTRY, version=2, data=b"[]"))

    assert unit.portfolio_entries.all() == [replace(ENTRY, version=2, data=b"[]")]
    assert store.unit("T2").portfolio_entries.all() == []


def test_an_entry_goes_with_erased_text_and_does_not_come_back(store: Store) -> None:
    say(store, started())
    unit = store.unit(TENANT)
    unit.portfolio_entries.save(ENTRY, replace(ENTRY, stream=StreamId("T1/TM-9")))
    assert unit.portfolio_entries.all() == [ENTRY], "there is no second model"

    store.erase(HOUSE, [1])
    unit.portfolio_entries.save(ENTRY)

    assert unit.portfolio_entries.all() == []


def read(store: Store, reader: PortfolioReader | None = None) -> tuple[PortfolioEntry, ...]:
    reader = reader or PortfolioReader(CommandHandler(store), store.unit(TENANT), zones=utc_zone)
    return reader.read(store.streams(TENANT), NOON).entries


def test_the_reader_follows_changes_and_erased_models(store: Store) -> None:
    say(store, started())
    say(store, started("TM-2", "Garage"), stream=StreamId("T1/TM-2"))
    handler = CommandHandler(store)
    reader = PortfolioReader(handler, store.unit(TENANT), zones=utc_zone)
    assert [one.name for one in read(store, reader)] == ["House", "Garage"]

    handler.execute(ReviseScope(by=ANNA, at=NOON, name="Castle"), stream=HOUSE, key=CommandKey("k"))
    assert [one.name for one in read(store, reader)] == ["Castle", "Garage"]
    assert read(store) == read(store, reader), "another process reads what this one has kept"

    store.erase_stream(HOUSE)
    assert [one.name for one in read(store, reader)] == ["Garage"]
    assert b"Castle" not in b"".join(one.data for one in store.unit(TENANT).portfolio_entries.all())


def test_questions_are_counted_when_they_are_asked_for_and_then_kept(store: Store) -> None:
    say(store, started())
    models, unit = store.streams(TENANT), store.unit(TENANT)
    counted: list[bool] = []
    for ask in (False, True, False):
        reader = PortfolioReader(CommandHandler(store), unit, zones=utc_zone)
        (entry,) = reader.read(models, NOON, count_questions=ask).entries
        counted.append(entry.question_progress is not None)
    assert counted == [False, True, True]


def test_an_entry_of_another_computation_is_computed_again_and_one_of_the_same_is_not(store: Store) -> None:
    say(store, started())
    unit = store.unit(TENANT)
    read(store)
    (kept,) = unit.portfolio_entries.all()
    renamed = replace(kept, data=kept.data.replace(b"House", b"Shed"))
    names: list[str] = []
    for record in (renamed, replace(renamed, fold="of another release")):
        unit.portfolio_entries.save(record)
        names += [one.name for one in read(store)]
    assert names == ["Shed", "House"]


def test_reading_says_how_far_it_is(store: Store) -> None:
    say(store, started())
    say(store, started("TM-2", "Garage"), stream=StreamId("T1/TM-2"))
    seen: list[tuple[int, int]] = []
    reader = PortfolioReader(CommandHandler(store), store.unit(TENANT), zones=utc_zone)
    reader.read(store.streams(TENANT), NOON, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(0, 2), (1, 2)]


def test_without_time_the_models_that_are_not_known_yet_are_named(store: Store) -> None:
    say(store, started())
    reader = PortfolioReader(CommandHandler(store), store.unit(TENANT), zones=utc_zone)
    found = reader.read(store.streams(TENANT), NOON, seconds=0.0)
    assert ([one.key for one in found.missing], found.entries) == (["TM-1"], ())
