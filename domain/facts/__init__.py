"""The tri-state facts about controls, each declared once with its question, register by register."""

from domain.facts import (
    assets,
    callers,
    components,
    dependencies,
    entry_points,
    flows,
    inputs,
    stores,
)
from domain.facts.fact import Fact

__all__ = ["FACTS", "Fact"]

FACTS: dict[str, Fact] = {
    fact.name: fact
    for declared in (
        dependencies.FACTS,
        entry_points.FACTS,
        callers.FACTS,
        inputs.FACTS,
        assets.FACTS,
        flows.FACTS,
        components.FACTS,
        stores.FACTS,
    )
    for fact in declared
}
"""Every fact by its name, in the order in which they are asked of an element: what opens others first."""
