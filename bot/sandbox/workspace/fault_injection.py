"""Injection of faults: latency, refusals, lost acknowledgments, repeats."""

import random
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

KINDS = ("ratelimited", "server_error", "dropped", "answer_lost")

_LABELS = {
    "ratelimited": "are refused with 429",
    "server_error": "fail with 503",
    "dropped": "are dropped before they are executed",
    "answer_lost": "are executed, but the response is lost",
}


_SENTENCES = {
    "latency": ("Every call to Slack takes {:g} s longer.", ""),
    "delay_deliveries": ("Every delivery is delayed by {:g} s.", ""),
    "lost_acks": ("{} lost.", "ack"),
    "lost_acks_of_acts": ("{} of an action lost.", "ack"),
    "repeats": ("{} delivered twice.", "delivery"),
    "reorder": ("{} delivered out of order.", "delivery"),
    "reorder_acts": ("{} of an action delivered out of order.", "delivery"),
}
"""For each setting, what is said of it, and what is counted."""


@dataclass(kw_only=True)
class InjectedFault:
    """Fault that replaces one response of the Web API."""

    kind: str
    """`ratelimited`, `server_error`, `dropped` (not executed) or `answer_lost` (executed, then dropped).

    Any other word is Slack's code of a refusal, such as `fatal_error`.
    """
    retry_after: int = 1
    """Seconds, for `ratelimited`."""
    about: str = ""
    """A text that the call must contain, such as the timestamp of one message."""


@dataclass(kw_only=True)
class FaultInjector:
    """Active faults; initially there are none."""

    latency: float = 0.0
    """Additional seconds for every call to the Web API."""
    lost_acks: int = 0
    """Number of next acknowledgments to lose, although the bot did its work."""
    lost_acks_of_acts: int = 0
    """The same for interactions of people only, not for events in between."""
    repeats: int = 0
    """Number of next deliveries to repeat."""
    reorder: int = 0
    """Number of next deliveries to swap with the following one; events are swapped with events."""
    reorder_acts: int = 0
    """The same for interactions of people only, not for events in between."""
    reorder_seconds: float = 1.0
    """Maximum seconds that a delivery waits for the one that is to go first."""
    delay_deliveries: float = 0.0
    """Additional seconds for every delivery to the bot, before its three seconds start."""
    seed: int = field(default_factory=lambda: random.randrange(2**32))  # noqa: S311  (no secret)
    """Determines which calls a share affects; print it, and set it to reproduce a run."""
    _shares: dict[str, float] = field(default_factory=dict[str, float])
    _dice: random.Random | None = None
    _troubles: dict[str, list[InjectedFault]] = field(default_factory=dict[str, list[InjectedFault]])
    _held: list[str] = field(default_factory=list[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail_next(
        self, method: str, kind: str, *, times: int = 1, retry_after: int = 1, about: str = ""
    ) -> None:
        """Let the next matching calls of a method (`*` for any) fail, each in the given way."""
        with self._lock:
            troubles = self._troubles.setdefault(method, [])
            trouble = InjectedFault(kind=kind, retry_after=retry_after, about=about)
            troubles.extend([trouble] * times)

    @contextmanager
    def holding(self, method: str = "*") -> Generator[None]:
        """Neither execute nor answer calls of a method (`*` for any) until the end of the block."""
        with self._lock:
            self._held.append(method)
        try:
            yield
        finally:
            with self._lock:
                self._held.remove(method)

    def holds(self, method: str) -> bool:
        """Return whether calls of this method are held."""
        with self._lock:
            return "*" in self._held or method in self._held

    def share(self, kind: str, *, of: float = 0.05, seed: int | None = None) -> None:
        """Let a share of all calls to the Web API fail in the given way, from 0 (off) to 1."""
        with self._lock:
            if seed is not None:
                self.seed = seed
            self._dice = random.Random(self.seed)  # noqa: S311  (no secret)
            self._shares[kind] = of

    def share_of(self, kind: str) -> float:
        """Return the share of calls that fail in the given way, from 0 to 1."""
        with self._lock:
            return self._shares.get(kind, 0.0)

    def next_trouble(self, method: str, text: str = "") -> InjectedFault | None:
        """Take the next fault for a call of this method, if there is one."""
        with self._lock:
            for name in (method, "*"):
                troubles = self._troubles.get(name, [])
                if troubles and troubles[0].about in text:
                    return troubles.pop(0)
            return self._by_chance()

    def take_lost_ack(self, *, of_event: bool = False) -> bool:
        """Return whether this acknowledgment is to be lost."""
        return (not of_event and self._take("lost_acks_of_acts")) or self._take("lost_acks")

    def take_repeat(self) -> bool:
        """Return whether this delivery is to be repeated."""
        return self._take("repeats")

    def take_reorder(self, *, is_event: bool) -> bool:
        """Return whether this delivery is to wait for the following one."""
        return (not is_event and self._take("reorder_acts")) or self._take("reorder")

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            for name in _SENTENCES:
                setattr(self, name, 0)
            self._troubles.clear()
            self._shares.clear()

    @property
    def active(self) -> list[str]:
        """The active faults, one sentence each."""
        with self._lock:
            counts = {name: getattr(self, name) for name in _SENTENCES}
            waiting = [
                f"The next {_called(method)} {_words(troubles[0].kind)}: {len(troubles)} pending."
                for method, troubles in self._troubles.items()
                if troubles
            ]
            shares = [
                f"{of:.0%} of all calls to Slack {_words(kind)} (seed {self.seed})."
                for kind, of in self._shares.items()
                if of
            ]
        sentences = [
            sentence.format(_next(count, thing) if thing else count)
            for name, (sentence, thing) in _SENTENCES.items()
            if (count := counts[name])
        ]
        return sentences + waiting + shares

    def _take(self, name: str) -> bool:
        with self._lock:
            count: int = getattr(self, name)
            setattr(self, name, max(0, count - 1))
            return count > 0

    def _by_chance(self) -> InjectedFault | None:
        for kind, of in self._shares.items():
            if of and self._dice is not None and self._dice.random() < of:
                return InjectedFault(kind=kind)
        return None


def _next(count: int, what: str) -> str:
    plural = {"delivery": "deliveries"}.get(what, f"{what}s")
    return f"The next {what} is" if count == 1 else f"The next {count} {plural} are"


def _words(kind: str) -> str:
    return _LABELS.get(kind, f"are refused ({kind})")


def _called(method: str) -> str:
    return "calls to Slack" if method == "*" else f"calls of {method}"
