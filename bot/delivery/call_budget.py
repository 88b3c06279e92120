"""Budget of calls that the other side allows a workspace only so often, whichever process makes them."""

import time
from collections.abc import Callable, Mapping

import msgspec

from bot.store.work_queue import WorkQueue


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """So many calls at once, and after that one every `apart` seconds."""

    apart: float
    at_once: int


class TooEarly(Exception):
    """A call has to wait: its moment is reserved, in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds:.1f} s")
        self.seconds = seconds


class CallBudget:
    """Reserves a moment for each call; no thread waits for it.

    The work that wants to call is put off until its moment, and then calls without reserving another one.
    """

    def __init__(
        self,
        queue: WorkQueue,
        tenant: str,
        rates: Mapping[str, Rate],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._tenant = tenant
        self._rates = {call: rate for call, rate in rates.items() if rate.apart > 0}
        self._clock = clock
        self._reserved: dict[tuple[str, str], float] = {}

    def take(self, call: str, work: str) -> None:
        """Let some work make a call now; raises TooEarly where it has to wait."""
        rate = self._rates.get(call)
        if rate is None:
            return
        moment, now = self._reserved.pop((call, work), None), self._clock()
        if moment is None:
            moment = now + self._queue.reserve(
                self._tenant, _lane(call), apart=rate.apart, at_once=rate.at_once
            )
        if moment > now:
            self._forget_old(now)
            self._reserved[call, work] = moment
            raise TooEarly(moment - now)

    def postpone(self, call: str, seconds: float) -> None:
        """Have nobody make a call for so many seconds: the other side asks for that."""
        if call in self._rates:
            rate = self._rates[call]
            self._queue.postpone(self._tenant, _lane(call), seconds + rate.apart * rate.at_once)

    def _forget_old(self, now: float) -> None:
        """Forget moments that were not used: there was nothing to do, or another process does it."""
        for key, moment in list(self._reserved.items()):
            if moment < now - _UNUSED_SECONDS:
                self._reserved.pop(key, None)


_UNUSED_SECONDS = 60.0


def _lane(call: str) -> str:
    return f"calls/{call}"
