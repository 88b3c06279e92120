"""External dependencies that are components of the flows: links, proposals, and answers that differ."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache

import msgspec

from domain.catalog import Catalog
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Component,
    ComponentKind,
    DataFlow,
    ElementId,
    ElementLink,
    ExternalDependency,
)
from domain.kernel.name_similarity import likely_same
from domain.kernel.persistent_maps import items_of, values_of
from domain.model import ThreatModel, id_order
from domain.model.element_labels import same_name
from domain.technologies.technology import Category, Technology

AnswersByElement = Mapping[ElementId, Mapping[str, Answer]]
"""The answers about each element, by fact."""


class LinkReason(StrEnum):
    """Why an external dependency and a component may be the same thing."""

    NAME = "name"
    TECHNOLOGY = "technology"


class LinkProposal(msgspec.Struct, frozen=True, kw_only=True):
    """An external dependency and a component that takes part in flows: they may be the same thing."""

    dependency: ElementId
    component: ElementId
    reason: LinkReason


class DifferingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A question or an attribute with different answers for the two elements of a link."""

    subject: str
    of_dependency: str
    of_component: str


def represented_dependencies(model: ThreatModel) -> dict[ElementId, ExternalDependency]:
    """Return the external dependency that each component is: the linked one.

    Without an answer, it is one of the same name, otherwise, for an external entity, the only one that is the
    same product; one that was said to be another thing is neither.
    """
    dependencies = model.of_type(ExternalDependency)
    by_id = {dependency.id: dependency for dependency in dependencies}
    by_name = {same_name(dependency.name): dependency for dependency in dependencies}
    products = Counter(dependency.technology for dependency in dependencies)
    by_product = {
        dependency.technology: dependency
        for dependency in dependencies
        if products[dependency.technology] == 1
        and isinstance(model.catalog.technology_of(dependency.technology), Technology)
    }
    linked = {link.component: link.dependency for link in links_in_force(model)}
    found: dict[ElementId, ExternalDependency] = {}
    for component in model.of_type(Component):
        if component.id in linked:
            found[component.id] = by_id[linked[component.id]]
            continue
        outside = component.sort is ComponentKind.EXTERNAL_ENTITY
        alike = by_name.get(same_name(component.name)) or (
            by_product.get(component.technology) if outside else None
        )
        if alike is not None and (alike.id, component.id) not in model.links:
            found[component.id] = alike
    return found


def linked_dependency(model: ThreatModel, component: ElementId) -> ElementId | None:
    """Return the external dependency that a component was said to be; None if neither or one was removed."""
    return next((link.dependency for link in links_in_force(model) if link.component == component), None)


def links_in_force(model: ThreatModel) -> Iterator[ElementLink]:
    """Yield the links between elements that exist."""
    for (dependency, component), link in items_of(model.links):
        if link.same and dependency in model.elements and component in model.elements:
            yield link


def link_proposals(model: ThreatModel) -> tuple[LinkProposal, ...]:
    """Return the pairs that may be the same thing, ordered by dependency, then by component."""
    linked = {link.component for link in links_in_force(model)}
    in_flows = {end for flow in model.of_type(DataFlow) for end in (flow.source, flow.target)}
    return tuple(
        one
        for one in _resembling(
            model.catalog, tuple(model.of_type(ExternalDependency)), tuple(model.of_type(Component))
        )
        if one.component in in_flows and one.component not in linked
        if (one.dependency, one.component) not in model.links
    )


@lru_cache(maxsize=64)
def _resembling(
    catalog: Catalog, dependencies: tuple[ExternalDependency, ...], components: tuple[Component, ...]
) -> tuple[LinkProposal, ...]:
    """Return the pairs that resemble each other, in their order; cached, since answers do not change them."""
    found = [
        LinkProposal(dependency=dependency.id, component=component.id, reason=reason)
        for dependency in dependencies
        for component in components
        if (reason := _reason(catalog, dependency, component))
    ]
    return tuple(sorted(found, key=lambda one: (id_order(one.dependency), id_order(one.component))))


def all_links(model: ThreatModel) -> tuple[ElementLink, ...]:
    """Return every answer about elements that exist, ordered by dependency, then by component."""
    there = [
        value
        for value in values_of(model.links)
        if value.dependency in model.elements and value.component in model.elements
    ]
    return tuple(sorted(there, key=lambda one: (id_order(one.dependency), id_order(one.component))))


def differing_answers(
    model: ThreatModel, dependency: ElementId, component: ElementId, answers: AnswersByElement
) -> tuple[DifferingAnswer, ...]:
    """Return the questions and attributes to which the two elements have different answers."""
    one, other = model.elements.get(dependency), model.elements.get(component)
    if not isinstance(one, ExternalDependency) or not isinstance(other, Component):
        return ()
    theirs, ours = answers.get(one.id, {}), answers.get(other.id, {})
    found = [
        DifferingAnswer(
            subject=fact.question, of_dependency=theirs[name].label, of_component=ours[name].label
        )
        for name, fact in (model.catalog.facts.items() if theirs and ours else ())
        if name in theirs and name in ours and theirs[name] is not ours[name]
    ]
    if (
        one.technology
        and other.technology
        and not _of_one_kind(model.catalog, one.technology, other.technology)
    ):
        found.append(
            DifferingAnswer(
                subject="Technology",
                of_dependency=model.catalog.technology_name(one.technology),
                of_component=model.catalog.technology_name(other.technology),
            )
        )
    if other.sort is not None and other.sort is not ComponentKind.EXTERNAL_ENTITY:
        found.append(
            DifferingAnswer(
                subject="Type",
                of_dependency="external entity",
                of_component=other.sort.value.replace("_", " "),
            )
        )
    return tuple(found)


def _of_one_kind(catalog: Catalog, one: str, other: str) -> bool:
    """Return whether two technologies are the same, or one is the category of the other."""
    categories = {category.key for key in (one, other) if (category := catalog.category_of(key))}
    return one == other or (len(categories) == 1 and not categories.isdisjoint((one, other)))


def _reason(catalog: Catalog, dependency: ExternalDependency, component: Component) -> LinkReason | None:
    core = _core(dependency.name)
    if likely_same(dependency.name, component.name) or (core and core == _core(component.name)):
        return LinkReason.NAME
    return LinkReason.TECHNOLOGY if _of_one_service(catalog, dependency, component) else None


def _of_one_service(catalog: Catalog, dependency: ExternalDependency, component: Component) -> bool:
    """Return whether both are of one technology that another party operates.

    A database or a bucket is operated and configured by the team, even where a provider hosts it. A component
    of a category, such as an email service, may be any product of that category.
    """
    theirs, ours = (
        catalog.technology_of(dependency.technology),
        catalog.technology_of(component.technology),
    )
    if theirs is None or ours is None or theirs.kind is not ComponentKind.EXTERNAL_ENTITY:
        return False
    if isinstance(theirs, Technology) and isinstance(ours, Technology):
        return theirs.key == ours.key
    category = catalog.category_of(theirs.key)
    return isinstance(ours, Category) and category is not None and ours.key == category.key


@lru_cache(maxsize=4096)
def _core(name: str) -> tuple[str, ...]:
    """Return the words of a name without general ones, in the singular: `Carrier APIs` means `Carrier`."""
    words = _WORD.findall(unicodedata.normalize("NFKC", name).casefold())
    singular = [word.removesuffix("s") if len(word) > _SHORT else word for word in words]
    return tuple(one for one in singular if one not in _GENERAL) or tuple(singular)


_WORD = re.compile(r"[^\W_]+")
_SHORT = 3
_GENERAL = frozenset(
    ("api", "service", "provider", "system", "platform", "the", "external", "third", "party", "vendor")
)
