"""An append to PostgreSQL, against a bare insert and `eventsourcing`'s recorder on the same server."""

import multiprocessing
import random
import statistics
import time
from collections.abc import Callable
from multiprocessing.queues import Queue, SimpleQueue
from multiprocessing.synchronize import Barrier
from typing import Final

import msgspec

from tests.bench.measurements import Row, Say, at_most, faster, medians
from tests.bench.scale_contenders import CONTENDERS, ES, OURS, RAW, Contender, create_tables
from tests.bench.scale_results import Part
from tests.bench.scale_server import BenchmarkServer

ROUNDS: Final = 800
PROCESSES: Final = 8
WARM_UP: Final = 20
SHAPES: Final = (100, 1)
"""Workspaces over which the processes write."""
TURNS, TURN_SECONDS = 5, 2.0
BUSY_RATE, BUSY_SECONDS = 50.0, 4.0
BUSY_TURNS: Final = 3

_spawn = multiprocessing.get_context("spawn")


def measure(server: BenchmarkServer, say: Say) -> Part:
    """Compare one writer, eight writers, and one workspace with a steady rate."""
    url = server.create_database("appends")
    create_tables(url)
    say(f"{ROUNDS} rounds of one append each in turns")
    alone = one_writer(url, rounds=ROUNDS)
    rows = [
        at_most("append with its work row ÷ bare insert", alone[OURS], alone[RAW], "µs", aim=2.5),
        faster(
            "append with its work row: eventsourcing's recorder ÷ ours", alone[OURS], alone[ES], "µs", aim=1
        ),
    ]
    notes: list[str] = []
    writers = Writers(url)
    for workspaces in SHAPES:
        say(f"{TURNS} turns of {TURN_SECONDS} s with {PROCESSES} processes over {workspaces} workspaces")
        rates = many_writers(writers, workspaces=workspaces, turns=TURNS, seconds=TURN_SECONDS)
        rows += _throughput(workspaces, rates)
    say(f"{BUSY_RATE:.0f} appends a second in one workspace")
    waits = steady(writers, turns=BUSY_TURNS, seconds=BUSY_SECONDS)
    writers.close()
    for name in CONTENDERS:
        p50, p99 = (statistics.quantiles(waits[name], n=100)[at] * 1000 for at in (49, 98))
        notes.append(
            f"{BUSY_RATE:.0f} appends a second in one workspace, {name}: {p50:.1f} ms, 99 % {p99:.1f} ms"
        )
    ours, raw = (statistics.median(waits[name]) * 1000 for name in (OURS, RAW))
    rows.append(
        at_most(f"{BUSY_RATE:.0f} appends a second in one workspace ÷ bare insert", ours, raw, "ms", aim=2.5)
    )
    return Part(rows=rows, notes=notes)


def one_writer(url: str, *, rounds: int) -> dict[str, float]:
    """Return the median microseconds of each contender's append."""
    contenders = {name: make(url) for name, make in CONTENDERS.items()}

    def appending(name: str) -> Callable[[], None]:
        tenant, version = f"T{random.randrange(10**9)}", 0

        def append() -> None:
            nonlocal version
            contenders[name].append(tenant, f"{tenant}/TM-1", version)
            version += 1

        return append

    times = medians({name: appending(name) for name in contenders}, rounds=rounds, warm_up=20)
    for contender in contenders.values():
        contender.close()
    return times


def many_writers(
    writers: "Writers", *, workspaces: int, turns: int, seconds: float
) -> dict[str, list[float]]:
    """Return the appends a second of all processes together, for each turn."""
    rates: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for turn in range(turns):
        for name in random.sample(list(CONTENDERS), len(CONTENDERS)):
            task = _Task(name=name, run=f"{workspaces}-{turn}", workspaces=workspaces, seconds=seconds)
            rates[name].append(len(writers.write(task)) / seconds)
    return rates


def steady(writers: "Writers", *, turns: int, seconds: float) -> dict[str, list[float]]:
    """Return how long each append took from the moment at which it was to begin."""
    waits: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for turn in range(turns):
        for name in random.sample(list(CONTENDERS), len(CONTENDERS)):
            apart = PROCESSES / BUSY_RATE
            task = _Task(name=name, run=f"steady-{turn}", workspaces=1, seconds=seconds, apart=apart)
            waits[name] += writers.write(task)
    return waits


def _throughput(workspaces: int, rates: dict[str, list[float]]) -> list[Row]:
    def ratio(theirs: str) -> float:
        return statistics.median(o / t for o, t in zip(rates[OURS], rates[theirs], strict=True))

    where = (
        f"{PROCESSES} processes over {workspaces} workspaces"
        if workspaces > 1
        else f"{PROCESSES} processes, one workspace"
    )
    aims = {RAW: 0.25, ES: 2.0} if workspaces > 1 else {RAW: 0.1, ES: 1.0}
    ours = statistics.median(rates[OURS])
    return [
        Row(
            what=f"{where}: appends a second ÷ {theirs}",
            ours=ours,
            theirs=statistics.median(rates[theirs]),
            unit="/s",
            ratio=ratio(theirs),
            aim=aim,
            at_least=True,
        )
        for theirs, aim in aims.items()
    ]


class _Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the processes do together; `apart` are the seconds between two appends of one, on average."""

    name: str
    run: str
    workspaces: int
    seconds: float
    apart: float = 0.0


class Writers:
    """Processes that append at the same time, each with a connection of each contender."""

    def __init__(self, url: str) -> None:
        self._gate = _spawn.Barrier(PROCESSES)
        self._results: Queue[list[float]] = _spawn.Queue()
        self._tasks = [_spawn.SimpleQueue() for _ in range(PROCESSES)]
        self._processes = [
            _spawn.Process(target=_serve, args=(url, number, tasks, self._gate, self._results), daemon=True)
            for number, tasks in enumerate(self._tasks)
        ]
        for process in self._processes:
            process.start()

    def write(self, task: _Task) -> list[float]:
        """Return the seconds of each append."""
        for tasks in self._tasks:
            tasks.put(task)
        return [wait for _ in self._processes for wait in self._results.get(timeout=task.seconds + 120)]

    def close(self) -> None:
        """End the processes."""
        for tasks in self._tasks:
            tasks.put(None)
        for process in self._processes:
            process.join(30)


def _serve(
    url: str, number: int, tasks: "SimpleQueue[_Task | None]", gate: Barrier, results: "Queue[list[float]]"
) -> None:
    contenders = {name: make(url) for name, make in CONTENDERS.items()}
    for name, one in contenders.items():
        for version in range(WARM_UP):  # statements are prepared after some executions
            one.append(f"W{number}", f"W{number}/TM-{name}", version)
    while (task := tasks.get()) is not None:
        gate.wait()
        results.put(_write(contenders[task.name], number, task))
    for one in contenders.values():
        one.close()


def _write(contender: Contender, number: int, task: _Task) -> list[float]:
    chance = random.Random(number)
    versions: dict[str, int] = {}
    waits: list[float] = []
    began = time.perf_counter()
    ends = began + task.seconds
    at = began + chance.random() * task.apart
    while max(at, time.perf_counter()) < ends:
        began = time.perf_counter()
        if task.apart:
            time.sleep(max(0.0, at - began))
            began = at  # the time for which it waits for its turn counts, too
            at += chance.expovariate(1 / task.apart)
        tenant = f"T{chance.randrange(task.workspaces)}"
        stream = f"{tenant}/TM-{task.name}-{task.run}-{number}"
        version = versions.get(stream, 0)
        contender.append(tenant, stream, version)
        versions[stream] = version + 1
        waits.append(time.perf_counter() - began)
    return waits
