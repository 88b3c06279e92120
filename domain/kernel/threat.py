"""Threats: reported by people, or confirmed from candidates that the rules found."""

from typing import NewType

import msgspec

from domain.kernel.candidate_decisions import CandidateId, elements_of
from domain.kernel.elements import ElementId
from domain.kernel.stride import Stride

ThreatId = NewType("ThreatId", str)

PlaceId = NewType("PlaceId", str)
"""A place of a threat: the ID of its candidate, or of its element; empty for the system as a whole."""

WHOLE_SYSTEM = PlaceId("")


class Threat(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Something that could go wrong, in one or several STRIDE categories, at one or several places.

    `link` leads to the message it was reported in, if there was one. `candidates` are those that
    it was confirmed from, each at a place of its own, and `cwe` are their weaknesses. `element` is the
    first place, or what the person who reported it named.
    """

    id: ThreatId
    title: str
    stride: tuple[Stride, ...]
    description: str = ""
    element: ElementId | None = None
    link: str = ""
    candidates: tuple[CandidateId, ...] = ()
    cwe: tuple[int, ...] = ()

    @property
    def places(self) -> tuple[PlaceId, ...]:
        """Return its places, at least one: its candidates, and its element if no candidate concerns it."""
        named = {about for one in self.candidates for about in elements_of(one)}
        stated = (self.element,) if self.element and self.element not in named else ()
        return tuple(map(PlaceId, (*self.candidates, *stated))) or (WHOLE_SYSTEM,)


def places_of(threat: Threat) -> tuple[ElementId, ...]:
    """Return the elements that a threat is about: its own first, then those of its candidates."""
    found = (threat.element, *(element for one in threat.candidates for element in elements_of(one)[:1]))
    return tuple(dict.fromkeys(element for element in found if element is not None))


class MergedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat merged into another one that says the same."""

    threat: Threat
    into: ThreatId


def elements_at(place: PlaceId) -> tuple[ElementId, ...]:
    """Return the elements that a place concerns; none for the system as a whole."""
    if "@" in place:
        return elements_of(CandidateId(place))
    return (ElementId(place),) if place else ()
