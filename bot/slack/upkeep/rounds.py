"""What is looked after again and again, on one thread."""

import threading
import time
from collections.abc import Callable

import msgspec
import structlog

from bot.slack.connection.slack_api import Refused, Unreachable
from bot.store import StoreError

log = structlog.get_logger()


class Round(msgspec.Struct, kw_only=True):
    """A piece of work that comes round every so many seconds."""

    name: str
    every: float
    work: Callable[[], None]
    next_at: float = 0.0


class Rounds:
    """Goes round until it is stopped; a round that fails comes round again."""

    def __init__(self, *rounds: Round) -> None:
        self._rounds = list(rounds)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rounds", daemon=True)

    def add(self, one: Round) -> None:
        """Look after one more thing."""
        self._rounds.append(one)

    def start(self) -> None:
        """Begin, with everything at once."""
        self._thread.start()

    def soon(self) -> None:
        """Let everything come round now."""
        for one in self._rounds:
            one.next_at = 0.0

    def end(self) -> None:
        """Begin nothing more."""
        self._ending.set()

    def stop(self, seconds: float) -> None:
        """Begin nothing more, and wait so many seconds for what goes round just now."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._ending.is_set():
            for one in self._rounds:
                if time.monotonic() >= one.next_at and not self._ending.is_set():
                    one.next_at = time.monotonic() + one.every
                    self._go(one)
            self._ending.wait(1.0)

    def _go(self, one: Round) -> None:
        try:
            one.work()
        except (Refused, Unreachable, StoreError) as fault:
            log.warning("a round failed", round=one.name, fault=str(fault))
        except Exception:
            # The edge of a thread: one broken round must not be the end of the others.
            log.exception("a round failed", round=one.name)
