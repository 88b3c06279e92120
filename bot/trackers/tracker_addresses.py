"""Addresses that calls to trackers may go to: people type them, so none may lead into a private network."""

import socket
from collections.abc import Callable, Sequence, Set
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bot.trackers.tracker import TrackerRefused, TrackerUnreachable

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host; raises OSError."""

SETTING: Final = "TRACKER_HOSTS"
"""The setting that names hosts for which neither https nor a public address is required."""

_UNICAST: Final = IPv6Network("2000::/3")
"""The public addresses of version 6; the others are deprecated, reserved, or translated to private ones."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
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
    """Return whether an IP address, or the one of version 4 within it, is public."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    inner = _embedded(parsed) if isinstance(parsed, IPv6Address) else None
    if inner is None and isinstance(parsed, IPv6Address) and parsed not in _UNICAST:
        return False
    meant = inner or parsed
    return meant.is_global and not meant.is_multicast


def port_of(parts: SplitResult) -> int:
    """Return the port of a URL."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def origin_of(url: str) -> tuple[str, str, int]:
    """Return the scheme, host and port of a URL; raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", port_of(parts)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_plain(url: str) -> bool:
    """Whether a URL has only visible characters of ASCII, and none that parsers disagree about."""
    return url.isascii() and url.isprintable() and not any(one in url for one in ' \\"<>^`{|}')
