"""Address of a client behind proxies."""

from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from bot.slack.transport.http_messages import HttpRequest


def client_address(request: HttpRequest, proxies: Collection[str]) -> str:
    """Return the address of the client.

    Each trusted proxy adds the address that called it to `X-Forwarded-For`. So the last one that is not a
    proxy itself is the client's; what stands before it was sent by the client.
    """
    named = request.head.headers.get("x-forwarded-for", "").split(",")
    address = request.peer
    while named and _is_proxy(address, frozenset(proxies)):
        address = named.pop().strip() or address
    return address


@lru_cache(maxsize=1_000)
def _is_proxy(address: str, proxies: frozenset[str]) -> bool:
    known = _parsed(address)
    return known is not None and any(known in ip_network(one) for one in proxies)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        known = ip_address(address)
    except ValueError:
        return None
    return getattr(known, "ipv4_mapped", None) or known
