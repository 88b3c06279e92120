"""The page of questions lists every question, and each is asked by a rule."""

from collections.abc import Iterator

import msgspec

from deploy.docs.generator.catalog import questions
from domain.built_in_catalog import BUILT_IN
from domain.rules.conditions import FactHolds


def facts_in(part: object) -> Iterator[str]:
    """The facts of conditions, at any depth."""
    match part:
        case FactHolds():
            yield part.fact
        case tuple():
            for one in part:  # pyright: ignore[reportUnknownVariableType]  (conditions nest in tuples)
                yield from facts_in(one)  # pyright: ignore[reportUnknownArgumentType]  (the same)
        case msgspec.Struct():
            for name in part.__struct_fields__:
                yield from facts_in(getattr(part, name))
        case _:
            pass


def test_every_question_is_on_the_page() -> None:
    page = questions()
    assert [
        one.name for one in BUILT_IN.facts.values() if f"- `{one.name}`: {one.question}" not in page
    ] == []


def test_every_question_is_asked_by_a_rule() -> None:
    asked = {fact for rule in BUILT_IN.rules for fact in facts_in((rule.applies, rule.controlled))}
    assert set(BUILT_IN.facts) - asked == set()


def test_facts_are_found_at_any_depth_of_a_condition() -> None:
    by_id = {rule.id: {*facts_in((rule.applies, rule.controlled))} for rule in BUILT_IN.rules}
    assert {"administers", "second_factor"} <= by_id["S02"]
