"""Plans of Terraform: managed services, what they let in, how they refer to each other."""

from collections.abc import Sequence
from typing import Final

from bot.drafts.draft_builder import BuiltItem, DraftBuilder, clean_name
from bot.drafts.draft_connections import DraftConnections
from bot.drafts.environment_values import NamedValue, is_secret_name
from bot.drafts.lined_values import LinedMapping
from bot.drafts.terraform_access import answer_roles
from bot.drafts.terraform_exposure import TerraformExposures
from bot.drafts.terraform_networks import INSIDE, NETWORKS, add_networks
from bot.drafts.terraform_plan import TerraformPlan, TerraformResource, constants
from bot.drafts.terraform_resources import (
    ALSO_READ,
    BACKUPS,
    CONNECTORS,
    CREDENTIAL_TYPES,
    ENCRYPTION,
    HIDDEN,
    TECHNOLOGY_OF_TYPE,
    WITHOUT_EXPOSURE,
)
from bot.drafts.workload_images import note_stored_data
from domain.built_in_catalog import BUILT_IN
from domain.drafts.draft import Certainty, SourceKey
from domain.kernel.elements import ComponentKind, DataKind, Kind

_READ: Final = {*TECHNOLOGY_OF_TYPE, *CREDENTIAL_TYPES, *CONNECTORS} | ALSO_READ | NETWORKS | INSIDE


def is_terraform(document: LinedMapping) -> bool:
    """Return whether a document is a plan or a state in JSON."""
    return "format_version" in document and ("planned_values" in document or "values" in document)


def read_terraform(documents: Sequence[LinedMapping], builder: DraftBuilder) -> None:
    """Read plans, each with its configuration."""
    for document in documents:
        _Infrastructure(TerraformPlan(document), builder).read()


class _Infrastructure:
    """The resources of one plan."""

    def __init__(self, plan: TerraformPlan, builder: DraftBuilder) -> None:
        self._plan = plan
        self._builder = builder
        self._components: dict[str, BuiltItem] = {}
        self._connections = DraftConnections(builder, "terraform:", open_is_certain=False)

    def read(self) -> None:
        for one in self._plan.resources.values():
            technology = TECHNOLOGY_OF_TYPE.get(one.type, "")
            if technology:
                self._components[one.address] = self._component(one, technology)
        self._answer_storage()
        answer_roles(self._plan, self._components)
        TerraformExposures(self._plan, self._components, self._builder).read()
        self._add_flows()
        add_networks(self._plan, self._components, self._builder)
        self._add_credentials()
        for address, item in self._components.items():
            note_stored_data(self._builder, item, SourceKey(f"terraform:data/{address}"))
        for one in self._plan.resources.values():
            if one.type not in _READ and not one.type.startswith(WITHOUT_EXPOSURE):
                self._builder.note(f"{clean_name(one.type)}: resources of this type were not read")
            for attribute in sorted(HIDDEN | {"ingress"}) if one.type in _READ else ():
                if one.hides(attribute, HIDDEN):
                    text = f"{one.address} has {attribute} that is known only after it is applied"
                    item = self._components.get(one.address)
                    self._builder.leave_open(f"terraform:{one.address}", text, one.place, item)

    def _component(self, one: TerraformResource, technology: str) -> BuiltItem:
        entry = BUILT_IN.technology_of(technology)
        item = self._builder.add(
            BuiltItem(
                key=SourceKey(f"terraform:{one.address}"),
                kind=Kind.COMPONENT,
                name=_shown_name(one),
                qualifier=one.address,
                place=one.place,
                role=entry.kind if entry else ComponentKind.PROCESS,
                technology=technology,
                description=f"Terraform resource {one.address}",
            )
        )
        item.answer("software", item.place, yes=True)
        return item

    def _answer_storage(self) -> None:
        for address, item in self._components.items():
            one = self._plan.resources[address]
            attribute = ENCRYPTION.get(one.type, "")
            stated = one.values.get(attribute)
            if isinstance(stated, bool):
                item.answer("encrypted_at_rest", one.values.place(attribute), yes=stated)
            days = one.values.text(BACKUPS.get(one.type, ""))
            if days.isdecimal() and days != "0":  # without them there may be other copies
                place = one.values.place(BACKUPS[one.type])
                item.answer("copied", place, yes=True, certainty=Certainty.LIKELY)
            for statement in ("kms_master_key_id", "kms_key_arn"):
                if one.type in ("aws_sqs_queue", "aws_sns_topic") and one.values.text(statement):
                    item.answer("encrypted_at_rest", one.values.place(statement), yes=True)
            if one.type == "aws_sqs_queue" and one.values.get("sqs_managed_sse_enabled") is True:
                item.answer("encrypted_at_rest", one.values.place("sqs_managed_sse_enabled"), yes=True)
        for one in self._plan.of_type("aws_s3_bucket_server_side_encryption_configuration"):
            for item in self._behind(one, "bucket"):
                item.answer("encrypted_at_rest", one.values.place("rule"), yes=True)
        for one in self._plan.of_type("aws_s3_bucket_public_access_block"):
            blocks = (
                "block_public_acls",
                "block_public_policy",
                "ignore_public_acls",
                "restrict_public_buckets",
            )
            stated = [one.values.is_true(name) for name in blocks]
            for item in self._behind(one, "bucket") if all(name in one.values for name in blocks) else ():
                sure = Certainty.CERTAIN if all(stated) else Certainty.LIKELY
                item.answer("not_public", one.values.place(blocks[0]), yes=all(stated), certainty=sure)
        for one in self._plan.of_type("aws_s3_bucket_acl", "aws_s3_bucket"):
            if one.values.text("acl").startswith("public-"):
                itself = self._components.get(one.address)
                for item in [itself] if itself else self._behind(one, "bucket"):
                    item.answer("not_public", one.values.place("acl"), yes=False)

    def _behind(self, one: TerraformResource, *attributes: str) -> list[BuiltItem]:
        """Return the components to which attributes of a resource refer."""
        found = (self._components.get(target.address) for target in self._plan.references(one, *attributes))
        return [item for item in found if item is not None]

    def _add_flows(self) -> None:
        for address, item in self._components.items():
            for target in self._targets(self._plan.resources[address]):
                if target is not item:
                    self._flow(item, target)
        for kind, (sources, targets) in CONNECTORS.items():
            for one in self._plan.of_type(kind):
                for source in self._sources(one, sources):
                    for target in self._behind(one, *targets):
                        self._flow(source, target)
        for listener in self._plan.of_type("aws_lb_listener", "aws_alb_listener", "aws_lb_listener_rule"):
            balancers = self._balancers(listener)
            groups = {one.address for one in self._plan.references(listener) if "target_group" in one.type}
            for address, item in self._components.items():
                used = {one.address for one in self._plan.references(self._plan.resources[address])}
                if used & groups:
                    for balancer in balancers:
                        self._flow(balancer, item)

    def _targets(self, one: TerraformResource) -> list[BuiltItem]:
        """Return the components to which a component refers, also by its task definition."""
        found = self._behind(one)
        for target in self._plan.references(one):
            if target.type == "aws_ecs_task_definition":
                found += self._behind(target, "container_definitions")
        return found

    def _sources(self, one: TerraformResource, attributes: tuple[str, ...]) -> list[BuiltItem]:
        found = self._behind(one, *attributes)
        for target in self._plan.references(one, *attributes):
            if "target_group" in target.type:
                for listener in self._plan.of_type("aws_lb_listener", "aws_alb_listener"):
                    if target in self._plan.references(listener):
                        found += self._balancers(listener)
        return found

    def _balancers(self, listener: TerraformResource) -> list[BuiltItem]:
        found = self._behind(listener, "load_balancer_arn")
        for target in self._plan.references(listener, "listener_arn"):
            found += self._behind(target, "load_balancer_arn")
        return found

    def _flow(self, source: BuiltItem, target: BuiltItem) -> None:
        if source is not target:
            self._builder.flow(source, target, source.place, Certainty.LIKELY)

    def _add_credentials(self) -> None:
        for one in self._plan.of_type(*sorted(CREDENTIAL_TYPES)):
            self._credential(one)
        for one in self._plan.of_type("aws_ssm_parameter"):
            if one.values.text("type") == "SecureString":
                self._credential(one)
        for address, item in self._components.items():
            entries = constants(self._plan.resources[address].expressions)
            self._connections.read(item, entries, _no_host, Certainty.LIKELY)
        self._connections.finish()
        for variable in self._plan.variable_defaults:
            if is_secret_name(variable.name):
                self._variable(variable)

    def _variable(self, variable: NamedValue) -> None:
        item = self._builder.add(
            BuiltItem(
                key=SourceKey(f"terraform:var.{variable.name}"),
                kind=Kind.ASSET,
                name=variable.name,
                place=variable.place,
                sort="Credential",
                data=DataKind.CREDENTIAL,
            )
        )
        item.answer("out_of_code", variable.place, yes=False)

    def _credential(self, one: TerraformResource) -> None:
        item = self._builder.add(
            BuiltItem(
                key=SourceKey(f"terraform:{one.address}"),
                kind=Kind.ASSET,
                name=_shown_name(one),
                qualifier=one.address,
                place=one.values.place("name"),
                sort="Credential",
                data=DataKind.CREDENTIAL,
            )
        )
        item.answer("vaulted", item.place, yes=True)


def _no_host(host: str) -> None:
    """Return None: a plan describes no hosts."""


def _shown_name(one: TerraformResource) -> str:
    """Return the name that a resource has in the cloud, else the one in the configuration."""
    stated = (
        "name",
        "function_name",
        "bucket",
        "identifier",
        "cluster_identifier",
        "replication_group_id",
        "cluster_id",
    )
    tag = one.values.mapping("tags").text("Name")
    named = next((text for key in stated if (text := one.values.text(key))), tag)
    if named:
        return named
    module = one.module.rpartition("module.")[2]
    return (
        module if one.name in ("this", "main", "default") and module else f"{one.name} ({_words(one.type)})"
    )


def _words(kind: str) -> str:
    return kind.partition("_")[2].replace("_", " ")
