"""Rates of requests: token buckets, also one for each of many senders, in bounded memory."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

import msgspec

Sender = TypeVar("Sender", bound=Hashable)
Clock = Callable[[], float]

MOST_ADDRESSES: Final = 10_000
"""Addresses with a rate of their own: those that were seen last."""

_NETWORK: Final = 64
"""Bits of an IPv6 address that a provider assigns: a client chooses the others."""


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


class AddressRates:
    """Rates of requests by the address of the client, and of all together."""

    def __init__(self, each: RequestRate, together: RequestRate, *, clock: Clock = time.monotonic) -> None:
        self._addresses: SenderRates[str] = SenderRates(each, most=MOST_ADDRESSES, clock=clock)
        self._all = TokenBucket(together, clock=clock)

    def take(self, address: str) -> float:
        """Return 0.0 if a request may be answered, or the seconds until it may be repeated."""
        # In this order: one address alone cannot use up what is left for others.
        return self._addresses.take(network_of(address)) or self._all.take()


def network_of(address: str) -> str:
    """Return what has a rate: an IPv4 address, or the network of an IPv6 address."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""  # of a proxy that names none: they share one rate
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((int(known), _NETWORK), strict=False))
