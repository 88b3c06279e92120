"""Virtual networks in a plan of Terraform, as trust boundaries."""

from collections.abc import Mapping
from typing import Final

from bot.drafts.draft_builder import NO_KEY, BuiltItem, DraftBuilder
from bot.drafts.terraform_plan import TerraformPlan, TerraformResource
from domain.drafts.draft import Certainty, SourceKey
from domain.kernel.elements import Kind

NETWORKS: Final = frozenset({"aws_vpc", "google_compute_network", "azurerm_virtual_network"})
INSIDE: Final = frozenset(
    {"aws_subnet", "aws_security_group", "aws_db_subnet_group", "aws_elasticache_subnet_group"}
    | {"aws_launch_template", "aws_vpc_endpoint", "google_compute_subnetwork", "azurerm_subnet"}
)
"""Types of resources that lie in a network, and through which components refer to it."""

_MAX_STEPS: Final = 4


def add_networks(plan: TerraformPlan, components: Mapping[str, BuiltItem], builder: DraftBuilder) -> None:
    """Add the networks in which at least two components lie, unless a component lies in several."""
    inside: dict[str, list[BuiltItem]] = {}
    for address, item in components.items():
        networks = _networks_of(plan, plan.resources[address])
        if len(networks) == 1:
            inside.setdefault(networks.pop(), []).append(item)
    for address, items in inside.items():
        if len(items) <= 1:
            continue
        network = plan.resources[address]
        name = network.values.mapping("tags").text("Name") or network.values.text("name") or network.name
        boundary = builder.add(
            BuiltItem(
                key=SourceKey(f"terraform:{address}"),
                kind=Kind.TRUST_BOUNDARY,
                name=f"{name} network",
                qualifier=address,
                place=network.place,
                certainty=Certainty.LIKELY,
            )
        )
        for item in items:
            item.boundary = boundary.key if item.boundary == NO_KEY else item.boundary


def _networks_of(plan: TerraformPlan, one: TerraformResource) -> set[str]:
    """Return the networks that a resource refers to, directly or by what lies in them."""
    found: set[str] = set()
    seen: set[str] = set()
    ahead = [one]
    for _ in range(_MAX_STEPS):
        ahead = [
            target
            for origin in ahead
            for target in plan.references(origin)
            if target.address not in seen and target.type in NETWORKS | INSIDE
        ]
        seen.update(target.address for target in ahead)
        found.update(target.address for target in ahead if target.type in NETWORKS)
    return found
