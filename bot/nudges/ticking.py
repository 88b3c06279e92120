"""The one job of the scheduler: it ticks, and whatever is due is found then."""

import logging
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
        # A tick that takes longer than the time between two is nothing to warn of: the next one goes on.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler: Any = BackgroundScheduler(timezone=UTC, daemon=True)  # the library has no types
        self._scheduler.add_job(
            self._once,
            "interval",
            seconds=every,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin with a first tick at once."""
        self._scheduler.start()

    def stop(self) -> None:
        """Begin no tick any more, and wait for the one that is under way."""
        if self._scheduler.running:
            self._scheduler.shutdown()

    def _once(self) -> None:
        try:
            self._tick()
        except StoreError as fault:
            log.warning("a tick failed", fault=str(fault))
        except Exception:
            # The edge of a thread: what one tick stumbles over must not be the end of all the others.
            log.exception("a tick failed")
