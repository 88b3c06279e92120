"""Placement of components: those without a kind or a trust level."""

from domain.kernel.elements import Component, ElementId, Kind
from domain.model.threat_model import ThreatModel


def unplaced_components(model: ThreatModel) -> tuple[ElementId, ...]:
    """Return the components without a kind or a trust level."""
    return tuple(
        one.id for one in model.of_kind(Kind.COMPONENT) if not (isinstance(one, Component) and is_placed(one))
    )


def is_placed(component: Component) -> bool:
    """Return whether a component has a kind and a trust level."""
    return component.sort is not None and component.trust_level is not None
