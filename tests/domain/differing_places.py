"""Four components with different answers about what one rule needs of each."""

from collections.abc import Mapping

from msgspec.structs import replace

from domain.analysis.rule_findings import SuggestedThreat, apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, ElementId
from domain.model import ThreatModel
from domain.rules.rule import Rule
from tests.domain.catalogue.shop_model import shop

DEFAULTS = BUILT_IN.rules_by_id["E08"]
CREDENTIALS, SERVICES = "default_credentials_changed", "unused_services_disabled"
NODES = tuple(ElementId(f"CO-{number}") for number in range(21, 25))


def nodes(told: Mapping[tuple[ElementId, str], Answer]) -> ThreatModel:
    """The shop with four more components, and answers about these."""
    more = [Component(id=node, name=f"Node {node[-1]}", sort=ComponentKind.PROCESS) for node in NODES]
    model = shop(*more)
    for node in NODES:
        model = replace(model, facts=model.facts.insert((node, "software"), Answer.YES))
    for asked, answer in told.items():
        if asked[1] != "software":
            model = replace(model, facts=model.facts.insert(asked, answer))
    return model


def suggested(model: ThreatModel, rule: Rule) -> list[SuggestedThreat]:
    """What the rule suggests at the four components."""
    found = apply_rules(model).suggested_threats
    return [one for one in found if one.rule is rule and one.element in NODES]


def different_defaults() -> tuple[ThreatModel, list[SuggestedThreat]]:
    """Unused services run at all nodes; the default credentials are still valid at one of them."""
    told = {(node, SERVICES): Answer.NO for node in NODES} | {
        (node, CREDENTIALS): Answer.YES for node in NODES
    }
    model = nodes(told | {(NODES[0], CREDENTIALS): Answer.NO})
    return model, suggested(model, DEFAULTS)
