"""Entry points in a plan of Terraform: listeners, gateways, functions with a URL, open security groups."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from bot.drafts.lined_values import LinedMapping
from bot.drafts.port_protocols import PROTOCOL_OF_PORT, is_everyone
from bot.drafts.terraform_plan import TerraformPlan, TerraformResource
from domain.drafts.draft import Certainty, SourceKey, SourcePlace
from domain.kernel.elements import Exposure, Kind

_USERS: Final = (
    *(
        "vpc_security_group_ids",
        "security_groups",
        "security_group_ids",
        "network_configuration",
        "vpc_config",
    ),
    *("network_interfaces", "launch_template", "vpc_options"),
)


class _OpenPort(msgspec.Struct, frozen=True):
    """A port that a security group lets everyone reach, or the components of another group."""

    port: str
    everyone: bool
    place: SourcePlace


class TerraformExposures:
    """Reader of what lets requests in."""

    def __init__(
        self, plan: TerraformPlan, components: Mapping[str, BuiltItem], builder: DraftBuilder
    ) -> None:
        self._plan = plan
        self._components = components
        self._builder = builder
        self._listening: set[str] = set()

    def read(self) -> None:
        """Add the entry points."""
        self._listeners()
        self._public_services()
        self._function_urls()
        self._databases()
        self._security_groups()

    def _listeners(self) -> None:
        for one in self._plan.of_type("aws_lb_listener", "aws_alb_listener"):
            port, protocol = one.values.text("port"), one.values.text("protocol").upper()
            for balancer in self._plan.references(one, "load_balancer_arn"):
                item = self._components.get(balancer.address)
                if item is None:
                    continue
                self._listening.add(balancer.address)
                internal = balancer.values.is_true("internal")
                self._add(
                    f"terraform:{one.address}",
                    f"{item.name} port {port}",
                    one.values.place("port"),
                    item,
                    exposure=Exposure.INTERNAL if internal else Exposure.INTERNET,
                    protocol=protocol if protocol in ("HTTP", "HTTPS", "TLS", "TCP", "UDP") else "",
                )

    def _public_services(self) -> None:
        for address, item in self._components.items():
            one = self._plan.resources[address]
            match one.type:
                case "aws_cloudfront_distribution":
                    policies = [
                        behavior.text("viewer_protocol_policy")
                        for key in ("default_cache_behavior", "ordered_cache_behavior")
                        for behavior in one.values.list(key).mappings()
                    ]
                    sealed = bool(policies) and "allow-all" not in policies
                    protocol = "HTTPS" if sealed else "HTTP"
                    self._add(f"{item.key}/", item.name, item.place, item, Exposure.INTERNET, protocol)
                case "aws_api_gateway_rest_api" | "aws_apigatewayv2_api" | "aws_appsync_graphql_api":
                    private = any(
                        text == "PRIVATE"
                        for configuration in one.values.list("endpoint_configuration").mappings()
                        for text, _ in configuration.list("types").texts()
                    )
                    exposure = Exposure.INTERNAL if private else Exposure.INTERNET
                    self._add(f"{item.key}/", item.name, item.place, item, exposure, "HTTPS")
                case "google_cloud_run_service" | "google_cloud_run_v2_service":
                    internal = "INTERNAL" in one.values.text("ingress")
                    exposure = Exposure.INTERNAL if internal else Exposure.INTERNET
                    self._add(f"{item.key}/", item.name, item.place, item, exposure, "HTTPS")
                case "azurerm_linux_web_app" | "azurerm_windows_web_app" | "azurerm_linux_function_app":
                    stated = one.values.get("https_only")
                    protocol = "HTTPS" if stated is True else ("HTTP" if stated is False else "")
                    open_to_all = one.values.get("public_network_access_enabled") is not False
                    exposure = Exposure.INTERNET if open_to_all else Exposure.INTERNAL
                    self._add(f"{item.key}/", item.name, item.place, item, exposure, protocol)
                case _:
                    pass

    def _function_urls(self) -> None:
        for one in self._plan.of_type("aws_lambda_function_url"):
            for function in self._plan.references(one, "function_name"):
                item = self._components.get(function.address)
                if item is None:
                    continue
                place = one.values.place("authorization_type")
                door = self._add(
                    f"terraform:{one.address}", f"{item.name} URL", place, item, Exposure.INTERNET, "HTTPS"
                )
                kind = one.values.text("authorization_type")
                if kind in ("NONE", "AWS_IAM"):
                    door.answer("caller_authenticated", place, yes=kind == "AWS_IAM")

    def _databases(self) -> None:
        for address, item in self._components.items():
            one = self._plan.resources[address]
            if one.values.is_true("publicly_accessible"):
                port = one.values.text("port")
                place = one.values.place("publicly_accessible")
                door = self._add(
                    f"{item.key}:{port}",
                    f"{item.name} port {port}" if port else item.name,
                    place,
                    item,
                    Exposure.INTERNET,
                    PROTOCOL_OF_PORT.get(port, ""),
                )
                door.answer("public", place, yes=True)

    def _security_groups(self) -> None:
        users = self._users_of_groups()
        for group in self._plan.of_type("aws_security_group"):
            behind = [one for one in users.get(group.address, []) if one not in self._listening]
            if users.get(group.address) and not behind:
                continue  # the listeners of its load balancer are the entry points
            item = self._components[behind[0]] if behind else None
            for one in self._open_ports(group):
                if one.everyone:
                    name = f"{item.name if item else group.name} port {one.port}"
                    door = self._add(
                        f"terraform:{group.address}:{one.port}",
                        name,
                        one.place,
                        item,
                        Exposure.INTERNET,
                        PROTOCOL_OF_PORT.get(one.port, ""),
                        certainty=Certainty.LIKELY,
                    )
                    door.answer("peers_restricted", one.place, yes=False)
        self._flows_between_groups(users)

    def _users_of_groups(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for address in self._components:
            for group in self._plan.references(self._plan.resources[address], *_USERS):
                if group.type == "aws_security_group":
                    found.setdefault(group.address, []).append(address)
        return found

    def _open_ports(self, group: TerraformResource) -> Iterator[_OpenPort]:
        for rule in group.values.list("ingress").mappings():
            yield from _ports_of_rule(rule)
        kinds = ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule")
        for rule in self._plan.of_type(*kinds):
            if rule.type == kinds[0] and rule.values.text("type") != "ingress":
                continue
            if group in self._plan.references(rule, "security_group_id"):
                yield from _ports_of_rule(rule.values)

    def _flows_between_groups(self, users: Mapping[str, list[str]]) -> None:
        """Add the flows that a security group lets in from the components of another one."""
        for rule in self._plan.of_type(
            "aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"
        ):
            inner = (
                [rule]
                if rule.type == "aws_security_group"
                else self._plan.references(rule, "security_group_id")
            )
            if rule.values.text("type") == "egress":
                continue
            attributes = (
                ("ingress",)
                if rule.type == "aws_security_group"
                else ("source_security_group_id", "referenced_security_group_id")
            )
            for outer in self._plan.references(rule, *attributes):
                for source in users.get(outer.address, []):
                    for group in inner:
                        for target in users.get(group.address, []):
                            if source != target:
                                self._builder.flow(
                                    self._components[source],
                                    self._components[target],
                                    rule.values.place("ingress"),
                                    Certainty.LIKELY,
                                )

    def _add(
        self,
        key: str,
        name: str,
        place: SourcePlace,
        item: BuiltItem | None,
        exposure: Exposure,
        protocol: str,
        certainty: Certainty = Certainty.CERTAIN,
    ) -> BuiltItem:
        return self._builder.add(
            BuiltItem(
                key=SourceKey(key),
                kind=Kind.ENTRY_POINT,
                name=name,
                qualifier=key.partition(":")[2],
                place=place,
                certainty=certainty,
                component=item.key if item else SourceKey(""),
                exposure=exposure,
                protocol=protocol,
            )
        )


def _ports_of_rule(rule: LinedMapping) -> Iterator[_OpenPort]:
    ranges = [text for key in ("cidr_blocks", "ipv6_cidr_blocks") for text, _ in rule.list(key).texts()]
    ranges += [rule.text("cidr_ipv4"), rule.text("cidr_ipv6")]
    protocol = rule.text("protocol") or rule.text("ip_protocol")
    first, last = rule.text("from_port"), rule.text("to_port")
    port = "any" if protocol in ("-1", "all") else (first if first == last else f"{first}-{last}")
    if protocol not in ("icmp", "icmpv6", "1", "58") and port not in ("", "-"):
        key = "from_port" if "from_port" in rule else "cidr_blocks"
        yield _OpenPort(port, any(map(is_everyone, ranges)), rule.place(key))
