"""Positions of threats: the elements at which the diagram and the coverage grid show them."""

from domain.kernel.elements import ElementId
from domain.kernel.persistent_maps import items_of
from domain.kernel.threat import ThreatId, places_of
from domain.model import id_order
from domain.rules.model_index import ModelIndex


def threat_positions(index: ModelIndex) -> dict[ThreatId, tuple[ElementId, ...]]:
    """Return the elements at which each threat is shown; none for a threat to the system as a whole.

    A threat to an asset is shown at the components that hold it, one to an external dependency at the
    components that are this dependency. Other threats are shown at their own elements.
    """
    return {
        id: tuple(dict.fromkeys(at for one in places_of(threat) for at in _shown_at(index, one)))
        for id, threat in sorted(items_of(index.model.threats), key=lambda item: id_order(item[0]))
    }


def _shown_at(index: ModelIndex, element: ElementId) -> tuple[ElementId, ...]:
    if element in index.assets:
        return index.shown_at[element] or (element,)
    if element in index.dependencies:
        return tuple(id for id, one in index.dependency_of.items() if one.id == element) or (element,)
    return (element,)
