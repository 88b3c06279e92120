"""Threats: their categories, the decisions on suggested ones, and the responses to confirmed ones."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId, Rating

SuggestedThreatId = NewType("SuggestedThreatId", str)
"""`rule@element`, or `rule@element@peer`: the same however often it is computed."""


class AnswerAtDecision(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a fact when a decision was based on it; None if it was unanswered."""

    element: ElementId
    fact: str
    answer: Answer | None = None


class ConfirmedPlace(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A suggested threat confirmed as a place of a threat, with the facts on which the decision was based."""

    suggested_threat: SuggestedThreatId
    rule_version: int
    facts: tuple[AnswerAtDecision, ...] = ()


class PlacementAtDecision(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The placement of a component when a decision was made: trust level, and boundaries, innermost first."""

    element: ElementId
    trust_level: ElementId | None = None
    boundaries: tuple[ElementId, ...] = ()


class Dismissal(msgspec.Struct, frozen=True, kw_only=True):
    """The dismissal of a suggested threat: who decided it, why, and the answers it was based on.

    `places` are the placements of the components involved; early events have none.
    """

    suggested_threat: SuggestedThreatId
    reason: str
    rule_version: int
    facts: tuple[AnswerAtDecision, ...]
    by: PersonId
    at: datetime
    places: tuple[PlacementAtDecision, ...] = ()


class AnswerChange(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that has changed since a decision was based on it."""

    element: ElementId
    fact: str
    before: Answer | None
    now: Answer | None


class PlacementChange(msgspec.Struct, frozen=True, kw_only=True):
    """A component's placement that has changed since a decision was based on it."""

    before: PlacementAtDecision
    now: PlacementAtDecision


class Reappearance(msgspec.Struct, frozen=True, kw_only=True):
    """The reasons why a dismissed suggested threat needs a decision again: changed answers and placements."""

    dismissal: Dismissal
    changes: tuple[AnswerChange, ...] = ()
    moved: tuple[PlacementChange, ...] = ()


class Consideration(msgspec.Struct, frozen=True, kw_only=True):
    """The statement that an element was considered in every category and no further threat was found."""

    element: ElementId
    reason: str
    by: PersonId
    at: datetime


def rule_of(suggested_threat: SuggestedThreatId) -> str:
    """Return the id of the rule that a suggested threat comes from."""
    return suggested_threat.partition("@")[0]


def elements_of(suggested_threat: SuggestedThreatId) -> tuple[ElementId, ...]:
    """Return the element that a suggested threat is about, and its peer if the rule compares two."""
    return tuple(ElementId(one) for one in suggested_threat.split("@")[1:])


class Stride(StrEnum):
    """The six categories of threat."""

    SPOOFING = "S"
    TAMPERING = "T"
    REPUDIATION = "R"
    INFORMATION_DISCLOSURE = "I"
    DENIAL_OF_SERVICE = "D"
    ELEVATION_OF_PRIVILEGE = "E"

    @property
    def label(self) -> str:
        """Return the name of the category."""
        return self.name.capitalize().replace("_", " ")


class Linddun(StrEnum):
    """The categories of threats to the people whom data is about, as LINDDUN names them.

    Its other two, non-repudiation and non-compliance, are no categories of a rule.
    """

    LINKING = "linking"
    IDENTIFYING = "identifying"
    DETECTING = "detecting"
    DATA_DISCLOSURE = "data disclosure"
    UNAWARENESS = "unawareness and unintervenability"


class ControlClass(StrEnum):
    """The classes of controls, in the order of the categories that each of them answers."""

    AUTHENTICATION = "authentication"
    INTEGRITY = "integrity"
    NON_REPUDIATION = "non-repudiation"
    CONFIDENTIALITY = "confidentiality"
    AVAILABILITY = "availability"
    AUTHORIZATION = "authorization"


ThreatId = NewType("ThreatId", str)

PlaceId = NewType("PlaceId", str)
"""A place of a threat: the ID of its suggested threat, or of its element; empty for the system as a whole."""

WHOLE_SYSTEM = PlaceId("")


class Threat(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Something that could go wrong, in one or several STRIDE categories, at one or several places.

    `link` leads to the message it was reported in, if there was one. `suggested_threats` are those that
    it was confirmed from, each at a place of its own, and `cwe` are their weaknesses. `element` is the
    first place, or what the person who reported it named.
    """

    id: ThreatId
    title: str
    stride: tuple[Stride, ...]
    description: str = ""
    element: ElementId | None = None
    link: str = ""
    suggested_threats: tuple[SuggestedThreatId, ...] = ()
    cwe: tuple[int, ...] = ()

    @property
    def places(self) -> tuple[PlaceId, ...]:
        """Return its places, at least one: its suggested threats, and its element if none concerns it."""
        named = {
            about for suggested_threat in self.suggested_threats for about in elements_of(suggested_threat)
        }
        stated = (self.element,) if self.element and self.element not in named else ()
        return tuple(map(PlaceId, (*self.suggested_threats, *stated))) or (WHOLE_SYSTEM,)


def places_of(threat: Threat) -> tuple[ElementId, ...]:
    """Return the elements that a threat is about: its own first, then those of its suggested threats."""
    found = (
        threat.element,
        *(element for one in threat.suggested_threats for element in elements_of(one)[:1]),
    )
    return tuple(dict.fromkeys(element for element in found if element is not None))


class MergedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat merged into another one that says the same."""

    threat: Threat
    into: ThreatId


def elements_at(place: PlaceId) -> tuple[ElementId, ...]:
    """Return the elements that a place concerns; none for the system as a whole."""
    if "@" in place:
        return elements_of(SuggestedThreatId(place))
    return (ElementId(place),) if place else ()


class ResponseKind(StrEnum):
    """The four kinds of response."""

    MITIGATE = "mitigate"
    ACCEPT = "accept"
    TRANSFER = "transfer"
    AVOID = "avoid"


class Response(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The response to a threat, with its author, time and reason.

    `owner` is responsible, until `due` for a transfer or avoidance; `transferred_to` names who carries the
    risk then. A risk is accepted until `expires`, once `approver` approved the proposal of `by`, who may have
    `asked` a person for it.
    """

    threat: ThreatId
    kind: ResponseKind
    by: PersonId
    at: datetime
    owner: PersonId
    reason: str = ""
    due: date | None = None
    transferred_to: str = ""
    expires: date | None = None
    asked: PersonId | None = None
    approver: PersonId | None = None
    approved_at: datetime | None = None


class SeenProposal(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """A proposal to accept the risk of a threat, as a person saw it: the one that was made at a time."""

    threat: ThreatId
    proposed_at: datetime


class Ratings(msgspec.Struct, frozen=True, kw_only=True):
    """The three ratings of an asset at one moment."""

    confidentiality: Rating | None = None
    integrity: Rating | None = None
    availability: Rating | None = None


class AcceptedRatings(msgspec.Struct, frozen=True, kw_only=True):
    """The ratings of a threat's assets when its risk was accepted."""

    threat: ThreatId
    assets: dict[ElementId, Ratings]
