"""Structure of a model: what a model that starts from it receives."""

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Component,
    DataFlow,
    Element,
    ElementId,
    ElementLink,
    EntryPoint,
    ExternalDependency,
    ModelKey,
    TrustBoundary,
    TrustLevel,
)
from domain.kernel.screening_answer import ScreeningAnswer


class ElementAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question about an element."""

    element: ElementId
    fact: str
    answer: Answer


class ModelStructure(msgspec.Struct, frozen=True, kw_only=True):
    """Elements, answers, links and screening answers of the model `origin`, which keep their IDs."""

    origin: ModelKey
    trust_levels: tuple[TrustLevel, ...] = ()
    boundaries: tuple[TrustBoundary, ...] = ()
    components: tuple[Component, ...] = ()
    dependencies: tuple[ExternalDependency, ...] = ()
    entry_points: tuple[EntryPoint, ...] = ()
    assets: tuple[Asset, ...] = ()
    flows: tuple[DataFlow, ...] = ()
    answers: tuple[ElementAnswer, ...] = ()
    links: tuple[ElementLink, ...] = ()
    screening: tuple[ScreeningAnswer, ...] = ()

    @property
    def elements(self) -> tuple[Element, ...]:
        """Return the elements, in an order in which references to other kinds point back."""
        return (
            *(*self.trust_levels, *self.boundaries, *self.components, *self.dependencies),
            *(*self.entry_points, *self.assets, *self.flows),
        )
