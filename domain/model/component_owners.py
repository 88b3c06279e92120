"""Owners of components, found from any element that belongs to one."""

from collections.abc import Iterable, Iterator

from domain.kernel.elements import Asset, Component, DataFlow, ElementId, EntryPoint, PersonId
from domain.model.threat_model import ThreatModel


def component_owner(model: ThreatModel, elements: Iterable[ElementId]) -> PersonId | None:
    """Return the owner of the first component that elements concern and that has one."""
    for id in dict.fromkeys(one for element in elements for one in _components(model, element)):
        component = model.elements.get(id)
        if isinstance(component, Component) and component.owner is not None:
            return component.owner
    return None


def _components(model: ThreatModel, id: ElementId) -> Iterator[ElementId]:
    """Yield the components that an element is, belongs to, leads to or is stored in."""
    match model.elements.get(id):
        case Component():
            yield id
        case EntryPoint(component=component) if component:
            yield component
        case DataFlow(source=source, target=target):
            # The receiver checks what arrives, so its owner comes first.
            yield from (target, source)
        case Asset(stored_in=stores):
            yield from stores
        case _:  # other elements have no owner
            return
