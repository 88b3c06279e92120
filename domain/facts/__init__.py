"""Facts: tri-state statements about elements, each declared once with its question."""

from domain.facts import (
    asset_facts,
    caller_facts,
    component_facts,
    dependency_facts,
    entry_point_facts,
    flow_facts,
    input_facts,
    store_facts,
)
from domain.facts.fact import Fact

__all__ = ["FACTS", "Fact"]

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
