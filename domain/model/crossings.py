"""Trust crossings: data flows between trust levels or boundaries, computed from placement."""

import msgspec

from domain.kernel.elements import Component, DataFlow, ElementId, TrustBoundary, TrustLevel
from domain.model import ThreatModel


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """The difference in trust between the two ends of a flow.

    `boundaries` are the trust boundaries crossed, outwards from the source and then inwards.
    `climb` is the target's trust rank minus the source's, if both are known:
    positive for a flow into a more trusted area.
    """

    flow: ElementId
    boundaries: tuple[ElementId, ...]
    levels_differ: bool
    climb: int | None

    @property
    def crosses(self) -> bool:
        """Return whether the ends differ in boundary or in trust level."""
        return bool(self.boundaries) or self.levels_differ


def crossings(model: ThreatModel) -> dict[ElementId, Crossing]:
    """Return the crossing of each flow that crosses, those from the least to the most trusted end first."""
    found = [crossing_of(model, flow) for flow in model.of_type(DataFlow)]
    crossing = [one for one in found if one.crosses]
    return {one.flow: one for one in sorted(crossing, key=lambda one: -(one.climb or 0))}


def crossing_of(model: ThreatModel, flow: DataFlow) -> Crossing:
    """Return the difference in trust between the ends of a flow."""
    source, target = component(model, flow.source), component(model, flow.target)
    inside, outside = boundary_path(model, source), boundary_path(model, target)
    passed = (
        *(one for one in inside if one not in outside),
        *reversed([one for one in outside if one not in inside]),
    )
    ranks = rank_of(model, source), rank_of(model, target)
    climb = None if ranks[0] is None or ranks[1] is None else ranks[1] - ranks[0]
    return Crossing(flow=flow.id, boundaries=passed, levels_differ=levels_differ(source, target), climb=climb)


def levels_differ(source: Component | None, target: Component | None) -> bool:
    """Return whether both ends have a trust level, and different ones."""
    if source is None or target is None or source.trust_level is None or target.trust_level is None:
        return False
    return source.trust_level != target.trust_level


def boundary_path(model: ThreatModel, placed: Component | None) -> tuple[ElementId, ...]:
    """Return the boundaries around a component, the innermost first."""
    path: list[ElementId] = []
    here = placed.boundary if placed else None
    # Old events may contain a cycle that would be rejected today: stop where the path would repeat.
    while here is not None and here not in path:
        boundary = model.elements.get(here)
        if not isinstance(boundary, TrustBoundary):
            break
        path.append(here)
        here = boundary.parent
    return tuple(path)


def rank_of(model: ThreatModel, placed: Component | None) -> int | None:
    """Return the rank of a component's trust level; None while it has none."""
    level = model.elements.get(placed.trust_level) if placed and placed.trust_level else None
    return level.rank if isinstance(level, TrustLevel) else None


def component(model: ThreatModel, id: ElementId) -> Component | None:
    """Return the component with an id; None if it was removed."""
    found = model.elements.get(id)
    return found if isinstance(found, Component) else None
