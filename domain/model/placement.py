"""Placement of components: those without a kind or a trust level."""

from domain.kernel.elements import Component, ElementId, Kind
from domain.model.threat_model import ThreatModel


def unplaced_components(model: ThreatModel) -> tuple[ElementId, ...]:
    """Return the components without a kind or a trust level."""
    return tuple(
        one.id
        for one in model.of_kind(Kind.COMPONENT)
        if not (isinstance(one, Component) and one.sort is not None and one.trust_level is not None)
    )
