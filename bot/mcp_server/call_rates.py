"""Rates of calls without a valid access token, which are refused before anything is looked up."""

import hashlib
import ipaddress
import time
from typing import Final

from bot.request_rates import Clock, RequestRate, SenderRates, TokenBucket

EACH: Final = RequestRate(burst=20, per_second=1.0)
"""Calls from one address."""

MOST_ADDRESSES: Final = 10_000
"""Addresses with a rate of their own: those that called last."""

ALL: Final = RequestRate(burst=200, per_second=20.0)
"""Calls from all addresses together: each that has the form of a token costs a statement."""

MOST_TOKENS: Final = 10_000
"""Tokens that are known to be valid: those that were used last."""

USED: Final = RequestRate(burst=600, per_second=60.0)
"""Calls with one valid token, which are looked at however many others are refused."""

_NETWORK: Final = 64
"""Bits of an IPv6 address that a provider assigns: a caller chooses the others."""


class CallRates:
    """Rates of calls in one process; holders of a token that was valid lately are not concerned.

    All others take from the rate of their address first, so that one address alone cannot use up what is
    left for callers with a token that the process does not know yet. Tokens are kept as digests.
    """

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._addresses: SenderRates[str] = SenderRates(EACH, most=MOST_ADDRESSES, clock=clock)
        self._tokens: SenderRates[bytes] = SenderRates(USED, most=MOST_TOKENS, clock=clock)
        self._all = TokenBucket(ALL, clock=clock)

    def take(self, token: str, address: str) -> float:
        """Return 0.0 if a call may be looked at, or the seconds until it may be repeated."""
        digest = _digest(token)
        if digest in self._tokens:
            return self._tokens.take(digest)
        return self._addresses.take(network_of(address)) or self._all.take()

    def accepted(self, token: str) -> None:
        """Record that a token is valid."""
        self._tokens.add(_digest(token))

    def refused(self, token: str) -> None:
        """Record that a token is not valid, or no longer."""
        self._tokens.remove(_digest(token))


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


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
