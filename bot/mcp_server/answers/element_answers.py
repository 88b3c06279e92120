"""Elements of a model as agents read them."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, cast

from bot.mcp_server.said_text import said
from domain.built_in_catalog import BUILT_IN
from domain.kernel.elements import Kind, PersonId
from domain.kernel.person_names import Naming
from domain.register import RegisterItem, ThreatRegister

PLURALS: Final = {
    Kind.EXTERNAL_DEPENDENCY: "external_dependencies",
    Kind.ENTRY_POINT: "entry_points",
    Kind.ASSET: "assets",
    Kind.TRUST_LEVEL: "trust_levels",
    Kind.DATA_FLOW: "data_flows",
    Kind.COMPONENT: "components",
    Kind.TRUST_BOUNDARY: "trust_boundaries",
}

_IDS: Final = frozenset(
    {
        "assets", "assets_back", "boundary", "component", "entry_point", "lowest_trust_level", "parent",
        "readers", "source", "stored_in", "target", "trust_level", "writers",
    }
)  # fmt: skip
"""Attributes that refer to other elements by ID; an unknown attribute counts as text."""


def elements_of_kind(register: ThreatRegister, kind: Kind, naming: Naming) -> list[dict[str, object]]:
    """Return the current elements of a kind."""
    return [element_answer(one, naming) for one in register.items(kind)]


def element_answer(item: RegisterItem, naming: Naming) -> dict[str, object]:
    """Return an element with its attributes and the answers about it."""
    element = item.element
    answer: dict[str, object] = {"id": item.id, "kind": item.kind.value, "name": said(item.name)}
    for name in element.__struct_fields__:
        value = getattr(element, name)
        if name not in ("id", "name") and value not in (None, "", ()):
            answer["role" if name == "sort" else name] = _attribute(name, value, naming)
    if item.facts:
        answer["answers"] = {fact: one.value for fact, one in item.facts.items()}
    return answer


def _attribute(name: str, value: object, naming: Naming) -> object:
    match value:
        case StrEnum():
            return value.value
        case bool() | int():
            return value
        case tuple():
            several = map(str, cast("tuple[object, ...]", value))
            return list(several) if name in _IDS else [said(one) for one in several]
        case str() if name in _IDS:
            return value
        case str() if name == "technology" and BUILT_IN.technology_of(value) is not None:
            return value
        case _:
            return _TEXTS.get(name, _text)(str(value), naming)


def _text(value: str, naming: Naming) -> object:
    del naming
    return said(value)


def _component_owner(value: str, naming: Naming) -> object:
    # The owner of a dependency is text, that of a component a person.
    return said(naming(PersonId(value)) if value.startswith(("U", "W")) and value.isalnum() else value)


_TEXTS: Final[dict[str, Callable[[str, Naming], object]]] = {"owner": _component_owner}
