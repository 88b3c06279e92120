"""What an element is called where people read it, and when two names are the same."""

import unicodedata
from functools import lru_cache

from domain.kernel.elements import DataFlow, Element, ElementId
from domain.model import ThreatModel


def label(model: ThreatModel, element: Element) -> str:
    """The element's own name, or for an unnamed flow one made of its ends and what it carries."""
    if isinstance(element, DataFlow) and not element.name:
        return flow_label(model, element)
    return element.name


def name_of(model: ThreatModel, id: ElementId) -> str:
    """The label behind an id, also of a removed element; the id itself if there never was one."""
    element = model.elements.get(id) or model.removed.get(id)
    return label(model, element) if element else id


def quoted_label(model: ThreatModel, id: ElementId) -> str:
    """`“Garage” (CO-5)`, as a sentence speaks of an element."""
    return f"“{name_of(model, id)}” ({id})"


def flow_label(model: ThreatModel, flow: DataFlow) -> str:
    """`Resident → House: key`, the name of a flow that has none of its own."""
    ends = f"{name_of(model, flow.source)} → {name_of(model, flow.target)}"
    carried = ", ".join(name_of(model, asset) for asset in flow.assets)
    return f"{ends}: {carried}" if carried else ends


@lru_cache(maxsize=4096)
def same_name(name: str) -> str:
    """Two names are the same when this is."""
    return unicodedata.normalize("NFKC", name).casefold()
