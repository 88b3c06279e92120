"""Parts of a model as agents read them, and the whole register."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, cast

from bot.mcp_server.answers.threat_answers import (
    mitigation_answer,
    open_round,
    ranked_threat,
    suggested_threat,
)
from bot.mcp_server.said_text import said
from bot.store import StreamSummary
from domain.built_in_catalog import BUILT_IN
from domain.kernel.elements import Kind, PersonId
from domain.kernel.person_names import Naming
from domain.register import RegisterItem, ThreatRegister
from domain.wording.import_sentence import import_sentence

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


MAX_ITEMS: Final = 500
"""Items of a list in an answer."""


class ModelPart(StrEnum):
    """Parts of a model that can be read on their own."""

    OVERVIEW = "overview"
    EXTERNAL_DEPENDENCIES = "external_dependencies"
    ENTRY_POINTS = "entry_points"
    ASSETS = "assets"
    TRUST_LEVELS = "trust_levels"
    DATA_FLOWS = "data_flows"
    COMPONENTS = "components"
    TRUST_BOUNDARIES = "trust_boundaries"
    ASSUMPTIONS = "assumptions"
    SCREENING = "screening"
    MITIGATIONS = "mitigations"
    CONDITIONS = "conditions"
    WARNINGS = "warnings"


def listed_model(one: StreamSummary) -> dict[str, object]:
    """Return an entry of the list of models."""
    return {
        "key": one.key,
        "name": said(one.name),
        "phase": one.phase,
        "version": one.version,
        "updated_at": one.updated_at.isoformat(),
    }


def model_head(register: ThreatRegister, naming: Naming) -> dict[str, object]:
    """Return the beginning of an answer: which model, as of which version, and who imported it."""
    mark = register.imported
    told = said(f"{import_sentence(mark, naming(mark.importer))}.") if mark else None
    return {
        "model": register.key,
        "version": register.version,
        **({"imported": told} if told else {}),
    }


def model_part(
    register: ThreatRegister, part: ModelPart, naming: Naming, *, offset: int = 0, limit: int = MAX_ITEMS
) -> dict[str, object]:
    """Return a part of a model; of a list at most `limit` items from `offset` on."""
    head = model_head(register, naming)
    if part is ModelPart.OVERVIEW:
        return {**head, **overview(register)}
    return {**head, **page(part.value, _LISTS[part](register, naming), offset, limit)}


def overview(register: ThreatRegister) -> dict[str, object]:
    """Return what a model is about, its numbers, its open rounds, and whether its screening comes first."""
    counted = {name: len(register.items(kind)) for kind, name in PLURALS.items()}
    counted |= {
        "open_questions": len(register.questions),
        "suggested_threats": len(register.candidates),
        "suggested_threat_groups": len(register.groups),
        "threats": len(register.threats),
        "mitigations": len(register.mitigations),
    }
    pending = register.pending_screening
    return {
        **({"pending_screening": pending.text} if pending else {}),
        "name": said(register.name),
        "phase": register.phase,
        "labels": [said(one) for one in register.labels],
        "description": said(register.description),
        "out_of_scope": said(register.out_of_scope),
        "counts": counted,
        "open_rounds": [open_round(one) for one in register.rounds],
    }


def whole_register(register: ThreatRegister, naming: Naming) -> dict[str, object]:
    """Return every part of a model, each list with its first items."""
    answer: dict[str, object] = {
        **model_head(register, naming),
        "overview": overview(register),
    }
    for part, of in _LISTS.items():
        answer[part.value] = page("items", of(register, naming))
    answer["threats"] = page("items", [ranked_threat(register, one) for one in register.ranked])
    answer["suggested_threats"] = page("items", [suggested_threat(one) for one in register.groups])
    return answer


def page(
    name: str, items: list[dict[str, object]], offset: int = 0, limit: int = MAX_ITEMS
) -> dict[str, object]:
    """Return a part of a list under a name, and how many items follow."""
    shown = items[offset : offset + limit]
    return {name: shown, "left": max(0, len(items) - offset - len(shown))}


def _kind(kind: Kind) -> "Callable[[ThreatRegister, Naming], list[dict[str, object]]]":
    return lambda register, naming: elements_of_kind(register, kind, naming)


def _assumptions(register: ThreatRegister, naming: Naming) -> list[dict[str, object]]:
    del naming
    return [{"id": one.id, "text": said(one.text)} for one in register.assumptions]


def _screening(register: ThreatRegister, naming: Naming) -> list[dict[str, object]]:
    del naming
    return [
        {"topic": one.topic.id, "label": one.topic.label, "answer": one.answer.answer.value}
        for one in register.screening
        if one.answer is not None
    ]


def _mitigations(register: ThreatRegister, naming: Naming) -> list[dict[str, object]]:
    return [mitigation_answer(one, naming) for one in register.mitigations]


def _conditions(register: ThreatRegister, naming: Naming) -> list[dict[str, object]]:
    del naming
    return [{"id": one.id, "met": one.met, "text": said(one.text)} for one in register.gates]


def _warnings(register: ThreatRegister, naming: Naming) -> list[dict[str, object]]:
    del naming
    return [{"id": one.id, "element": one.element, "text": said(one.text)} for one in register.warnings]


_LISTS: Final[dict[ModelPart, Callable[[ThreatRegister, Naming], list[dict[str, object]]]]] = {
    **{ModelPart(name): _kind(kind) for kind, name in PLURALS.items()},
    ModelPart.ASSUMPTIONS: _assumptions,
    ModelPart.SCREENING: _screening,
    ModelPart.MITIGATIONS: _mitigations,
    ModelPart.CONDITIONS: _conditions,
    ModelPart.WARNINGS: _warnings,
}
"""The parts that are lists."""
