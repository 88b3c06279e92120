"""Facts that earlier releases asked for: their answers are still read."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_component = facts_about(Kind.COMPONENT)
_entry_point = facts_about(Kind.ENTRY_POINT)
_input = facts_about(Kind.ENTRY_POINT, Kind.DATA_FLOW)

FACTS = (
    # Split in two: a yes counts for both, and a no leaves open which of the two is meant.
    _component(
        "hardened",
        "Are default credentials changed and unused services disabled?",
        "default credentials are changed and unused services are disabled",
        "default credentials or unused services are still enabled",
    ),
    # Widened to pages for the same user: a yes still holds, and a no leaves open what that user sees.
    _input("shown_to_others", "Is input shown to other users?", "input is shown to other users"),
    # Understood in two ways, as automatic binding and as its opposite: neither answer can be taken over.
    _entry_point(
        "fills_records",
        "Is input copied into records field by field?",
        "input is copied into records field by field",
    ),
)
