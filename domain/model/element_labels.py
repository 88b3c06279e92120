"""Labels of elements, the comparison of names, and components without a place."""

import unicodedata
from functools import lru_cache

from domain.kernel.elements import Component, DataFlow, Element, ElementId, Kind
from domain.model.threat_model import ThreatModel


def label(model: ThreatModel, element: Element) -> str:
    """Return an element's name; for an unnamed flow, one composed of its ends and its assets."""
    if isinstance(element, DataFlow) and not element.name:
        return flow_label(model, element)
    return element.name


def name_of(model: ThreatModel, id: ElementId) -> str:
    """Return the label for an id, also of a removed element; the id itself if it is unknown."""
    element = model.elements.get(id) or model.removed.get(id)
    return label(model, element) if element else id


def quoted_label(model: ThreatModel, id: ElementId) -> str:
    """Return name and id for use in a sentence: `“Garage” (CO-5)`."""
    return f"“{name_of(model, id)}” ({id})"


def flow_label(model: ThreatModel, flow: DataFlow) -> str:
    """Return the computed name of an unnamed flow: `Resident → House: key`, `API ↔ Store: query | rows`."""
    arrow = "↔" if flow.two_way else "→"
    ends = f"{name_of(model, flow.source)} {arrow} {name_of(model, flow.target)}"
    carried = ", ".join(name_of(model, asset) for asset in flow.assets)
    if flow.assets_back and flow.assets_back != flow.assets:
        carried = f"{carried} | {', '.join(name_of(model, asset) for asset in flow.assets_back)}".strip()
    return f"{ends}: {carried}" if carried else ends


@lru_cache(maxsize=4096)
def same_name(name: str) -> str:
    """Normalize a name: two names are the same if their normalized forms are."""
    return unicodedata.normalize("NFKC", name).casefold()


def unplaced_components(model: ThreatModel) -> tuple[ElementId, ...]:
    """Return the components without a kind or a trust level."""
    return tuple(
        one.id for one in model.of_kind(Kind.COMPONENT) if not (isinstance(one, Component) and is_placed(one))
    )


def is_placed(component: Component) -> bool:
    """Return whether a component has a kind and a trust level."""
    return component.sort is not None and component.trust_level is not None
