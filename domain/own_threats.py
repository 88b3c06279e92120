"""Threats that people report themselves, beside those that the rules find."""

from typing import NewType

import msgspec

from domain.elements import ElementId
from domain.stride import Stride

ThreatId = NewType("ThreatId", str)


class Threat(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Something that could go wrong, in one or several categories; perhaps with one element.

    `link` leads to the message in which somebody said so, if there was one.
    """

    id: ThreatId
    title: str
    stride: tuple[Stride, ...]
    description: str = ""
    element: ElementId | None = None
    link: str = ""
