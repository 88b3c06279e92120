"""What an accepted threat leaves behind: how much each asset mattered on the day."""

import msgspec

from domain.kernel.elements import ElementId, Rating
from domain.kernel.threat import ThreatId


class Ratings(msgspec.Struct, frozen=True, kw_only=True):
    """An asset's three ratings at one moment."""

    confidentiality: Rating | None = None
    integrity: Rating | None = None
    availability: Rating | None = None


class AcceptedRatings(msgspec.Struct, frozen=True, kw_only=True):
    """An acceptance: its threat, and how assets were rated when it was given."""

    threat: ThreatId
    assets: dict[ElementId, Ratings]
