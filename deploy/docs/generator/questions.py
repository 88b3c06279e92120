"""Reference of the questions."""

from collections.abc import Iterator

import msgspec

from deploy.docs.generator.tables import code, table
from domain.built_in_catalog import BUILT_IN
from domain.kernel.elements import PLURAL, Kind
from domain.rules.conditions import Condition, FactHolds


def facts_in(*conditions: Condition) -> list[str]:
    """Return the facts of conditions, in the order in which they are asked."""
    return list(dict.fromkeys(one.fact for one in _facts_in(conditions)))


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
    parts: list[str] = []
    for kind in Kind:
        asked = [fact for fact in BUILT_IN.facts.values() if kind in fact.kinds]
        if asked:
            rows = ((fact.question, code([fact.name])) for fact in asked)
            parts.append(f"## {PLURAL[kind].capitalize()}\n\n{table(('Question', 'Fact'), rows)}")
    return "\n\n".join(parts)
