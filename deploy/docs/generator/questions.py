"""Reference of the questions, with the rules that ask them."""

from collections.abc import Iterator

import msgspec

from deploy.docs.generator.tables import code, table
from domain.built_in_catalog import BUILT_IN
from domain.facts.fact import Fact
from domain.kernel.elements import PLURAL, Kind
from domain.rules.conditions import FactHolds
from domain.rules.rule import Rule


def facts_of(rule: Rule) -> list[str]:
    """Return the facts of a rule, in the order in which they are asked."""
    found = [one.fact for condition in (rule.applies, rule.controlled) for one in _facts_in(condition)]
    return list(dict.fromkeys(found))


def _facts_in(part: object) -> Iterator[FactHolds]:
    match part:
        case FactHolds():
            yield part
        case tuple():
            for one in part:  # pyright: ignore[reportUnknownVariableType]  (conditions nest in tuples)
                yield from _facts_in(one)  # pyright: ignore[reportUnknownArgumentType]  (the same)
        case msgspec.Struct():
            for name in part.__struct_fields__:
                yield from _facts_in(getattr(part, name))
        case _:
            pass


def questions() -> str:
    """Return the questions, one table for each kind of element."""
    asking: dict[str, list[str]] = {}
    for rule in BUILT_IN.rules:
        for fact in facts_of(rule):
            asking.setdefault(fact, []).append(f"[{rule.id}](rules.md#{rule.id.lower()})")
    parts: list[str] = []
    for kind in Kind:
        asked = [fact for fact in BUILT_IN.facts.values() if kind in fact.kinds]
        if asked:
            rows = (_row(fact, asking.get(fact.name, [])) for fact in asked)
            head = ("Question", "Fact", "Asked by")
            parts.append(f"## {PLURAL[kind].capitalize()}\n\n{table(head, rows)}")
    return "\n\n".join(parts)


def _row(fact: Fact, rules: list[str]) -> tuple[str, str, str]:
    asked_by = ", ".join(rules) if len(rules) <= _MAX_RULES else f"{len(rules)} rules"
    return fact.question, code([fact.name]), asked_by


_MAX_RULES = 10
"""Maximum rules listed by name."""
