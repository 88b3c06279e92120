"""Labels of elements, the comparison of names, and components without a place."""

import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from domain.kernel.elements import PLURAL, Component, DataFlow, Element, ElementId, Kind, kind_of_id
from domain.kernel.text_formatting import join_list
from domain.model.threat_model import ThreatModel

_NAMED = 3
"""The number of elements that a sentence names."""


def label(model: ThreatModel, element: Element) -> str:
    """Return an element's name; for an unnamed flow, one composed of its ends and its assets."""
    if isinstance(element, DataFlow) and not element.name:
        return flow_label(model, element)
    return element.name


def name_of(model: ThreatModel, id: ElementId) -> str:
    """Return the label for an id, also of a removed element; the id itself if it is unknown."""
    element = model.elements.get(id) or model.removed.get(id)
    return label(model, element) if element else id


def name_elements(ids: Sequence[ElementId], name: Callable[[ElementId], str]) -> str:
    """Return the names of the first elements, and how many more there are; empty for none."""
    more = len(ids) - _NAMED
    names = [name(id) for id in ids]
    if more <= 1:
        return join_list(names) if names else ""
    kinds = {kind_of_id(id) for id in ids}
    noun = PLURAL[next(iter(kinds))] if len(kinds) == 1 else "places"
    return join_list([*names[:_NAMED], f"{more} more {noun}"])


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
