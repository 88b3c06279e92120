"""What is acknowledged is on disk, also while several changes share one wait for it."""

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.commands.command_handler import CommandHandler
from bot.slack.slots.model_work import schedule_caused
from bot.store import CommandKey, SqliteStore, StoreUnavailable, StreamId, Verified, open_store
from bot.store.records import StreamState
from bot.store.work_queue import MODEL, Item, Touch
from domain.commands import NameElements
from domain.events import RecordedEvent
from tests.queue_rows import claim_one
from tests.slack.slot_contexts import make_context
from tests.store.saying import ANNA, HOUSE, NOON, TENANT, asset, said, say, started
from tests.waiting import wait_until

TOGETHER = 6


class Disk:
    """What is on disk after each flush of the log; a power failure would leave exactly that."""

    def __init__(self, database: Path, images: Path) -> None:
        self._database = database
        self._images = images
        self._flush = os.fdatasync
        self.flushes = 0
        self.waiting = 0
        self.opened = threading.Event()
        self.opened.set()
        self.read = threading.Event()
        self.fault: OSError | None = None

    def fdatasync(self, descriptor: int) -> None:
        log = Path(f"{self._database}-wal").stat()
        assert os.fstat(descriptor).st_ino == log.st_ino, "another file than the log"
        self.waiting += 1
        assert self.opened.wait(60)
        if self.fault is not None:
            raise self.fault
        self._flush(descriptor)
        image = self._image(self.flushes + 1)
        image.mkdir(parents=True)
        shutil.copy(self._database, image / "threatmodel.db")
        shutil.copy(f"{self._database}-wal", image / "threatmodel.db-wal")
        self.flushes += 1

    def version_after_power_failure(self, flushes: int) -> int:
        """Return the version of the model in what was on disk after so many flushes."""
        store = open_store(f"sqlite:///{self._image(flushes)}/threatmodel.db")
        try:
            assert isinstance(store.verify(), Verified)
            return len(said(store))
        finally:
            store.close()

    def _image(self, number: int) -> Path:
        return self._images / str(number)


@pytest.fixture
def disk(store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    say(store, started())
    disk = Disk(store.database.path, tmp_path / "disk")
    monkeypatch.setattr(os, "fdatasync", disk.fdatasync)
    return disk


@pytest.fixture
def handler(store: SqliteStore, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> CommandHandler:
    del disk
    # A command never begins because another one takes long, only because that one has ended its turn.
    monkeypatch.setattr("bot.commands.command_handler.TURN_SECONDS", 60)
    handler = CommandHandler(store)
    handler.model(HOUSE)
    return handler


@pytest.fixture
def pool(disk: Disk) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(TOGETHER) as pool:
        yield pool
        disk.opened.set()
        disk.read.set()


def name_asset(handler: CommandHandler, name: str) -> int:
    command = NameElements(by=ANNA, at=NOON, assets=(name,))
    return handler.execute(command, stream=HOUSE, key=CommandKey(name)).version


def test_a_change_is_on_disk_when_it_is_acknowledged(store: SqliteStore, disk: Disk) -> None:
    for number in range(1, 4):
        appended = say(store, asset(f"Box {number}", number=number), expected=number)
        assert disk.version_after_power_failure(disk.flushes) == appended.version


def test_what_need_not_be_durable_does_not_wait_for_the_disk(store: SqliteStore, disk: Disk) -> None:
    store.work.touch(Touch(item=Item(TENANT, "card", "TM-1"), lane="C1"))
    assert disk.flushes == 0
    store.work.touch(Touch(item=Item(TENANT, "card", "TM-1"), lane="C1"), durable=True)
    assert disk.flushes == 1


def test_the_work_that_a_changed_model_causes_is_found_without_waiting_for_the_disk(
    store: SqliteStore, disk: Disk
) -> None:
    card = Touch(item=Item(TENANT, "card", "TM-1"))

    def events(stream: StreamId, after: int) -> list[RecordedEvent]:
        return list(store.events(stream, after))

    def caused(*_: str) -> None:
        store.work.touch(card)

    settings = SimpleNamespace(trackers=SimpleNamespace(trackers=("one",)))
    installation = SimpleNamespace(scopes=())
    reader = SimpleNamespace(state=store.state, events=events, settings=settings, installation=installation)
    scheduler = SimpleNamespace(schedule_caused=caused)
    unit = store.unit(TENANT)
    projections = unit.projections
    context = make_context(unit, reader, scheduler=scheduler)
    claim = claim_one(store.work, TENANT, NOON, only=[MODEL])
    assert claim is not None
    schedule_caused(context, HOUSE)
    assert store.work.settle(claim)
    caused = claim_one(store.work, TENANT, NOON)
    assert caused is not None
    assert caused.item == card.item
    assert projections.find("changes", HOUSE) == store.state(HOUSE)
    assert disk.flushes == 0
    projections.save("another", HOUSE, StreamState(version=1, erasures=0))
    assert disk.flushes == 1


def test_commands_on_one_model_share_a_wait_and_each_is_on_disk_when_it_is_acknowledged(
    handler: CommandHandler, disk: Disk, pool: ThreadPoolExecutor, store: SqliteStore
) -> None:
    disk.opened.clear()

    def name(number: int) -> tuple[int, int]:
        return name_asset(handler, f"Box {number}"), disk.flushes

    first = pool.submit(name, 1)
    wait_until(lambda: disk.waiting == 1)
    others = [pool.submit(name, number) for number in range(2, TOGETHER + 1)]
    # They are decided and committed, one on the result of the other, while the first waits for the disk.
    wait_until(lambda: len(said(store)) == 1 + TOGETHER, 20)
    assert not any(one.done() for one in (first, *others)), "acknowledged before it was on disk"
    disk.opened.set()
    done = [one.result(60) for one in (first, *others)]
    assert sorted(version for version, _ in done) == list(range(2, TOGETHER + 2))
    assert disk.flushes == 2
    for version, flushes in done:
        assert disk.version_after_power_failure(flushes) >= version


def test_a_command_that_is_repeated_is_acknowledged_when_the_first_is_on_disk(
    handler: CommandHandler, disk: Disk, pool: ThreadPoolExecutor, store: SqliteStore
) -> None:
    disk.opened.clear()
    first = pool.submit(name_asset, handler, "Box")
    wait_until(lambda: disk.waiting == 1)
    # It is rejected because of its own effect, and the earlier result is returned.
    again = pool.submit(name_asset, handler, "Box")
    another = pool.submit(name_asset, CommandHandler(store), "Box")
    with pytest.raises(TimeoutError):
        again.result(0.2)
    assert not another.done()
    disk.opened.set()
    assert {one.result(60) for one in (first, again, another)} == {2}


def hold_a_reader(store: SqliteStore, disk: Disk, pool: ThreadPoolExecutor) -> Future[None]:
    """Keep what is written from now on from being copied into the file, until the test lets go."""
    reading = threading.Event()

    def hold() -> None:
        connection = store.database.current()
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM events").fetchone()
        reading.set()
        assert disk.read.wait(60)
        connection.execute("ROLLBACK")

    reader = pool.submit(hold)
    assert reading.wait(60)
    return reader


def failing(disk: Disk) -> None:
    disk.fault = OSError(errno.EIO, os.strerror(errno.EIO))


def test_after_a_failed_flush_the_log_is_copied_into_the_file_until_it_is_empty(
    store: SqliteStore, disk: Disk
) -> None:
    failing(disk)
    appended = say(store, asset("Box"), expected=1)
    assert appended.version == 2
    log = store.database.path.with_name(store.database.path.name + "-wal")
    assert log.stat().st_size == 0
    disk.fault = None
    say(store, asset("Chest", number=2), expected=2)
    assert disk.version_after_power_failure(disk.flushes) == 3


def test_while_the_log_is_in_doubt_a_flush_that_succeeds_is_not_enough(
    store: SqliteStore, disk: Disk, pool: ThreadPoolExecutor
) -> None:
    reader = hold_a_reader(store, disk, pool)
    failing(disk)
    with pytest.raises(StoreUnavailable, match="failing"):
        say(store, asset("Box"), expected=1, key="box")
    disk.fault = None
    with pytest.raises(StoreUnavailable, match="failing"):
        say(store, asset("Box"), expected=1, key="box")
    assert disk.flushes == 0, "its success would prove nothing"
    disk.read.set()
    reader.result(60)
    assert say(store, asset("Box"), expected=1, key="box").repeated
    assert len(said(store)) == 2
    assert isinstance(store.verify(), Verified)


def test_a_log_that_was_copied_but_not_emptied_stays_in_doubt(
    store: SqliteStore, disk: Disk, pool: ThreadPoolExecutor
) -> None:
    failing(disk)
    with store.durable_at_end():
        say(store, asset("Box"), expected=1)
        hold_a_reader(store, disk, pool)
    disk.fault = None
    # Its part of the log would follow one that may be missing on disk, where a recovery would end.
    with pytest.raises(StoreUnavailable, match="failing"):
        say(store, asset("Chest", number=2), expected=2)
    assert disk.flushes == 0


def test_if_the_disk_fails_no_command_that_shares_the_wait_is_acknowledged(
    handler: CommandHandler, disk: Disk, pool: ThreadPoolExecutor, store: SqliteStore
) -> None:
    reader = hold_a_reader(store, disk, pool)
    disk.opened.clear()
    asked: list[Future[int]] = [pool.submit(name_asset, handler, "Box 1")]
    wait_until(lambda: disk.waiting == 1)
    asked += [pool.submit(name_asset, handler, f"Box {number}") for number in range(2, 5)]
    wait_until(lambda: len(said(store)) == 5)
    failing(disk)
    disk.opened.set()
    for one in asked:
        with pytest.raises(StoreUnavailable):
            one.result(60)
    disk.read.set()
    reader.result(60)
    disk.fault = None
    # A person who tries again is told the result, and nothing is recorded twice.
    again = [name_asset(handler, f"Box {number}") for number in range(1, 5)]
    assert sorted(again) == [2, 3, 4, 5], "in whatever order they came"
    assert len(said(store)) == 5


def test_a_block_that_raises_still_waits_for_what_it_changed(store: SqliteStore, disk: Disk) -> None:
    def change_and_fail() -> None:
        with store.durable_at_end():
            say(store, asset("Box"), expected=1)
            assert disk.flushes == 0
            raise LookupError

    with pytest.raises(LookupError):
        change_and_fail()
    assert disk.version_after_power_failure(1) == 2


def test_changes_in_one_block_wait_for_the_disk_once(store: SqliteStore, disk: Disk) -> None:
    with store.durable_at_end(), store.durable_at_end():
        for number in range(1, 4):
            say(store, asset(f"Box {number}", number=number), expected=number)
    assert disk.flushes == 1
    assert disk.version_after_power_failure(1) == 4
