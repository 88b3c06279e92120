"""Look-up of the elements of a model by name, by the ends of a flow, and by the keys of sources."""

from collections.abc import Iterable, Mapping

from domain.kernel.elements import KIND_OF, DataFlow, Element, ElementId, Kind, kind_of
from domain.kernel.name_similarity import SimilarNames
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel
from domain.model.element_labels import label, same_name

_MOST_COMPARED = 1_000
"""Maximum elements of a kind with which names are compared for similarity."""


class KnownElements:
    """The elements of a model, by what a draft says about them."""

    def __init__(self, model: ThreatModel) -> None:
        self.tied = frozenset(ElementId(one.id) for one in values_of(model.settled) if one.id)
        """The elements that a key of a source stands for."""
        self._names: dict[tuple[Kind, str], ElementId] = {}
        self._flows: dict[tuple[ElementId, ElementId], list[DataFlow]] = {}
        untied: dict[Kind, dict[str, ElementId]] = {kind: {} for kind in KIND_OF.values()}
        for element in values_of(model.elements):
            kind = kind_of(element)
            if element.name and element.id not in self.tied:
                untied[kind][element.name] = element.id
            self.include(element, label(model, element))
        self._similar = {kind: _Similar(names) for kind, names in untied.items()}

    def include(self, element: Element, name: str) -> None:
        """Take one more element into account, under a name."""
        self._names.setdefault((kind_of(element), same_name(name)), element.id)
        if isinstance(element, DataFlow):
            self._flows.setdefault((element.source, element.target), []).append(element)

    def named(self, kind: Kind, name: str) -> ElementId | None:
        """Return the element of a kind with a name, ignoring case."""
        return self._names.get((kind, same_name(name)))

    def similar(self, kind: Kind, name: str) -> tuple[ElementId, ...]:
        """Return the elements of a kind without a key that have a similar name, the closest first."""
        return self._similar[kind].to(name)

    def flows(self, source: ElementId, target: ElementId) -> Iterable[DataFlow]:
        """Return the data flows from one component to another, in either form of writing them."""
        back = (one for one in self._flows.get((target, source), ()) if one.two_way)
        return (*self._flows.get((source, target), ()), *back)


class _Similar:
    def __init__(self, names: Mapping[str, ElementId]) -> None:
        self._names = names
        self._index = SimilarNames(names) if 0 < len(names) <= _MOST_COMPARED else None

    def to(self, name: str) -> tuple[ElementId, ...]:
        found = self._index.most_similar(name) if self._index else ()
        return tuple(self._names[one] for one in found)
