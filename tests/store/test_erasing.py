"""Erasing: the words are gone, the chain is whole, nothing else changes."""

import pytest

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.store import CommandKey, Store, StreamId, Verified
from bot.store.records import Snapshot
from domain.events import Erased
from tests.store.saying import HOUSE, TENANT, asset, said, say, started

DATABASES = ("sqlite", "postgres")


@pytest.fixture
def recorded(store: Store) -> Store:
    say(store, started(), key="start")
    say(store, asset("Grandmother's ring"), asset("Papers", number=2), expected=1, key="U1 said so")
    say(store, asset("Photos", number=3), expected=3, key="later")
    return store


def test_erased_words_are_gone_and_the_chain_is_whole(recorded: Store) -> None:
    assert recorded.erase(HOUSE, [2]) == 1

    assert said(recorded) == [started(), Erased(), asset("Papers", number=2), asset("Photos", number=3)]
    sound = recorded.verify()
    assert isinstance(sound, Verified)
    assert (sound.events, sound.erased) == (4, 1)
    assert recorded.erase(HOUSE, [2]) == 0


def test_the_keys_of_what_was_erased_are_forgotten_and_no_others(recorded: Store) -> None:
    recorded.erase(HOUSE, [3])

    assert recorded.answered(TENANT, CommandKey("U1 said so"), b"U1 said so") is None
    assert recorded.answered(TENANT, CommandKey("start"), b"start") is not None
    assert recorded.answered(TENANT, CommandKey("later"), b"later") is not None


def test_snapshots_made_before_are_gone_and_none_comes_back(recorded: Store) -> None:
    early = Snapshot(version=2, fold="f", data=b"Grandmother's ring", erasures=0)
    recorded.save_snapshot(HOUSE, early)
    assert recorded.snapshot(HOUSE, fold="f") == early
    recorded.erase(HOUSE, [2])
    recorded.save_snapshot(HOUSE, early)

    assert recorded.snapshot(HOUSE, fold="f") is None


def test_a_whole_stream_is_listed_no_more(recorded: Store) -> None:
    say(recorded, started("TM-2"), stream=StreamId("T1/TM-2"))

    assert recorded.erase_stream(HOUSE) == 4

    assert [stream.key for stream in recorded.streams()] == ["TM-2"]
    with pytest.raises(NoSuchModel, match="no threat model TM-1"):
        CommandHandler(recorded).model(HOUSE)
    assert said(recorded, StreamId("T1/TM-2")) == [started("TM-2")]
    assert recorded.erase_stream(StreamId("T1/TM-9")) == 0


def test_after_erasing_the_record_goes_on(recorded: Store) -> None:
    recorded.erase_stream(HOUSE)
    say(recorded, asset("Keys", number=4), expected=4, summary=None)

    assert said(recorded)[-1] == asset("Keys", number=4)
    assert isinstance(recorded.verify(), Verified)
