"""Predicates over the authentication of those who start a data flow."""

from domain.kernel.answer import Answer
from domain.rules import entry_point_predicates
from domain.rules.conditions import TRUE, AnyOf, Structure, Truth, guarded, truth
from domain.rules.flow_predicates import BY_SOFTWARE, flow_entry_point
from domain.rules.model_index import RuleTarget


def _anonymous_by_design(about: RuleTarget) -> Truth:
    return entry_point_predicates.anonymous_by_design(
        about, flow_entry_point(about), by_software=BY_SOFTWARE.of(about).truth is TRUE
    )


def _address_not_asked(about: RuleTarget) -> Truth:
    """Return whether a network address cannot identify callers, or authentication does not matter here."""
    way = flow_entry_point(about)
    if about.index.facts.get(way, {}).get("caller_authenticated") is Answer.NOT_APPLICABLE:
        return TRUE
    known_software = BY_SOFTWARE.of(about).truth is TRUE
    return truth(not known_software or entry_point_predicates.known_public(about, way))


ANONYMOUS_BY_DESIGN = Structure(
    name="anonymous access is intended",
    holds=_anonymous_by_design,
    question=guarded("anonymous_by_design", flow_entry_point),
)
IDENTIFIED_BEYOND_ADDRESS = AnyOf(
    (
        Structure(name="callers have no known address", holds=_address_not_asked, explains=False),
        guarded("identity_beyond_address", flow_entry_point),
    )
)
