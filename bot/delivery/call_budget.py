"""Rate limits of calls per workspace, shared by all processes."""

import time
from collections.abc import Callable, Mapping

import msgspec

from bot.store.work_queue import WorkQueue


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Token bucket: a burst of calls, then one every `interval` seconds."""

    interval: float
    burst: int


class TooEarly(Exception):
    """Error: the call must wait `seconds`; its time is reserved."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds:.1f} s")
        self.seconds = seconds


class CallBudget:
    """Call budget that reserves a time for each call without blocking a thread.

    The work is rescheduled to its reserved time, and then calls without another reservation.
    `used` is told of each reservation: the seconds until all calls that were reserved so far have passed.
    """

    def __init__(
        self,
        queue: WorkQueue,
        tenant: str,
        rates: Mapping[str, Rate],
        *,
        used: Callable[[str, Rate, float], None] = lambda _call, _rate, _ahead: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._used = used
        self._queue = queue
        self._tenant = tenant
        self._rates = {call: rate for call, rate in rates.items() if rate.interval > 0}
        self._clock = clock
        for call, rate in self._rates.items():
            used(call, rate, 0.0)
        self._reserved: dict[tuple[str, str], float] = {}

    def take(self, call: str, work: str) -> None:
        """Reserve a call for some work; raises TooEarly if it must wait."""
        rate = self._rates.get(call)
        if rate is None:
            return
        moment, now = self._reserved.pop((call, work), None), self._clock()
        if moment is None:
            ahead = self._queue.reserve(self._tenant, _lane(call), interval=rate.interval)
            moment = now + max(0.0, ahead - rate.interval * rate.burst)
            self._used(call, rate, ahead)
        if moment > now:
            self._forget_old(now)
            self._reserved[call, work] = moment
            raise TooEarly(moment - now)

    def postpone(self, call: str, seconds: float) -> None:
        """Block a call for `seconds`, as the other side asked."""
        if call in self._rates:
            rate = self._rates[call]
            self._queue.reserve(self._tenant, _lane(call), pause=seconds + rate.interval * rate.burst)

    def _forget_old(self, now: float) -> None:
        """Delete unused reservations: there was nothing to do, or another process did it."""
        for key, moment in list(self._reserved.items()):
            if moment < now - _UNUSED_SECONDS:
                self._reserved.pop(key, None)


_UNUSED_SECONDS = 60.0


def _lane(call: str) -> str:
    return f"calls/{call}"
