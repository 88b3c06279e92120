"""Predicates over the authentication of those who start a data flow."""

from domain.kernel.answer import Answer
from domain.rules.conditions import FALSE, UNKNOWN, AnyOf, Structure, Truth, guarded, it_is_not, truth
from domain.rules.entry_point_predicates import anonymous_by_design, on_the_internet
from domain.rules.flow_predicates import flow_entry_point, internal_end
from domain.rules.model_index import RuleTarget


def _anonymous_by_design(about: RuleTarget) -> Truth:
    return anonymous_by_design(about, flow_entry_point(about))


def _address_not_asked(about: RuleTarget) -> Truth:
    """Return whether a network address cannot identify callers, or authentication does not matter here."""
    way = flow_entry_point(about)
    irrelevant = about.index.facts.get(way, {}).get("caller_authenticated") is Answer.NOT_APPLICABLE
    return truth(irrelevant or on_the_internet(about, way))


def _no_software(about: RuleTarget) -> Truth:
    return FALSE if internal_end(about) in about.index.digital else UNKNOWN


ANONYMOUS_BY_DESIGN = Structure(
    name="anonymous access is intended",
    holds=_anonymous_by_design,
    question=guarded("anonymous_by_design", flow_entry_point),
)
IDENTIFIED_BEYOND_ADDRESS = AnyOf(
    (
        Structure(
            name="identification by network address is not relevant", holds=_address_not_asked, explains=False
        ),
        Structure(
            name="no software is called",
            holds=_no_software,
            question=it_is_not("software", internal_end),
            explains=False,
        ),
        guarded("identity_beyond_address", flow_entry_point),
    )
)
