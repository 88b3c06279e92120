"""The command handler: one command, one answer, whoever else is at work."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.commands.command_handler import MAX_ATTEMPTS, CommandHandler, CommandResult, NoSuchModel
from bot.store import CommandKey, KeyUsedForAnother, Store, StreamId, StreamSummary
from bot.store.records import StreamState
from domain.commands import AddAsset, NameElements, ReviseScope, StartThreatModel, Undo
from domain.events import AssetAdded, ElementRemoved, RecordedEvent
from domain.kernel.elements import ChannelId, Kind, ModelKey
from domain.rejections import NameTaken, Rejected
from tests.store.saying import ANNA, HOUSE, NOON, TENANT, asset, say, versions

DATABASES = ("sqlite", "postgres")

START = StartThreatModel(by=ANNA, at=NOON, name="House", channel=ChannelId("C1"))
VALUABLES = AddAsset(by=ANNA, at=NOON, name="Valuables")
CLICK = CommandKey("click")


@pytest.fixture
def command_handler(store: Store) -> CommandHandler:
    command_handler = CommandHandler(store)
    command_handler.start(START, tenant=TENANT, key=CommandKey("start"))
    return command_handler


def names(done: CommandResult) -> list[str]:
    return [element.name for element in done.model.of_kind(Kind.ASSET)]


def test_a_started_model_has_the_key_that_the_store_gave(store: Store) -> None:
    command_handler = CommandHandler(store)

    done = [command_handler.start(START, tenant=TENANT, key=CommandKey(key)) for key in ("a", "b", "a")]

    assert [(one.stream, one.model.key, one.version, one.repeated) for one in done] == [
        ("T1/TM-1", "TM-1", 1, False),
        ("T1/TM-2", "TM-2", 1, False),
        ("T1/TM-1", "TM-1", 1, True),
    ]
    assert done[0].events == done[2].events


def test_a_refused_start_uses_up_no_number(store: Store) -> None:
    command_handler = CommandHandler(store)
    with pytest.raises(Rejected):
        command_handler.start(replace(START, name=" "), tenant=TENANT, key=CLICK)

    assert command_handler.start(START, tenant=TENANT, key=CLICK).model.key == ModelKey("TM-1")


def test_a_command_is_carried_out(command_handler: CommandHandler, store: Store) -> None:
    done = command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)

    assert (done.version, done.model.version, names(done), done.repeated) == (2, 2, ["Valuables"], False)
    assert done.events == tuple(one.event for one in store.read(HOUSE, 1))
    assert command_handler.model(HOUSE) == done.model


def test_the_same_command_later_is_the_first_result_and_not_a_refusal(
    command_handler: CommandHandler,
) -> None:
    first = command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)
    command_handler.execute(
        NameElements(by=ANNA, at=NOON, assets=("Papers",)), stream=HOUSE, key=CommandKey("2")
    )

    later = replace(VALUABLES, at=NOON + timedelta(minutes=1))
    again = command_handler.execute(later, stream=HOUSE, key=CLICK)

    assert (again.version, again.events, again.repeated) == (first.version, first.events, True)
    assert names(again) == ["Valuables", "Papers"]


def test_a_command_edited_and_sent_again_is_told_what_its_key_was_used_for(
    command_handler: CommandHandler,
) -> None:
    command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)

    with pytest.raises(KeyUsedForAnother) as refused:
        command_handler.execute(replace(VALUABLES, name="Jewels"), stream=HOUSE, key=CLICK)
    assert (refused.value.stream, refused.value.first, refused.value.version) == (HOUSE, 2, 2)


def test_a_refusal_consumes_no_key(command_handler: CommandHandler, store: Store) -> None:
    command_handler.execute(VALUABLES, stream=HOUSE, key=CommandKey("first"))

    with pytest.raises(NameTaken):
        command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)

    command_handler.execute(replace(VALUABLES, name="Papers"), stream=HOUSE, key=CLICK)
    assert versions(store) == [1, 2, 3]


def test_what_another_process_appended_is_seen(command_handler: CommandHandler, store: Store) -> None:
    say(store, asset("Papers"), expected=1)

    assert names(command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)) == ["Papers", "Valuables"]


@pytest.mark.parametrize("times", [1, MAX_ATTEMPTS - 1, MAX_ATTEMPTS, 100])
def test_one_who_is_overtaken_decides_again_and_is_never_starved(
    store: Store, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    CommandHandler(store).start(START, tenant=TENANT, key=CommandKey("start"))
    left, state, exclusively = times, store.state, store.exclusively

    @contextmanager
    def alone(tenant: str) -> Generator[None]:
        nonlocal left
        with exclusively(tenant):
            left = 0  # from here on, everyone else waits
            yield

    def overtaken(stream: StreamId) -> StreamState | None:
        """Let someone else append between the load, which begins with this, and the append."""
        nonlocal left
        seen = state(stream)
        if left and seen is not None:
            left -= 1
            say(store, asset(f"Quick {seen.version}", number=seen.version), expected=seen.version)
        return seen

    monkeypatch.setattr(store, "state", overtaken)
    monkeypatch.setattr(store, "exclusively", alone)
    command_handler = CommandHandler(store)
    done = command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)

    assert "Valuables" in names(done)
    assert versions(store) == list(range(1, done.version + 1))


def test_twins_at_the_same_moment_are_one(store: Store) -> None:
    handlers = [CommandHandler(store) for _ in range(8)]
    handlers[0].start(START, tenant=TENANT, key=CommandKey("start"))
    condition = threading.Barrier(8)
    results: list[CommandResult] = []

    def click(command_handler: CommandHandler) -> None:
        condition.wait()
        results.append(command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK))

    threads = [threading.Thread(target=click, args=(command_handler,)) for command_handler in handlers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done.repeated for done in results) == [False] + [True] * 7
    assert len({done.events for done in results}) == 1
    assert versions(store) == [1, 2]


def test_only_undo_reads_the_past(command_handler: CommandHandler) -> None:
    command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)

    done = command_handler.execute(Undo(by=ANNA, at=NOON), stream=HOUSE, key=CommandKey("undo"))

    assert names(done) == []
    (event,) = done.events
    assert isinstance(event, ElementRemoved)
    assert event.undoes == 2


def test_subscribers_are_told_of_every_change_and_of_nothing_else(command_handler: CommandHandler) -> None:
    told: list[StreamId] = []
    command_handler.subscribe(told.append)

    command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)
    command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)
    with pytest.raises(NameTaken):
        command_handler.execute(VALUABLES, stream=HOUSE, key=CommandKey("2"))
    command_handler.start(START, tenant=TENANT, key=CommandKey("3"))

    assert told == [HOUSE, "T1/TM-2"]


def test_the_list_of_models_follows(command_handler: CommandHandler, store: Store) -> None:
    command_handler.execute(ReviseScope(by=ANNA, at=NOON, name="Our house"), stream=HOUSE, key=CLICK)

    (listed,) = store.streams()
    assert isinstance(listed, StreamSummary)
    assert (listed.name, listed.channel, listed.phase, listed.version) == ("Our house", "C1", "collection", 2)


def test_a_model_is_shown_as_it_was(command_handler: CommandHandler) -> None:
    for hour, name in ((1, "Valuables"), (2, "Papers")):
        command = AddAsset(by=ANNA, at=NOON + timedelta(hours=hour), name=name)
        command_handler.execute(command, stream=HOUSE, key=CommandKey(name))

    seen = [
        command_handler.model_at(HOUSE, NOON + timedelta(hours=hour)).version
        for hour in (-1, 0, 1, 1.5, 2, 3)
    ]
    assert seen == [0, 1, 2, 2, 3, 3]


def test_a_model_that_does_not_exist_is_named(command_handler: CommandHandler) -> None:
    nowhere = StreamId("T1/TM-9")
    for ask in (command_handler.model, command_handler.events):
        with pytest.raises(NoSuchModel, match=r"There is no threat model TM-9\."):
            ask(nowhere)
    with pytest.raises(NoSuchModel):
        command_handler.model_at(nowhere, NOON)
    with pytest.raises(NoSuchModel):
        command_handler.execute(VALUABLES, stream=nowhere, key=CLICK)


def test_everything_that_was_said_can_be_read(command_handler: CommandHandler) -> None:
    done = command_handler.execute(VALUABLES, stream=HOUSE, key=CLICK)

    said: list[RecordedEvent] = [event.event for event in command_handler.events(HOUSE)]
    assert said[1:] == list(done.events)
    assert isinstance(said[1], AssetAdded)
