"""Facts: tri-state statements about elements, each declared once with its question."""

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
from domain.facts.former_facts import FORMER_OF

__all__ = [
    "FACTS",
    "FORMER_FACTS",
    "FORMER_OF",
    "Fact",
    "find_fact",
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


def find_fact(name: str) -> Fact | None:
    """Return the fact of that name, also if it is no longer asked for."""
    return FACTS.get(name) or FORMER_FACTS.get(name)
