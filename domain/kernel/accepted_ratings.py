"""Asset ratings at the moment a risk was accepted, to see later whether the risk has grown."""

import msgspec

from domain.kernel.elements import ElementId, Rating
from domain.kernel.threat import ThreatId


class Ratings(msgspec.Struct, frozen=True, kw_only=True):
    """The three ratings of an asset at one moment."""

    confidentiality: Rating | None = None
    integrity: Rating | None = None
    availability: Rating | None = None


class AcceptedRatings(msgspec.Struct, frozen=True, kw_only=True):
    """The ratings of a threat's assets when its risk was accepted."""

    threat: ThreatId
    assets: dict[ElementId, Ratings]
