"""Terraform plans: their resources, and how these are reached and permitted."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

import msgspec

from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from bot.drafts.draft_connections import PROTOCOL_OF_PORT, is_everyone
from bot.drafts.environment_values import NamedValue
from bot.drafts.lined_values import (
    NO_MAPPING,
    LinedList,
    LinedMapping,
    list_of,
    mapping_of,
    read_json,
    text_of,
)
from bot.formats.importers.untrusted_document import UnreadableFile
from domain.drafts.draft import Certainty, SourcePlace
from domain.kernel.elements import Exposure

_INDEX: Final = re.compile(r"\[\d+\]")
_MAX_STEPS: Final = 12
_ADDRESS: Final = re.compile(r"(?:data\.)?[a-z][a-z0-9_]{1,80}\.[\w-]{1,120}")


class TerraformResource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource; instances that differ only in a number are one. `unknown` are its values after applying."""

    address: str
    type: str
    name: str
    module: str
    place: SourcePlace
    values: LinedMapping
    expressions: LinedMapping
    unknown: LinedMapping

    def hides(self, attribute: str, inner: frozenset[str]) -> bool:
        """Return whether an attribute, or what is below some names in it, is known only after applying."""
        return attribute in self.expressions and _is_hidden(self.unknown.get(attribute), inner)


def _is_hidden(value: object, inner: frozenset[str]) -> bool:
    """Return whether a value is unknown, or one below some names; without names, any below it is."""
    if isinstance(value, LinedMapping):
        return any(_is_hidden(one, inner) for key, one in value.items() if key in inner or not inner)
    if isinstance(value, LinedList):
        return any(_is_hidden(one, inner) for one in value)
    return value is True


class TerraformPlan:
    """The resources of a plan or a state by address, and the components that some of them are."""

    def __init__(self, document: LinedMapping) -> None:
        values = document.mapping("planned_values") or document.mapping("values")
        self._configuration = document.mapping("configuration", "root_module")
        self.resources: dict[str, TerraformResource] = {}
        self.items: dict[str, BuiltItem] = {}
        self._expressions: dict[str, dict[str, LinedMapping]] = {}
        self._instances: dict[str, list[TerraformResource]] = {}
        changes = document.list("resource_changes").mappings()
        self._unknown = {one.text("address"): one.mapping("change", "after_unknown") for one in changes}
        for module, body in _modules(values.mapping("root_module"), ""):
            for mapping in body.list("resources").mappings():
                if mapping.text("mode") != "data":
                    self._add(module, mapping)

    @property
    def variable_defaults(self) -> Iterator[NamedValue]:
        """The variables of the configuration that have a default, with it."""
        declared = self._configuration.mapping("variables")
        for name in declared:
            one = declared.mapping(name)
            if text := one.text("default"):
                yield NamedValue(name, text, one.place("default"))

    def of_type(self, *types: str) -> Iterator[TerraformResource]:
        """Yield the resources of some types."""
        yield from (resource for resource in self.resources.values() if resource.type in types)

    def components(self) -> Iterator[tuple[TerraformResource, BuiltItem]]:
        """Yield the resources that are components."""
        yield from ((self.resources[address], item) for address, item in self.items.items())

    def referred(self, one: TerraformResource, *attributes: str) -> list[tuple[TerraformResource, BuiltItem]]:
        """Return the components to which attributes of a resource refer."""
        found = self.references(one, *attributes)
        return [(target, self.items[target.address]) for target in found if target.address in self.items]

    def references(self, one: TerraformResource, *attributes: str) -> list[TerraformResource]:
        """Return the resources to which attributes of a resource refer; all attributes if none is named."""
        chosen: list[object] = [one.expressions.get(name) for name in attributes]
        found: dict[str, TerraformResource] = {}
        for text in _reference_texts(chosen if attributes else [one.expressions]):
            for target in self._resolved(one.module, text, 0):
                if target.address != one.address:
                    found[target.address] = target
        return list(found.values())

    def _add(self, module: str, body: LinedMapping) -> None:
        kind, name = body.text("type"), body.text("name")
        address = f"{f'{module}.' if module else ''}{kind}.{name}"
        key = body.text("index")
        if key and not key.isdecimal():
            address = f'{address}["{key}"]'
        if address not in self.resources:
            expressions = self._expressions_of(module).get(f"{kind}.{name}", LinedMapping(body.file))
            made = TerraformResource(
                address=address,
                type=kind,
                name=name,
                module=module,
                place=body.place("address"),
                values=body.mapping("values"),
                expressions=expressions,
                unknown=self._unknown.get(body.text("address"), NO_MAPPING),
            )
            self.resources[address] = made
            self._instances.setdefault(address.partition("[")[0], []).append(made)

    def _expressions_of(self, module: str) -> dict[str, LinedMapping]:
        """Return the expressions of the resources of a module, by their address there."""
        if module not in self._expressions:
            resources = self._module_configuration(module).list("resources").mappings()
            self._expressions[module] = {one.text("address"): one.mapping("expressions") for one in resources}
        return self._expressions[module]

    def _module_configuration(self, module: str) -> LinedMapping:
        found = self._configuration
        for name in _module_names(module):
            found = found.mapping("module_calls", name, "module")
        return found

    def _resolved(self, module: str, text: str, steps: int) -> Iterator[TerraformResource]:
        """Yield the resources that a reference means: its own, or those behind a variable or an output."""
        if steps > _MAX_STEPS:
            return
        parts = text.split(".")
        if parts[0] == "module" and len(parts) > 2:
            inner = f"{f'{module}.' if module else ''}module.{parts[1].partition('[')[0]}"
            output = self._module_configuration(inner).mapping("outputs", parts[2].partition("[")[0])
            for reference_text in _reference_texts([output.get("expression")]):
                yield from self._resolved(inner, reference_text, steps + 1)
        elif parts[0] == "var" and module:
            outer, _, last = module.rpartition("module.")
            outer = outer.rstrip(".")
            call = self._module_configuration(outer).mapping("module_calls", last)
            argument = call.mapping("expressions").get(parts[1].partition("[")[0] if len(parts) > 1 else "")
            for reference_text in _reference_texts([argument]):
                yield from self._resolved(outer, reference_text, steps + 1)
        elif match := _ADDRESS.match(text):
            address = f"{f'{module}.' if module else ''}{match[0]}"
            yield from self._instances.get(address, ())


def _modules(body: LinedMapping, address: str) -> Iterator[tuple[str, LinedMapping]]:
    """Yield each module with its address, without the numbers of its instances."""
    yield address, body
    for child in body.list("child_modules").mappings():
        yield from _modules(child, _without_keys(child.text("address")))


def _without_keys(address: str) -> str:
    return re.sub(r"\[[^\]]{0,200}\]", "", _INDEX.sub("", address))


def _module_names(module: str) -> list[str]:
    return [one.rstrip(".") for one in module.split("module.") if one]


def _reference_texts(values: list[object]) -> list[str]:
    """Return all references within expressions, the longest of each kept only."""
    found: dict[str, None] = {}
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, LinedList):
            waiting += value
        elif isinstance(value, LinedMapping):
            for key, inner in value.items():
                if key == "references" and isinstance(inner, LinedList):
                    found |= dict.fromkeys(text for text, _ in inner.texts())
                else:
                    waiting.append(inner)
    return [one for one in found if not (one.startswith("module.") and one.count(".") == 1)]


def constants(expressions: LinedMapping) -> Iterator[NamedValue]:
    """Yield the texts that the configuration itself has, not its variables, with their names."""
    waiting: list[LinedMapping] = [expressions]
    while waiting:
        for name, expression in waiting.pop().items():
            if isinstance(expression, LinedList):
                waiting += expression.mappings()
                continue
            found = mapping_of(expression)
            constant = found.get("constant_value")
            if isinstance(constant, str):
                yield NamedValue(name, constant, found.place("constant_value"))
            elif isinstance(constant, LinedMapping):
                yield from (NamedValue(*text) for text in constant.texts())
            elif constant is None and "references" not in found:
                waiting.append(found)


_USERS: Final = (
    *("vpc_security_group_ids", "security_groups", "security_group_ids", "network_configuration"),
    *("vpc_config", "network_interfaces", "launch_template", "vpc_options"),
)


class _OpenPort(msgspec.Struct, frozen=True):
    """A port that a security group lets everyone reach, or the components of another group."""

    port: str
    everyone: bool
    place: SourcePlace


class TerraformExposures:
    """Reader of what lets requests in."""

    def __init__(self, plan: TerraformPlan, builder: DraftBuilder) -> None:
        self._plan = plan
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
            for balancer, item in self._plan.referred(one, "load_balancer_arn"):
                self._listening.add(balancer.address)
                internal = balancer.values.is_true("internal")
                self._add(
                    f"terraform:{one.address}",
                    f"{item.name} port {port}",
                    one.values.place("port"),
                    item,
                    Exposure.INTERNAL if internal else Exposure.INTERNET,
                    protocol if protocol in ("HTTP", "HTTPS", "TLS", "TCP", "UDP") else "",
                )

    def _public_services(self) -> None:
        for one, item in self._plan.components():
            if door := _public_door(one):
                self._add(f"{item.key}/", item.name, item.place, item, *door)

    def _function_urls(self) -> None:
        for one in self._plan.of_type("aws_lambda_function_url"):
            kind, place = one.values.text("authorization_type"), one.values.place("authorization_type")
            for _, item in self._plan.referred(one, "function_name"):
                key, name = f"terraform:{one.address}", f"{item.name} URL"
                door = self._add(key, name, place, item, Exposure.INTERNET, "HTTPS")
                if kind in ("NONE", "AWS_IAM"):
                    door.answer("caller_authenticated", place, yes=kind == "AWS_IAM")

    def _databases(self) -> None:
        for one, item in self._plan.components():
            if one.values.is_true("publicly_accessible"):
                port, place = one.values.text("port"), one.values.place("publicly_accessible")
                name = f"{item.name} port {port}" if port else item.name
                protocol = PROTOCOL_OF_PORT.get(port, "")
                door = self._add(f"{item.key}:{port}", name, place, item, Exposure.INTERNET, protocol)
                door.answer("public", place, yes=True)

    def _security_groups(self) -> None:
        users = self._users_of_groups()
        for group in self._plan.of_type("aws_security_group"):
            behind = [user for user in users.get(group.address, []) if user not in self._listening]
            if users.get(group.address) and not behind:
                continue  # the listeners of its load balancer are the entry points
            item = self._plan.items[behind[0]] if behind else None
            for port in self._open_ports(group):
                if port.everyone:
                    key, name = f"{group.address}:{port.port}", f"{item.name if item else group.name} port"
                    door = self._add(
                        f"terraform:{key}",
                        f"{name} {port.port}",
                        port.place,
                        item,
                        Exposure.INTERNET,
                        PROTOCOL_OF_PORT.get(port.port, ""),
                        Certainty.LIKELY,
                    )
                    door.answer("peers_restricted", port.place, yes=False)
        self._flows_between_groups(users)

    def _users_of_groups(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one, _ in self._plan.components():
            for group in self._plan.references(one, *_USERS):
                if group.type == "aws_security_group":
                    found.setdefault(group.address, []).append(one.address)
        return found

    def _open_ports(self, group: TerraformResource) -> Iterator[_OpenPort]:
        for rule in group.values.list("ingress").mappings():
            yield from _ports_of_rule(rule)
        for rule in self._plan.of_type(*_RULES):
            if rule.type == _RULES[0] and rule.values.text("type") != "ingress":
                continue
            if group in self._plan.references(rule, "security_group_id"):
                yield from _ports_of_rule(rule.values)

    def _flows_between_groups(self, users: Mapping[str, list[str]]) -> None:
        """Add the flows that a security group lets in from the components of another one."""
        for rule in self._plan.of_type("aws_security_group", *_RULES):
            if rule.values.text("type") == "egress":
                continue
            if rule.type == "aws_security_group":
                inner, outer = [rule], self._plan.references(rule, "ingress")
            else:
                inner = self._plan.references(rule, "security_group_id")
                outer = self._plan.references(
                    rule, "source_security_group_id", "referenced_security_group_id"
                )
            sources = [user for group in outer for user in users.get(group.address, [])]
            targets = [user for group in inner for user in users.get(group.address, [])]
            for source, target in product(sources, targets):
                if source != target:
                    ends = self._plan.items[source], self._plan.items[target]
                    self._builder.flow(*ends, rule.values.place("ingress"), Certainty.LIKELY)

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
        address = key.partition(":")[2]
        return self._builder.entry_point(
            key, name, place, item, exposure, protocol, certainty, qualifier=address
        )


_RULES: Final = ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule")


def _public_door(one: TerraformResource) -> tuple[Exposure, str] | None:
    """Return from where a managed service is reached, and its protocol; None for any other resource."""
    values, internal, protocol = one.values, False, "HTTPS"
    match one.type:
        case "aws_cloudfront_distribution":
            keys = ("default_cache_behavior", "ordered_cache_behavior")
            behaviors = [behavior for key in keys for behavior in values.list(key).mappings()]
            policies = [behavior.text("viewer_protocol_policy") for behavior in behaviors]
            protocol = "HTTPS" if policies and "allow-all" not in policies else "HTTP"
        case "aws_api_gateway_rest_api" | "aws_apigatewayv2_api" | "aws_appsync_graphql_api":
            configurations = values.list("endpoint_configuration").mappings()
            types = [text for each in configurations for text, _ in each.list("types").texts()]
            internal = "PRIVATE" in types
        case "google_cloud_run_service" | "google_cloud_run_v2_service":
            internal = "INTERNAL" in values.text("ingress")
        case "azurerm_linux_web_app" | "azurerm_windows_web_app" | "azurerm_linux_function_app":
            protocol = {"true": "HTTPS", "false": "HTTP"}.get(values.text("https_only"), "")
            internal = values.get("public_network_access_enabled") is False
        case _:
            return None
    return (Exposure.INTERNAL if internal else Exposure.INTERNET), protocol


def _ports_of_rule(rule: LinedMapping) -> Iterator[_OpenPort]:
    ranges = [text for key in ("cidr_blocks", "ipv6_cidr_blocks") for text, _ in rule.list(key).texts()]
    ranges += [rule.text("cidr_ipv4"), rule.text("cidr_ipv6")]
    protocol = rule.text("protocol") or rule.text("ip_protocol")
    first, last = rule.text("from_port"), rule.text("to_port")
    port = "any" if protocol in ("-1", "all") else (first if first == last else f"{first}-{last}")
    if protocol not in ("icmp", "icmpv6", "1", "58") and port not in ("", "-"):
        key = "from_port" if "from_port" in rule else "cidr_blocks"
        yield _OpenPort(port, any(map(is_everyone, ranges)), rule.place(key))


_ROLE_ATTRIBUTES: Final = ("role", "task_role_arn", "iam_instance_profile", "instance_role_arn", "role_arn")
_ADMINISTRATOR: Final = "policy/AdministratorAccess"


def answer_roles(plan: TerraformPlan) -> None:
    """Answer the questions about privileges for the components whose role may do everything."""
    wide = _wide_roles(plan)
    for one, item in plan.components():
        if wide.intersection(_roles_of(plan, one)):
            item.answer("role_restricted least_privilege", item.place, yes=False)


def _roles_of(plan: TerraformPlan, one: TerraformResource) -> Iterator[str]:
    for target in plan.references(one):
        if target.type == "aws_ecs_task_definition":
            yield from _roles_of(plan, target)
    for target in plan.references(one, *_ROLE_ATTRIBUTES):
        if target.type == "aws_iam_role":
            yield target.address
        elif target.type == "aws_iam_instance_profile":
            yield from (role.address for role in plan.references(target, "role"))


def _wide_roles(plan: TerraformPlan) -> set[str]:
    found: set[str] = set()
    for one in plan.of_type("aws_iam_role_policy"):
        if _allows_all(one.values.text("policy")):
            found.update(role.address for role in plan.references(one, "role"))
    for one in plan.of_type("aws_iam_role_policy_attachment"):
        named = plan.references(one, "policy_arn")
        policies = [policy.values.text("policy") for policy in named if policy.type == "aws_iam_policy"]
        if one.values.text("policy_arn").endswith(_ADMINISTRATOR) or any(map(_allows_all, policies)):
            found.update(role.address for role in plan.references(one, "role"))
    for one in plan.of_type("aws_iam_role"):
        attached = list(one.values.list("managed_policy_arns").texts())
        inline = [policy.text("policy") for policy in one.values.list("inline_policy").mappings()]
        if any(text.endswith(_ADMINISTRATOR) for text, _ in attached) or any(map(_allows_all, inline)):
            found.add(one.address)
    return found


def _allows_all(policy: str) -> bool:
    """Return whether a policy allows every action on every resource."""
    if not policy:
        return False
    try:
        document = mapping_of(read_json(policy, ""))
    except UnreadableFile:
        return False
    stated = document.get("Statement")
    statements = [mapping_of(one) for one in (stated if isinstance(stated, LinedList) else [stated])]
    return any(
        one.text("Effect") == "Allow" and all("*" in _several(one.get(key)) for key in ("Action", "Resource"))
        for one in statements
    )


def _several(value: object) -> list[str]:
    return [text_of(value)] if isinstance(value, str) else [text for text, _ in list_of(value).texts()]
