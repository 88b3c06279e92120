"""Facts that earlier releases asked for: their answers are still read."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_component = facts_about(Kind.COMPONENT)

FACTS = (
    # Split in two: a yes counts for both, and a no leaves open which of the two is meant.
    _component(
        "hardened",
        "Are default credentials changed and unused services disabled?",
        "default credentials are changed and unused services are disabled",
        "default credentials or unused services are still enabled",
    ),
)
