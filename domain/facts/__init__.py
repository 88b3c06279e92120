"""Facts: tri-state statements about elements, each declared once with its question."""

from collections.abc import Mapping

from domain.facts import (
    asset_facts,
    caller_facts,
    component_facts,
    dependency_facts,
    entry_point_facts,
    flow_facts,
    former_facts,
    input_facts,
    store_facts,
)
from domain.facts.fact import Fact
from domain.kernel.answer import Answer

__all__ = [
    "COUNTS_AFTER_SPLIT",
    "FACTS",
    "FORMER_FACTS",
    "FORMER_NAME",
    "SUCCESSORS",
    "Fact",
    "find_fact",
    "split_answers",
]

FACTS: dict[str, Fact] = {
    fact.name: fact
    for declared in (
        dependency_facts.FACTS,
        entry_point_facts.FACTS,
        caller_facts.FACTS,
        input_facts.FACTS,
        asset_facts.FACTS,
        flow_facts.FACTS,
        component_facts.FACTS,
        store_facts.FACTS,
    )
    for fact in declared
}
"""Every fact by name, in the order in which they are asked: those that open others first."""

FORMER_FACTS: dict[str, Fact] = {fact.name: fact for fact in former_facts.FACTS}
"""Facts that are no longer asked for; models of earlier releases have answers to them."""


SUCCESSORS: dict[str, tuple[str, ...]] = {
    "hardened": ("default_credentials_changed", "unused_services_disabled"),
    "shown_to_others": ("shown_in_pages",),
}
"""The facts into which a former fact was split or widened: a yes counts for each, a no leaves each open."""

COUNTS_AFTER_SPLIT = frozenset({Answer.YES, Answer.NOT_APPLICABLE})
"""The answers to a former fact that hold for each of its successors."""

FORMER_NAME: dict[str, str] = {new: old for old, several in SUCCESSORS.items() for new in several}
"""The former fact of each fact that came from a split or a wider question."""


def find_fact(name: str) -> Fact | None:
    """Return the fact of that name, also if it is no longer asked for."""
    return FACTS.get(name) or FORMER_FACTS.get(name)


def split_answers(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Replace answers to former facts by answers to their successors; one that is not clear stays."""
    now: dict[str, Answer] = {}
    for fact, answer in answers.items():
        clear = answer in COUNTS_AFTER_SPLIT
        now |= {
            one: answers.get(one, answer) for one in (SUCCESSORS.get(fact, ()) if clear else ()) or (fact,)
        }
    return now
