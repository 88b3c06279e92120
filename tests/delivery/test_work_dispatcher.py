"""The dispatcher shares the threads of a process among workspaces; one that is idle costs nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.poll_timer import POLL_SECONDS
from bot.delivery.pool import Pool
from bot.delivery.request_waits import EFFECT_SECONDS, LONG_WAIT_SECONDS, RequestWaits
from bot.delivery.work_dispatcher import (
    EXTERNAL_SHARE,
    RESERVED_THREADS,
    THREADS_BESIDE_REQUESTS,
    WorkDispatcher,
)
from bot.delivery.work_kinds import NO_WAIT, Done, Failure, Kind
from bot.delivery.worker import Worker
from bot.store.sqlite.work import SqliteWork
from bot.store.timestamps import format_timestamp
from bot.store.work_queue import Claim, Item, Row, Touch, WorkQueue
from tests.depth import count
from tests.fake_clock import FakeMonotonicClock
from tests.fresh_database import fresh_queue, fresh_store
from tests.queue_rows import due_subjects
from tests.waiting import wait_until

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


class Process:
    """One process that does the work of every workspace, and what it did."""

    def __init__(
        self,
        queue: WorkQueue,
        *,
        threads: int = 16,
        prepare: Callable[["Process", str], object] = lambda process, tenant: process.serve(tenant),
        clock: Callable[[], float] = time.monotonic,
        request_waits: RequestWaits | None = None,
    ) -> None:
        self.did: list[Item] = []
        self.prepared: list[str] = []
        self.doing: Callable[[Claim], None] = lambda _: None
        self.pool = Pool(threads)
        self._prepare = prepare
        self.dispatcher = WorkDispatcher(
            queue,
            self.pool,
            now=lambda: NOON,
            prepare=self._note,
            clock=clock,
            request_waits=request_waits,
        )

    def _note(self, tenant: str) -> None:
        self.prepared.append(tenant)
        self._prepare(self, tenant)

    def serve(self, tenant: str) -> Worker:
        """Add the work of a workspace."""

        def run(claim: Claim) -> Done:
            self.doing(claim)
            self.did.append(claim.item)
            return Done()

        worker = Worker(
            self.dispatcher, tenant, failed=lambda fault: Failure(reason=str(fault)), ended=lambda _: None
        )
        worker.start(
            Kind(name=name, waits=NO_WAIT, run=run, external=name == "tracker")
            for name in ("card", "home", "tracker")
        )
        return worker


@pytest.fixture
def queue() -> SqliteWork:
    return fresh_queue()


@pytest.fixture
def process(queue: SqliteWork) -> Iterator[Process]:
    process = Process(queue)
    process.dispatcher.start()
    yield process
    process.dispatcher.end()
    process.pool.end()


def touch(queue: WorkQueue, tenant: str, *subjects: str, kind: str = "card") -> None:
    queue.touch(*(Touch(item=Item(tenant, kind, subject), lane=subject) for subject in subjects))


def wait_for(event: threading.Event) -> Callable[[Claim], None]:
    def do(_: Claim) -> None:
        event.wait(60)

    return do


def test_a_workspace_is_prepared_when_there_is_something_to_do(queue: SqliteWork, process: Process) -> None:
    assert process.prepared == []
    touch(queue, "T2", "TM-1")
    touch(queue, "T3", "TM-1")
    wait_until(lambda: len(process.did) == 2)
    assert set(process.did) == {Item("T2", "card", "TM-1"), Item("T3", "card", "TM-1")}
    assert sorted(process.prepared) == ["T2", "T3"], "each once"


def test_a_workspace_that_cannot_be_prepared_keeps_no_other_waiting(queue: SqliteWork) -> None:
    def prepare(process: Process, tenant: str) -> None:
        if tenant == "T1":
            raise ValueError("broken parts")
        if tenant != "T2":  # one that has ended
            process.serve(tenant)

    process = Process(queue, prepare=prepare)
    for tenant in ("T1", "T2", "T3"):
        touch(queue, tenant, "TM-1")
    for _ in range(3):
        process.dispatcher.wake("T3")
        try:
            process.dispatcher.poll()
        except ValueError:
            continue
    wait_until(lambda: process.did == [Item("T3", "card", "TM-1")])
    assert due_subjects(queue, "T1", "card", NOON) == due_subjects(queue, "T2", "card", NOON) == ["TM-1"]
    process.pool.end()


class CountedCalls(SqliteWork):
    """A queue that counts claims."""

    def __init__(self) -> None:
        super().__init__(fresh_store().database)
        self.calls: list[str] = []

    def claim(self, *arguments: Any, **options: Any) -> list[Claim]:
        self.calls.append("claim")
        return super().claim(*arguments, **options)


def test_work_that_waits_for_its_quiet_time_is_claimed_after_it() -> None:
    clock, queue = FakeMonotonicClock(), CountedCalls()
    process = Process(queue, clock=clock)
    process.serve("T1")
    process.dispatcher.poll()
    queue.calls.clear()
    queue.touch(Touch(item=Item("T1", "card", "TM-1"), lane="TM-1"))
    process.dispatcher.schedule([Touch(item=Item("T1", "card", "TM-1"), lane="TM-1", quiet=0.5)])
    process.dispatcher.poll()
    assert queue.calls == []
    clock.advance(0.5)
    process.dispatcher.poll()
    assert queue.calls == ["claim"] * 2, "and another one finds nothing"
    process.pool.end()


def test_few_threads_work_while_requests_wait(queue: SqliteWork) -> None:
    clock, opened = FakeMonotonicClock(), threading.Event()
    waits = RequestWaits(clock)
    process = Process(queue, clock=clock, threads=16, request_waits=waits)
    process.doing = lambda _claim: (opened.wait(60), None)[-1]
    for number in range(20):
        process.serve(f"T{number}")
        touch(queue, f"T{number}", "TM-1")
    waits.note(LONG_WAIT_SECONDS)
    process.dispatcher.poll()
    assert process.dispatcher.held_count == THREADS_BESIDE_REQUESTS
    clock.advance(EFFECT_SECONDS)
    waits.note(LONG_WAIT_SECONDS / 2)
    process.dispatcher.poll()
    assert process.dispatcher.held_count == 16 - RESERVED_THREADS
    opened.set()
    process.pool.end()


def test_work_that_waits_for_a_service_keeps_no_other_work_waiting_while_requests_wait(
    queue: SqliteWork,
) -> None:
    clock, opened = FakeMonotonicClock(), threading.Event()
    waits = RequestWaits(clock)
    process = Process(queue, clock=clock, threads=16, request_waits=waits)
    process.doing = lambda _claim: (opened.wait(60), None)[-1]
    for number in range(12):
        process.serve(f"T{number}")
        touch(queue, f"T{number}", "TM-1")
    for seconds, held in ((0.0, 4), (0.9, 4), (0.2, 8), (1.1, 12)):
        clock.advance(seconds)
        waits.note(LONG_WAIT_SECONDS)
        process.dispatcher.poll()
        assert process.dispatcher.held_count == held, seconds
    opened.set()
    process.pool.end()


def test_a_small_pool_runs_no_more_work_while_requests_wait(queue: SqliteWork) -> None:
    clock, opened = FakeMonotonicClock(), threading.Event()
    waits = RequestWaits(clock)
    process = Process(queue, clock=clock, threads=4, request_waits=waits)
    process.doing = lambda _claim: (opened.wait(60), None)[-1]
    for number in range(4):
        process.serve(f"T{number}")
        touch(queue, f"T{number}", "TM-1")
    waits.note(LONG_WAIT_SECONDS)
    process.dispatcher.poll()
    assert process.dispatcher.held_count == 4 - RESERVED_THREADS
    opened.set()
    process.pool.end()


def test_threads_are_given_to_workspaces_in_turn(queue: SqliteWork) -> None:
    process, opened = Process(queue, threads=16), threading.Event()
    began: list[str] = []
    process.doing = lambda claim: (began.append(claim.item.tenant), opened.wait(60), None)[-1]
    for tenant in ("T1", "T2", "T3", "T4", "T5"):
        touch(queue, tenant, *(f"TM-{number}" for number in range(30)))
    process.dispatcher.start()
    try:
        wait_until(lambda: len(began) == 16 - RESERVED_THREADS)
        counts = {tenant: began.count(tenant) for tenant in set(began)}
        assert counts.keys() == {"T1", "T2", "T3", "T4", "T5"}
        assert max(counts.values()) - min(counts.values()) <= 1
        opened.set()
        wait_until(lambda: len(process.did) == 150)
    finally:
        opened.set()
        process.dispatcher.end()
        process.pool.end()


def test_slow_services_of_others_leave_most_threads_alone_and_are_called_when_one_is_free(
    queue: SqliteWork,
) -> None:
    process, opened = Process(queue, threads=16), threading.Event()
    calling: list[str] = []
    tenants = [f"T{number}" for number in range(20)]

    def call(claim: Claim) -> None:
        if claim.item.kind == "tracker":
            calling.append(claim.item.tenant)
            opened.wait(60)

    process.doing = call
    for tenant in tenants:
        touch(queue, tenant, "TR-1", kind="tracker")
        touch(queue, tenant, "TM-1")
    process.dispatcher.start()
    try:
        wait_until(lambda: {one.tenant for one in process.did if one.kind == "card"} == {*tenants})
        assert len(calling) == 16 // EXTERNAL_SHARE
        opened.set()
        wait_until(lambda: sorted(calling) == sorted(tenants))
    finally:
        opened.set()
        process.dispatcher.end()
        process.pool.end()


def test_a_workspace_with_one_card_does_not_wait_for_others_with_hundreds(queue: SqliteWork) -> None:
    process = Process(queue, threads=8)
    for tenant in ("T1", "T2", "T3", "T4"):
        touch(queue, tenant, *(f"TM-{number}" for number in range(100)))
    touch(queue, "T0", "TM-1")
    process.dispatcher.start()
    wait_until(lambda: Item("T0", "card", "TM-1") in process.did)
    assert process.did.index(Item("T0", "card", "TM-1")) < 40
    process.dispatcher.end()
    process.pool.end()


def test_the_end_of_earlier_parts_does_not_end_the_ones_that_replaced_them(queue: SqliteWork) -> None:
    process = Process(queue, prepare=lambda _process, _tenant: None)
    earlier = process.serve("T1")
    process.serve("T1")
    earlier.end()
    touch(queue, "T1", "TM-1")
    process.dispatcher.poll()
    wait_until(lambda: process.did == [Item("T1", "card", "TM-1")])
    process.pool.end()


def test_the_work_of_a_workspace_that_ended_stays_due(queue: SqliteWork) -> None:
    process = Process(queue, prepare=lambda _process, _tenant: None)
    process.serve("T1").end()
    process.serve("T2")
    touch(queue, "T1", "TM-1")
    touch(queue, "T2", "TM-1")
    process.dispatcher.start()
    wait_until(lambda: process.did == [Item("T2", "card", "TM-1")])
    process.dispatcher.finish(["card"], 5)
    assert due_subjects(queue, "T1", "card", NOON) == ["TM-1"]
    process.pool.end()


def test_before_the_end_the_cards_of_every_open_workspace_are_updated(queue: SqliteWork) -> None:
    process = Process(queue)
    tenants = [f"T{number}" for number in range(40)]
    for tenant in tenants:
        process.serve(tenant)
        queue.touch(
            Touch(item=Item(tenant, "card", "TM-1"), lane="C1", quiet=60, longest=60),
            Touch(item=Item(tenant, "home", "U1"), lane="U1", quiet=60, longest=60),
        )
    process.dispatcher.start()
    process.dispatcher.finish(["card"], 20)
    assert sorted(process.did) == sorted(Item(one, "card", "TM-1") for one in tenants)
    process.pool.end()


def test_a_workspace_may_end_while_the_process_does() -> None:
    class Queue(SqliteWork):
        def rows(self, tenant: str, *kinds: str) -> list[Row]:
            workers[tenant].end()
            return super().rows(tenant, *kinds)

    process = Process(Queue(fresh_store().database))
    workers = {tenant: process.serve(tenant) for tenant in ("T1", "T2", "T3")}
    process.dispatcher.start()
    process.dispatcher.finish(["card"], 20)
    assert not process.dispatcher.is_alive
    process.pool.end()


def test_idle_workspaces_cost_one_statement_for_all_of_them() -> None:
    store = fresh_store()
    clock = FakeMonotonicClock()
    process = Process(store.work, clock=clock)
    tenants = [f"T{number}" for number in range(count(1_000, deep=10_000))]
    with store.database.writing(durable=False) as connection:
        tomorrow = format_timestamp(NOON + timedelta(days=1))
        connection.executemany(
            "INSERT INTO work (tenant, kind, subject, lane, due) VALUES (?, 'card', 'TM-1', 'C1', ?)",
            [(tenant, tomorrow) for tenant in tenants],
        )
    asked: list[str] = []
    connection = store.database.current()
    connection.set_trace_callback(asked.append)
    before = threading.active_count()
    seconds = 60
    for _ in range(seconds * 4):
        process.dispatcher.poll()
        clock.advance(0.25)
    assert len(asked) <= seconds / POLL_SECONDS + 1
    assert process.prepared == []
    assert threading.active_count() == before
    store.close()
