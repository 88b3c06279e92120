"""Appending: whole or not at all, once, at the expected version."""

import threading

import msgspec
import pytest

from bot.store import (
    Appended,
    CommandKey,
    KeyUsedForAnother,
    Store,
    StreamId,
    Summary,
    VersionConflict,
)
from domain.events import Event
from domain.kernel.elements import ChannelId, ModelKey
from tests.store.saying import HOUSE, LISTED, TENANT, asset, said, say, started, versions


def test_what_was_appended_is_read_in_order(store: Store) -> None:
    say(store, started(), asset("Valuables"))
    say(store, asset("Papers", number=2), expected=2)

    assert said(store) == [started(), asset("Valuables"), asset("Papers", number=2)]
    assert [(one.position, one.sequence, one.version) for one in store.read(HOUSE)] == [
        (1, 1, 1),
        (2, 2, 2),
        (3, 3, 3),
    ]


def test_a_part_of_a_stream_can_be_read(store: Store) -> None:
    say(store, *(asset(f"Asset {number}", number=number) for number in range(1, 6)))

    assert [one.version for one in store.read(HOUSE, after=1, until=3)] == [2, 3]
    assert list(store.read(HOUSE, after=5)) == []
    assert list(store.read(StreamId("T1/TM-9"))) == []


def test_a_long_stream_is_read_over_many_pages(store: Store) -> None:
    for start in range(0, 2000, 500):
        say(store, *(asset("x", number=start + n) for n in range(1, 501)), expected=start)

    assert versions(store) == list(range(1, 2001))


def test_a_concurrent_reader_blocks_no_writer_and_sees_new_events(store: Store) -> None:
    say(store, *(asset("x", number=number) for number in range(1, 700)))
    reader = store.read(HOUSE)
    next(reader)
    say(store, asset("late", number=700), expected=699)

    assert [one.version for one in reader][-1] == 700


def test_another_expected_version_is_refused_and_nothing_is_written(store: Store) -> None:
    say(store, started())

    with pytest.raises(VersionConflict, match="T1/TM-1 stands at version 1, not at 0") as refused:
        say(store, asset("Valuables"), key="k")

    assert (refused.value.expected, refused.value.actual) == (0, 1)
    assert versions(store) == [1]
    assert store.answered(TENANT, CommandKey("k"), b"k") is None


def test_the_same_command_again_gets_the_first_result(store: Store) -> None:
    first = say(store, started(), asset("Valuables"), key="click")
    say(store, asset("Papers", number=2), expected=2)

    again = say(store, started(), asset("Valuables"), key="click", expected=7)

    assert first == Appended(stream=HOUSE, first=1, version=2)
    assert again == Appended(stream=HOUSE, first=1, version=2, repeated=True)
    assert versions(store) == [1, 2, 3]


def test_a_key_used_for_another_command_is_refused_with_what_it_led_to(store: Store) -> None:
    say(store, started(), asset("Valuables"), key="click", request=b"one")

    with pytest.raises(KeyUsedForAnother) as refused:
        say(store, asset("Papers"), key="click", request=b"another", expected=2)

    assert (refused.value.stream, refused.value.first, refused.value.version) == (HOUSE, 1, 2)
    assert versions(store) == [1, 2]


def test_the_same_key_in_another_workspace_is_another_key(store: Store) -> None:
    say(store, started(), key="click")

    assert not say(store, started(), key="click", stream=StreamId("T2/TM-1")).repeated


def test_a_command_that_changes_nothing_is_answered_too(store: Store) -> None:
    say(store, started())
    nothing = say(store, expected=1, key="same")

    assert nothing == Appended(stream=HOUSE, first=2, version=1)
    assert store.answered(TENANT, CommandKey("same"), b"same") == msgspec.structs.replace(
        nothing, repeated=True
    )


def begin(store: Store, key: str, tenant: str = TENANT) -> Appended:
    def make(model: ModelKey) -> tuple[list[Event], Summary]:
        return [started(model)], LISTED

    return store.begin(tenant, make, key=CommandKey(key), request=key.encode())


def test_models_are_numbered_within_their_workspace(store: Store) -> None:
    assert [begin(store, "a").stream, begin(store, "b").stream] == ["T1/TM-1", "T1/TM-2"]
    assert begin(store, "a", tenant="T2").stream == "T2/TM-1"
    assert said(store, StreamId("T1/TM-2")) == [started("TM-2")]


def test_starting_again_with_the_same_key_gives_the_same_model(store: Store) -> None:
    begin(store, "a")

    assert begin(store, "a") == Appended(stream=HOUSE, first=1, version=1, repeated=True)
    assert begin(store, "b").stream == "T1/TM-2"


def test_a_refused_start_uses_up_no_number_and_no_key(store: Store) -> None:
    class Refused(Exception):
        pass

    def refuse(model: ModelKey) -> tuple[list[Event], Summary]:
        raise Refused(model)

    with pytest.raises(Refused, match="TM-1"):
        store.begin(TENANT, refuse, key=CommandKey("a"), request=b"a")

    assert begin(store, "a").stream == "T1/TM-1"


def test_what_is_said_exclusively_is_kept_together_or_not_at_all(store: Store) -> None:
    def overtaken() -> None:
        with store.exclusively(TENANT):
            say(store, started())
            assert versions(store) == [1]
            say(store, asset("Valuables"), expected=5)

    with pytest.raises(VersionConflict):
        overtaken()
    assert versions(store) == []

    with store.exclusively(TENANT):
        say(store, started())
        say(store, asset("Valuables"), expected=1)
    assert versions(store) == [1, 2]


def test_a_workspace_is_followed_without_gaps(store: Store) -> None:
    say(store, started())
    say(store, started("TM-1"), stream=StreamId("T2/TM-1"))
    say(store, started("TM-2"), stream=StreamId("T1/TM-2"))

    assert [(one.stream, one.sequence) for one in store.tail("T1", 0, 10)] == [("T1/TM-1", 1), ("T1/TM-2", 2)]
    assert [one.sequence for one in store.tail("T1", 1, 10)] == [2]
    assert [one.sequence for one in store.tail("T1", 0, 1)] == [1]


def test_the_list_of_models_shows_the_last_summary(store: Store) -> None:
    say(store, started())
    say(
        store,
        asset("Valuables"),
        expected=1,
        summary=Summary(name="Our house", channel=ChannelId("C1"), phase="analysis"),
    )
    say(store, started("TM-2"), stream=StreamId("T1/TM-2"))
    say(store, started(), stream=StreamId("T1/reminders/U1/2026-11-24"), summary=None)

    first, second = store.streams("T1")
    assert (first.key, first.name, first.phase, first.version) == ("TM-1", "Our house", "analysis", 2)
    assert second.key == "TM-2"
    assert store.streams("T2") == []
    assert [stream.key for stream in store.streams(channel=ChannelId("C1"))] == ["TM-1", "TM-2"]


def test_threads_append_side_by_side(store: Store) -> None:
    def work(worker: int) -> None:
        for number in range(25):
            say(store, asset("x"), stream=StreamId(f"T1/TM-{worker}"), expected=number)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [one.sequence for one in store.tail("T1", 0, 1000)] == list(range(1, 201))
    assert [versions(store, StreamId(f"T1/TM-{worker}")) for worker in range(8)] == [list(range(1, 26))] * 8
