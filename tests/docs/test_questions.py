"""The page of questions lists every question, and each is asked by a rule."""

from deploy.docs.generator.questions import facts_in, questions
from domain.built_in_catalog import BUILT_IN


def test_every_question_is_on_the_page() -> None:
    page = questions()
    assert [
        fact.name for fact in BUILT_IN.facts.values() if f"| {fact.question} | `{fact.name}` |" not in page
    ] == []


def test_every_question_is_asked_by_a_rule() -> None:
    assert (
        set(BUILT_IN.facts)
        - {fact for rule in BUILT_IN.rules for fact in facts_in(rule.applies, rule.controlled)}
        == set()
    )


def test_facts_are_found_at_any_depth_of_a_condition() -> None:
    by_id = {rule.id: facts_in(rule.applies, rule.controlled) for rule in BUILT_IN.rules}
    assert {"administers", "second_factor"} <= set(by_id["S02"])
