"""Rates of calls without a valid access token, which are refused before anything is looked up."""

import hashlib
import time
from typing import Final

from bot.request_rates import AddressRates, Clock, RequestRate, SenderRates

EACH: Final = RequestRate(burst=20, per_second=1.0)
"""Calls from one address."""

ALL: Final = RequestRate(burst=200, per_second=20.0)
"""Calls from all addresses together: each that has the form of a token costs a statement."""

MOST_TOKENS: Final = 10_000
"""Tokens that are known to be valid: those that were used last."""

USED: Final = RequestRate(burst=600, per_second=60.0)
"""Calls with one valid token, which are looked at however many others are refused."""


class CallRates:
    """Rates of calls in one process; holders of a token that was valid lately are not concerned.

    All others take from the rate of their address first, so that one address alone cannot use up what is
    left for callers with a token that the process does not know yet. Tokens are kept as digests.
    """

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._addresses = AddressRates(EACH, ALL, clock=clock)
        self._tokens: SenderRates[bytes] = SenderRates(USED, most=MOST_TOKENS, clock=clock)

    def take(self, token: str, address: str) -> float:
        """Return 0.0 if a call may be looked at, or the seconds until it may be repeated."""
        digest = _digest(token)
        if digest in self._tokens:
            return self._tokens.take(digest)
        return self._addresses.take(address)

    def accepted(self, token: str) -> None:
        """Record that a token is valid."""
        self._tokens.add(_digest(token))

    def refused(self, token: str) -> None:
        """Record that a token is not valid, or no longer."""
        self._tokens.remove(_digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
