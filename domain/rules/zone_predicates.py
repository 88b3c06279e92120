"""Predicates over data flows within one trust zone."""

from domain.rules import asset_predicates
from domain.rules.conditions import AllOf, AnyAmong, Structure, Truth, it_is, truth
from domain.rules.flow_predicates import BY_SOFTWARE, CARRIES_INTEGRITY_CRITICAL, carried, flow
from domain.rules.model_index import RuleTarget


def _within_zone(about: RuleTarget) -> Truth:
    """Return whether both ends are placed and trusted alike."""
    one = flow(about)
    return truth(
        not about.crossing and None not in (about.index.kind(one.source), about.index.kind(one.target))
    )


WITHIN_ZONE = Structure(name="it stays within one trust zone", holds=_within_zone, explains=False)
CARRIES_VALUABLE = AnyAmong(among=carried, part=asset_predicates.VALUABLE)
CARRIES_SECRET = AnyAmong(among=carried, part=asset_predicates.SECRET_OR_CREDENTIAL)
VALUABLE_WITHIN_ZONE = AllOf((WITHIN_ZONE, BY_SOFTWARE, CARRIES_VALUABLE, it_is("over_network")))
SECRET_WITHIN_ZONE = AllOf((WITHIN_ZONE, BY_SOFTWARE, CARRIES_SECRET, it_is("over_network")))
INTEGRITY_WITHIN_ZONE = AllOf((WITHIN_ZONE, BY_SOFTWARE, CARRIES_INTEGRITY_CRITICAL, it_is("over_network")))
