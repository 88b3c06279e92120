"""Rates of requests: token buckets, also one for each of many senders, in bounded memory."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import msgspec

Sender = TypeVar("Sender", bound=Hashable)
Clock = Callable[[], float]


class RequestRate(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that may come in a burst, and requests per second in the long run."""

    burst: int
    per_second: float


class TokenBucket:
    """Token bucket of one process."""

    def __init__(self, rate: RequestRate, *, clock: Clock = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._left = float(rate.burst)
        self._at = clock()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take a token and return 0.0, or the seconds until there is one."""
        with self._lock:
            now = self._clock()
            self._left = min(self._rate.burst, self._left + (now - self._at) * self._rate.per_second)
            self._at = now
            if self._left < 1.0:
                return (1.0 - self._left) / self._rate.per_second
            self._left -= 1.0
            return 0.0


class SenderRates(Generic[Sender]):
    """A token bucket for each sender; those of the `most` senders that were seen last are kept.

    A sender that is seen again after its bucket was dropped has a full one, so that a limit for all senders
    together is needed as well.
    """

    def __init__(self, rate: RequestRate, *, most: int, clock: Clock = time.monotonic) -> None:
        self._rate = rate
        self._most = most
        self._clock = clock
        self._buckets: OrderedDict[Sender, TokenBucket] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._buckets)

    def __contains__(self, sender: Sender) -> bool:
        return sender in self._buckets

    def add(self, sender: Sender) -> TokenBucket:
        """Return the bucket of a sender, a full one if it has none."""
        with self._lock:
            bucket = self._buckets.get(sender)
            if bucket is None:
                bucket = self._buckets[sender] = TokenBucket(self._rate, clock=self._clock)
                if len(self._buckets) > self._most:
                    self._buckets.popitem(last=False)
            self._buckets.move_to_end(sender)
            return bucket

    def take(self, sender: Sender) -> float:
        """Take a token of a sender and return 0.0, or the seconds until there is one."""
        return self.add(sender).take()

    def remove(self, sender: Sender) -> None:
        """Drop the bucket of a sender."""
        with self._lock:
            self._buckets.pop(sender, None)
