"""Processes that replay models for `verify`, which reads them all in one snapshot."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

PARALLEL_FROM: Final = 500_000
"""Events from which other processes save more time than their start takes."""

_AHEAD: Final = 3
"""Tasks for each process that are read in advance."""


class Workers:
    """Tasks in other processes, with their results in the order in which they were given."""

    def __init__(self, pool: ProcessPoolExecutor, processes: int) -> None:
        self._pool = pool
        self._most = _AHEAD * processes
        self._given: deque[tuple[Future[Any], Callable[[Any], bool]]] = deque()

    def give(self, task: Callable[..., Any], *arguments: object, done: Callable[[Any], bool]) -> bool:
        """Start a task; `done` gets its result later. Return False as soon as one of `done` has."""
        self._given.append((self._pool.submit(task, *arguments), done))
        return self._take(self._most)

    def wait(self) -> bool:
        """Wait for all results; return whether every `done` returned True."""
        return self._take(0)

    def _take(self, most: int) -> bool:
        while len(self._given) > most:
            result, done = self._given.popleft()
            if not done(result.result()):
                self._given.clear()
                return False
        return True


@contextmanager
def workers(events: int) -> Generator[Workers | None]:
    """Return a block with one process for each processor, beside this one that reads; None for few events."""
    processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if events < PARALLEL_FROM or processes < 2:
        yield None
        return
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),  # the reader ends them
    )
    try:
        yield Workers(pool, processes)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
