"""Predicates over external dependencies."""

from domain.catalog.technology_names import guess_technology, names_code, names_identity_provider
from domain.kernel.elements import ExternalDependency, Outage
from domain.rules.conditions import TRUE, UNKNOWN, AllOf, Structure, Truth, guarded, it_is, truth
from domain.rules.model_index import RuleTarget


def _dependency(about: RuleTarget) -> ExternalDependency:
    if not isinstance(about.element, ExternalDependency):
        raise TypeError(f"{about.element.id} is not an external dependency")
    return about.element


def _essential(about: RuleTarget) -> Truth:
    outage = _dependency(about).outage
    return truth(None if outage is None else outage is Outage.STOPS)


def is_code(dependency: ExternalDependency) -> bool:
    """Return whether the name or the sort of a dependency says that it is code, an image or a model."""
    return names_code(dependency.name) or names_code(dependency.sort)


def _signs_in(about: RuleTarget) -> bool:
    """Return whether a dependency signs people in, as a service of its provider: they are sent there."""
    one, catalog = _dependency(about), about.index.catalog
    category = catalog.category_of(one.technology or guess_technology(catalog, one.name))
    known = category is not None and category.key == "identity_provider"
    return (known or names_identity_provider(one.name)) and not is_code(one)


def _ships_code(about: RuleTarget) -> Truth:
    """Return whether it is code by its name, or none since it signs people in; an answer counts instead."""
    if "ships_code" in about.index.facts.get(about.element.id, {}):
        return UNKNOWN
    return truth(True if is_code(_dependency(about)) else False if _signs_in(about) else None)


def _is_software(about: RuleTarget) -> Truth:
    one, catalog = _dependency(about), about.index.catalog
    if catalog.technology_of(one.technology):
        return TRUE
    if "software" not in about.index.facts.get(one.id, {}) and (
        is_code(one) or _signs_in(about) or guess_technology(catalog, one.name)
    ):
        return TRUE
    stands_for = (id for id, one in about.index.dependency_of.items() if one is about.element)
    return truth(True if any(id in about.index.digital for id in stands_for) else None)


def _has_owner(about: RuleTarget) -> Truth:
    return truth(True if _dependency(about).owner else None)


ESSENTIAL = Structure(
    name="the system stops working without it", holds=_essential, question=it_is("indispensable")
)
SOFTWARE = Structure(
    name="it uses a software protocol",
    holds=_is_software,
    question=it_is("software"),
    explains=False,
)
SHIPS_CODE = AllOf(
    (
        SOFTWARE,
        Structure(name="its code runs inside the system", holds=_ships_code, question=it_is("ships_code")),
    )
)
SENDS_WEBHOOKS = AllOf((SOFTWARE, it_is("calls_back")))
HAS_OWNER = Structure(name="an owner is named", holds=_has_owner, question=guarded("owned"), control=True)
