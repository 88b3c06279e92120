"""Bad days on demand: slow, refusing, broken."""

import threading
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Trouble:
    """What happens instead of one answer of the Web API."""

    kind: str
    """`ratelimited`, `server_error`, `dropped` (nothing done) or `answer_lost` (done, then dropped)."""
    retry_after: int = 1
    """Seconds, for `ratelimited`."""


@dataclass(kw_only=True)
class Faults:
    """Faults to come; everything is off until set."""

    latency: float = 0.0
    """Seconds every call to the Web API takes longer."""
    lost_acks: int = 0
    """So many next acks count as never come, though the bot did its work."""
    repeats: int = 0
    """So many next deliveries come twice."""
    _troubles: dict[str, list[Trouble]] = field(default_factory=dict[str, list[Trouble]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail_next(self, method: str, kind: str, *, times: int = 1, retry_after: int = 1) -> None:
        """Let the next calls of a method (`*` for any) fail, each in the given way."""
        with self._lock:
            troubles = self._troubles.setdefault(method, [])
            troubles.extend(Trouble(kind=kind, retry_after=retry_after) for _ in range(times))

    def next_trouble(self, method: str) -> Trouble | None:
        """Take the trouble that awaits a call of this method, if any."""
        with self._lock:
            for name in (method, "*"):
                if self._troubles.get(name):
                    return self._troubles[name].pop(0)
        return None

    def take_lost_ack(self) -> bool:
        """Say whether this ack is to be lost."""
        with self._lock:
            lost = self.lost_acks > 0
            self.lost_acks -= lost
            return lost

    def take_repeat(self) -> bool:
        """Say whether this delivery is to come twice."""
        with self._lock:
            repeated = self.repeats > 0
            self.repeats -= repeated
            return repeated

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self.latency, self.lost_acks, self.repeats = 0.0, 0, 0
            self._troubles.clear()
