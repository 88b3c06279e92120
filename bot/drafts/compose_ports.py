"""Published ports of Compose services."""

import re
from typing import Final

import msgspec

from bot.drafts.draft_builder import clean_name
from bot.drafts.lined_values import LinedMapping, text_of

_NUMBERS: Final = re.compile(r"\d{1,5}(?:-\d{1,5})?")
_LOOPBACK: Final = re.compile(r"127\.\d+\.\d+\.\d+|\[?::1\]?|localhost")
_MOST_TEXT: Final = 200


class PublishedPort(msgspec.Struct, frozen=True, kw_only=True):
    """A published port, or a range; `udp` is in its name, because it is another port.

    `number` is False if the name is not a number: a variable without a value, or what cannot be read.
    """

    name: str
    target: str
    local: bool
    number: bool = True


def published_port(value: object) -> PublishedPort | None:
    """Return a port in the short or the long form; None if there is nothing."""
    if isinstance(value, LinedMapping):
        target, published = value.text("target"), value.text("published")
        ip, protocol = value.text("host_ip"), value.text("protocol")
    else:
        mapping, _, protocol = text_of(value)[:_MOST_TEXT].strip().partition("/")
        *before, target = mapping.rsplit(":", 2)
        published = before[-1] if before else ""
        ip = before[0] if len(before) > 1 else ""
    name = clean_name(published or target, _MOST_TEXT)
    if not name:
        return None
    suffix = f"/{protocol}" if protocol and protocol != "tcp" else ""
    inner = target if _NUMBERS.fullmatch(target) else ""
    return PublishedPort(
        name=f"{name}{suffix}",
        target="" if suffix else inner,
        local=_LOOPBACK.fullmatch(ip) is not None,
        number=_NUMBERS.fullmatch(name) is not None,
    )
