"""What is looked after again and again, on one thread."""

import threading
import time
from collections.abc import Callable

import msgspec
import structlog

from bot.slack.connection.slack_api import Refused, Unreachable
from bot.store import StoreError

log = structlog.get_logger()


class Errand(msgspec.Struct, kw_only=True):
    """A piece of work that is due every so many seconds."""

    name: str
    every: float
    work: Callable[[], None]
    next_at: float = 0.0


class Errands:
    """Runs them until it is stopped; one that fails is run again at its next time."""

    def __init__(self, *errands: Errand) -> None:
        self._errands = list(errands)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)

    def add(self, one: Errand) -> None:
        """Look after one more thing."""
        self._errands.append(one)

    def start(self) -> None:
        """Begin, with everything at once."""
        self._thread.start()

    def soon(self) -> None:
        """Let everything be due now."""
        for one in self._errands:
            one.next_at = 0.0

    def end(self) -> None:
        """Begin nothing more."""
        self._ending.set()

    def stop(self, seconds: float) -> None:
        """Begin nothing more, and wait so many seconds for what is under way."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._ending.is_set():
            for one in self._errands:
                if time.monotonic() >= one.next_at and not self._ending.is_set():
                    one.next_at = time.monotonic() + one.every
                    self._go(one)
            self._ending.wait(1.0)

    def _go(self, one: Errand) -> None:
        try:
            one.work()
        except (Refused, Unreachable, StoreError) as fault:
            log.warning("an errand failed", errand=one.name, fault=str(fault))
        except Exception:
            # The edge of a thread: one broken errand must not be the end of the others.
            log.exception("an errand failed", errand=one.name)
