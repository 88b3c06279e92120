"""Checks of a library: conditions that never hold, entries that nothing needs, and the form of texts."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from domain.library.library_value import Library, LibraryProblem
from domain.library.toml_places import TomlPlaces
from domain.rules.conditions import AllOf, AnyAmong, AnyOf, Condition, FactHolds, Not, Structure, facts_of
from domain.rules.rule import Rule

_MOST_ATOMS: Final = 10
"""Conditions with more different parts are not searched for contradictions: the search doubles with each."""


def check_library(library: Library, text: str) -> tuple[LibraryProblem, ...]:
    """Return what is wrong with a library that could be read, in the order of lines."""
    places = TomlPlaces(text)
    found = [*_of_rules(library), *_unused(library), *_forms(library)]
    problems: set[LibraryProblem] = set()
    for header, number, key, message in found:
        line, column = places.of_entry(header, number, key)
        problems.add(LibraryProblem(line=line, column=column, message=message))
    return tuple(sorted(problems))


_Found = tuple[str, str, str, str]
"""A table's header, the entry's own ID, the key at fault, and a message."""


def _of_rules(library: Library) -> Iterator[_Found]:
    for rule in library.rules:
        if not _may_hold(rule.applies, None):
            yield "rule", rule.id, "applies", f"{rule.id} never applies: its parts contradict each other."
        elif not _may_hold(rule.applies, rule.controlled):
            yield (
                "rule",
                rule.id,
                "controlled",
                f"{rule.id} never finds a threat: wherever it applies, it is controlled.",
            )
        if not library.examples.get(rule.id):
            yield "rule", rule.id, "", f"{rule.id} has no “examples”, which show that it works."


def _unused(library: Library) -> Iterator[_Found]:
    needed = frozenset[str]().union(
        *(facts_of(one) for rule in library.rules for one in (rule.applies, rule.controlled))
    )
    for fact in library.facts:
        if fact.name not in needed:
            yield "fact", fact.name, "", f"No rule needs the fact “{fact.name}”."
    used = {
        control.id for one in (*library.rules, *library.adjustments) for control in one.controls if control.id
    }
    for control in library.controls:
        if control.id not in used:
            yield "control", control.id, "", f"No rule suggests the control “{control.id}”."
    if library.rules or library.facts:
        members = {one.category for one in library.technologies}
        for category in library.categories:
            if category.key not in members:
                yield "category", category.key, "", f"No technology is of the category “{category.key}”."


def _forms(library: Library) -> Iterator[_Found]:
    for rule in library.rules:
        yield from (("rule", rule.id, key, message) for key, message in _forms_of_rule(rule))
    for fact in library.facts:
        if not fact.question.endswith("?"):
            yield "fact", fact.name, "question", "A question ends with a question mark."
        for key, text in (("yes", fact.statement), ("no", fact.denial)):
            if text.endswith("."):
                yield "fact", fact.name, key, "A statement is part of a sentence: it ends without a period."
    for control in library.controls:
        if control.text.endswith("."):
            yield "control", control.id, "text", "A control is an imperative without a period."


def _forms_of_rule(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.title.endswith((".", "?", "!")):
        yield "title", "A title is a noun phrase without a period."
    if not rule.question.endswith("?"):
        yield "question", "A question ends with a question mark."
    for key, text in (("explanation", rule.explanation), ("false_alarm", rule.false_alarm)):
        if not text.endswith("."):
            yield key, f"“{key}” is a sentence: it ends with a period."
    if rule.action.endswith(".") or not rule.action[:1].islower():
        yield "action", "“action” continues “Someone can …”: it starts with a verb and ends without a period."


def _may_hold(applies: Condition, controlled: Condition | None) -> bool:
    """Return whether some answers make the first condition true and the second one false."""
    atoms: dict[tuple[object, ...], int] = {}
    for condition in (applies, controlled):
        if condition is not None:
            for atom in _atoms(condition):
                atoms.setdefault(atom, len(atoms))
    if len(atoms) > _MOST_ATOMS:
        return True
    return any(
        _holds(applies, atoms, values) and not (controlled and _holds(controlled, atoms, values))
        for values in product((False, True), repeat=len(atoms))
    )


def _key(condition: Condition) -> tuple[object, ...]:
    return (condition.fact, condition.subject) if isinstance(condition, FactHolds) else (condition,)


def _atoms(condition: Condition) -> Iterator[tuple[object, ...]]:
    match condition:
        case AllOf() | AnyOf():
            for part in condition.parts:
                yield from _atoms(part)
        case Not():
            yield _key(condition.part)
        case FactHolds() | Structure() | AnyAmong():
            yield _key(condition)


def _holds(condition: Condition, atoms: dict[tuple[object, ...], int], values: tuple[bool, ...]) -> bool:
    match condition:
        case AllOf():
            return all(_holds(part, atoms, values) for part in condition.parts)
        case AnyOf():
            return any(_holds(part, atoms, values) for part in condition.parts)
        case Not():
            return not values[atoms[_key(condition.part)]]
        case FactHolds():
            return values[atoms[_key(condition)]] is not condition.negated
        case Structure() | AnyAmong():
            return values[atoms[_key(condition)]]
