"""The state of each place of a threat."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from domain.kernel.elements import ElementId
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import PlaceId, ThreatId, elements_at
from domain.model import ThreatModel, id_order
from domain.model.mitigation_links import name_of_place
from domain.remediation.status import ThreatStatus


class PlaceState(StrEnum):
    """The states of a place of a threat."""

    OPEN = "open"
    """Its mitigations are not verified there."""
    VERIFIED = "verified"
    """Its mitigations are verified there."""
    SILENT = "silent"
    """The rule no longer holds there, because answers have changed, and nothing was verified."""
    REMOVED = "removed"
    """Its element was removed from the model."""

    @property
    def label(self) -> str:
        """Return the state in words; empty while the place is open."""
        return _LABELS[self]


class PlaceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a threat with its name, its elements and its state."""

    place: PlaceId
    name: str
    elements: tuple[ElementId, ...]
    state: PlaceState


def place_statuses(
    model: ThreatModel, statuses: dict[ThreatId, ThreatStatus], yielded: Iterable[str]
) -> dict[ThreatId, tuple[PlaceStatus, ...]]:
    """Return the places of each threat; `yielded` are the confirmed candidates that the rules still yield."""
    holds = frozenset(yielded)
    return {
        threat.id: tuple(_status(model, one, statuses.get(threat.id), holds) for one in threat.places)
        for threat in sorted(values_of(model.threats), key=lambda one: id_order(one.id))
    }


def _status(
    model: ThreatModel, place: PlaceId, status: ThreatStatus | None, holds: frozenset[str]
) -> PlaceStatus:
    about = elements_at(place)
    if any(one in model.removed for one in about):
        state = PlaceState.REMOVED
    elif status is not None and place in status.verified_places:
        state = PlaceState.VERIFIED
    else:
        state = PlaceState.SILENT if "@" in place and place not in holds else PlaceState.OPEN
    return PlaceStatus(place=place, name=name_of_place(model, place), elements=about, state=state)


_LABELS = {
    PlaceState.OPEN: "",
    PlaceState.VERIFIED: "verified",
    PlaceState.SILENT: "no longer found",
    PlaceState.REMOVED: "removed",
}
