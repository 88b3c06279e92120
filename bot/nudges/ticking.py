"""The one job of the scheduler: it ticks, and whatever is due is found then."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.store import StoreError

log = structlog.get_logger()


class Ticking:
    """Calls `tick` every so many seconds, never twice at the same time, until it is stopped.

    What is due is asked of the models at each tick: nothing is scheduled one by one, so nothing is lost with
    the process, doubled by a second one, or moved by a clock that jumps.
    """

    def __init__(self, tick: Callable[[], None], *, every: float) -> None:
        self._tick = tick
        self._every = every
        self._due = threading.Event()
        self._ended = False
        # A thread of its own, which nobody has to wait for: a tick may hang in a call.
        self._thread = threading.Thread(target=self._run, name="ticks", daemon=True)
        # It tells of every job and every wake-up.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler: Any = BackgroundScheduler(timezone=UTC, daemon=True)  # the library has no types
        self._scheduler.add_job(
            self._due.set,
            "interval",
            seconds=every,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin with a first tick at once."""
        self._thread.start()
        self._scheduler.start()

    def stop(self, seconds: float) -> None:
        """Begin no tick any more, and wait so many seconds for the one that is under way."""
        self._ended = True
        if self._scheduler.running:
            self._scheduler.shutdown()
        self._due.set()
        if self._thread.is_alive():
            self._thread.join(seconds)
            if self._thread.is_alive():
                log.warning("a tick did not end in time", seconds=seconds)

    def _run(self) -> None:
        while True:
            # The scheduler goes by the machine's clock, and is silent for as long as that was put back.
            self._due.wait(2 * self._every)
            self._due.clear()
            if self._ended:
                return
            self._once()

    def _once(self) -> None:
        try:
            self._tick()
        except StoreError as fault:
            log.warning("a tick failed", fault=str(fault))
        except Exception:
            # The edge of a thread: what one tick stumbles over must not be the end of all the others.
            log.exception("a tick failed")
