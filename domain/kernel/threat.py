"""Threats: reported by people, or confirmed from candidates that the rules found."""

from typing import NewType

import msgspec

from domain.kernel.candidate_decisions import CandidateId, elements_of
from domain.kernel.elements import ElementId
from domain.kernel.stride import Stride

ThreatId = NewType("ThreatId", str)


class Threat(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Something that could go wrong, in one or several STRIDE categories, optionally tied to an element.

    `link` leads to the message it was reported in, if there was one. `candidates` are those that
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


def places_of(threat: Threat) -> tuple[ElementId, ...]:
    """Return the elements that a threat is about: its own first, then those of its candidates."""
    found = (threat.element, *(element for one in threat.candidates for element in elements_of(one)[:1]))
    return tuple(dict.fromkeys(element for element in found if element is not None))


class MergedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat merged into another one that says the same."""

    threat: Threat
    into: ThreatId
