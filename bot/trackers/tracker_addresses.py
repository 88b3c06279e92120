"""Addresses that calls to trackers may go to: people type them, so none may lead into a private network."""

import socket
from collections.abc import Callable, Sequence, Set
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bot.trackers.tracker import TrackerRefused, TrackerUnreachable

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host; raises OSError."""

SETTING: Final = "TRACKER_HOSTS"
"""The setting that names hosts for which neither https nor a public address is required."""

# What a Python's `ipaddress` knows depends on its version, so its flags decide nothing here. Blocks that the
# registries call reachable, such as relays and anycast services, hold no trackers and are refused as well.
_SPECIAL: Final = tuple(
    map(
        ip_network,
        (
            # https://www.iana.org/assignments/iana-ipv4-special-registry, without blocks inside of others
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private use
            "100.64.0.0/10",  # shared by the customers of a provider
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link local, with the metadata of cloud providers
            "172.16.0.0/12",  # private use
            "192.0.0.0/24",  # IETF protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays, deprecated
            "192.168.0.0/16",  # private use
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarking
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "240.0.0.0/4",  # reserved, and limited broadcast
            # https://www.iana.org/assignments/multicast-addresses
            "224.0.0.0/4",
            # https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
            "168.63.129.16/32",  # the host of a virtual machine
            # https://www.iana.org/assignments/iana-ipv6-special-registry, as far as it lies in 2000::/3
            "2001::/23",  # IETF protocol assignments, with Teredo
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)
"""Blocks with a special purpose; the registries were read as of October 2025."""
_UNICAST: Final = IPv6Network("2000::/3")
"""The only block of version 6 from which IANA has assigned public addresses."""
_EMBEDDING: Final = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
"""Blocks of version 6 whose last 32 bits are the address of version 4 that is called: mapped, and NAT64."""
_MOST_CHARACTERS: Final = 500


def check_url(url: str, allowed: Set[str]) -> SplitResult:
    """Return the parts of a tracker's URL; raises TrackerRefused with a sentence for the person who typed it.

    `allowed` are hosts of the operator's setting, each with a port or without.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TrackerRefused("The URL is invalid. Enter one such as https://tracker.example.org.") from None
    if parts.scheme not in ("http", "https"):
        raise TrackerRefused("The URL has no scheme. Enter one such as https://tracker.example.org.")
    host = parts.hostname or ""
    if not host or port == 0 or not _is_plain(url) or len(url) > _MOST_CHARACTERS:
        raise TrackerRefused("The URL is invalid. Enter one such as https://tracker.example.org.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise TrackerRefused("The URL must have neither a user name nor a query. Enter only the address.")
    if parts.scheme == "http" and not is_allowed(parts, allowed):
        raise TrackerRefused(
            "The URL must begin with https://. For a tracker in your own network, an operator can add "
            f"{host} to {SETTING}."
        )
    return parts


def resolve_public(parts: SplitResult, allowed: Set[str], *, resolve: Resolve) -> Sequence[str]:
    """Return the IP addresses that a call may connect to.

    All of them must be public, unless the host is allowed: a name that leads to both kinds is suspicious.
    Raises TrackerRefused and TrackerUnreachable.
    """
    host = parts.hostname or ""
    try:
        found = [one.partition("%")[0] for one in resolve(host, port_of(parts))]
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise TrackerUnreachable(f"The host {host} was not found.")
    if not is_allowed(parts, allowed) and not all(is_public(one) for one in found):
        raise TrackerRefused(
            f"The host {host} has a private address. For a tracker in your own network, an operator can add "
            f"it to {SETTING}."
        )
    return found


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host as the system resolves it; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_allowed(parts: SplitResult, allowed: Set[str]) -> bool:
    """Return whether the operator allows the host, with any port or with this one."""
    host = (parts.hostname or "").rstrip(".")
    shown = f"[{host}]" if ":" in host else host
    return not allowed.isdisjoint({host, f"{shown}:{port_of(parts)}"})


def is_public(address: str) -> bool:
    """Return whether an IP address, or the one of version 4 that it stands for, is public."""
    try:
        called = ip_address(address)
    except ValueError:
        return False
    if any(called in block for block in _EMBEDDING):
        called = IPv4Address(int(called) & 0xFFFF_FFFF)
    if isinstance(called, IPv6Address) and called not in _UNICAST:
        return False
    return not any(called in block for block in _SPECIAL)


def port_of(parts: SplitResult) -> int:
    """Return the port of a URL."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def origin_of(url: str) -> tuple[str, str, int]:
    """Return the scheme, host and port of a URL; raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", port_of(parts)


def _is_plain(url: str) -> bool:
    """Whether a URL has only visible characters of ASCII, and none that parsers disagree about."""
    return url.isascii() and url.isprintable() and not any(one in url for one in ' \\"<>^`{|}')
