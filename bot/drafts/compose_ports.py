"""Published ports of Compose services."""

import re
from typing import Final

import msgspec

from bot.drafts.image_technology import with_defaults
from bot.drafts.lined_values import LinedMapping, text_of

_PORT: Final = re.compile(
    r"(?:(?P<ip>\[[0-9A-Fa-f:]{2,45}\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|localhost):)?"
    r"(?:(?P<published>[^:/\s]{0,120}):)?(?P<target>[^:/\s]{1,120})(?:/(?P<protocol>[a-z]{2,5}))?"
)
_VARIABLE: Final = re.compile(r"\$\{\w{1,100}(?::?[?+][^}]{0,200})?\}|\$\w{1,100}")
_NUMBERS: Final = re.compile(r"\d{1,5}(?:-\d{1,5})?")
_LOOPBACK: Final = re.compile(r"127\.\d+\.\d+\.\d+|\[?::1\]?|localhost")


class PublishedPort(msgspec.Struct, frozen=True, kw_only=True):
    """A published port, or a range; `udp` is in its name, because it is another port."""

    name: str
    target: str
    local: bool


def published_port(value: object) -> PublishedPort | None:
    """Return a port in the short or the long form; None if it is none.

    Where the published number comes from a variable, the one inside of the container names it.
    """
    if isinstance(value, LinedMapping):
        target, published = value.text("target"), with_defaults(value.text("published"))
        ip, protocol = with_defaults(value.text("host_ip")), value.text("protocol")
    else:
        found = _PORT.fullmatch(_VARIABLE.sub("$", with_defaults(text_of(value)[:500])))
        if found is None:
            return None
        target, published = found["target"], found["published"] or ""
        ip, protocol = found["ip"] or "", found["protocol"] or ""
    inner = target if _NUMBERS.fullmatch(target) else ""
    name = published if _NUMBERS.fullmatch(published) else inner
    if not name:
        return None
    suffix = f"/{protocol}" if protocol and protocol != "tcp" else ""
    return PublishedPort(
        name=f"{name}{suffix}", target="" if suffix else inner, local=_LOOPBACK.fullmatch(ip) is not None
    )
