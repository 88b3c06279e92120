"""Threats: those that people report themselves, and those that they confirmed from what the rules found."""

from typing import NewType

import msgspec

from domain.kernel.decisions import CandidateId
from domain.kernel.elements import ElementId
from domain.kernel.stride import Stride

ThreatId = NewType("ThreatId", str)


class Threat(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Something that could go wrong, in one or several categories; perhaps with one element.

    `link` leads to the message in which somebody said so, if there was one. `candidates` are those that
    it was confirmed from, `cwe` their weaknesses.
    """

    id: ThreatId
    title: str
    stride: tuple[Stride, ...]
    description: str = ""
    element: ElementId | None = None
    link: str = ""
    candidates: tuple[CandidateId, ...] = ()
    cwe: tuple[int, ...] = ()


class MergedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat that said the same as another one, in which it lives on."""

    threat: Threat
    into: ThreatId
