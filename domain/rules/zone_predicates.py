"""Predicates over data flows within one trust zone."""

from domain.rules import asset_predicates
from domain.rules.conditions import AllOf, AnyAmong, Structure, Truth, it_is, truth
from domain.rules.flow_predicates import BY_SOFTWARE, CARRIES_INTEGRITY_CRITICAL, carried, flow
from domain.rules.local_predicates import protocols_at, stays_local
from domain.rules.model_index import RuleTarget


def _within_zone(about: RuleTarget) -> Truth:
    """Return whether both ends are placed and trusted alike."""
    one = flow(about)
    return truth(
        not about.crossing and None not in (about.index.kind(one.source), about.index.kind(one.target))
    )


def _over_network(about: RuleTarget) -> Truth:
    """Return whether a stated protocol says that it passes over a network; an answer counts instead."""
    answered = "over_network" in about.index.facts.get(about.element.id, {})
    found = protocols_at(about)
    return truth(True if found and all(found) and not answered and not stays_local(about) else None)


WITHIN_ZONE = Structure(name="it stays within one trust zone", holds=_within_zone, explains=False)
OVER_NETWORK = Structure(
    name="its protocol is one of networks", holds=_over_network, question=it_is("over_network")
)
CARRIES_VALUABLE = AnyAmong(among=carried, part=asset_predicates.VALUABLE)
CARRIES_SECRET = AnyAmong(among=carried, part=asset_predicates.SECRET_OR_CREDENTIAL)
VALUABLE_WITHIN_ZONE = AllOf((WITHIN_ZONE, BY_SOFTWARE, CARRIES_VALUABLE, OVER_NETWORK))
SECRET_WITHIN_ZONE = AllOf((WITHIN_ZONE, BY_SOFTWARE, CARRIES_SECRET, OVER_NETWORK))
INTEGRITY_WITHIN_ZONE = AllOf((WITHIN_ZONE, BY_SOFTWARE, CARRIES_INTEGRITY_CRITICAL, OVER_NETWORK))
