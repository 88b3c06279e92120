"""Drafts from Terraform plans: resources become components, networks boundaries."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.drafts.draft_builder import BuiltItem, DraftBuilder, clean_name
from bot.drafts.draft_connections import DraftConnections
from bot.drafts.environment_values import NamedValue, is_secret_name
from bot.drafts.lined_values import LinedMapping
from bot.drafts.terraform_plan import (
    TerraformExposures,
    TerraformPlan,
    TerraformResource,
    answer_roles,
    constants,
)
from bot.drafts.workloads import note_stored_data
from domain.built_in_catalog import BUILT_IN
from domain.drafts.draft import Certainty, SourceKey
from domain.kernel.elements import ComponentKind, Kind

TECHNOLOGY_OF_TYPE: Final = {
    **dict.fromkeys(("aws_db_instance", "aws_rds_cluster"), "amazon_rds"),
    "aws_dynamodb_table": "dynamodb",
    **dict.fromkeys(("aws_docdb_cluster", "google_firestore_database"), "document_database"),
    "aws_neptune_cluster": "graph_database",
    "aws_redshift_cluster": "data_warehouse",
    **dict.fromkeys(
        (
            *("aws_elasticache_cluster", "aws_elasticache_replication_group", "aws_memorydb_cluster"),
            *("google_redis_instance", "azurerm_redis_cache", "aws_elasticache_serverless_cache"),
        ),
        "redis",
    ),
    **dict.fromkeys(("aws_opensearch_domain", "aws_elasticsearch_domain"), "elasticsearch"),
    "aws_s3_bucket": "amazon_s3",
    **dict.fromkeys(("aws_efs_file_system", "aws_fsx_windows_file_system"), "file_share"),
    "aws_sqs_queue": "amazon_sqs",
    **dict.fromkeys(("aws_sns_topic", "aws_mq_broker"), "message_queue"),
    **dict.fromkeys(("aws_kinesis_stream", "aws_kinesis_firehose_delivery_stream"), "kinesis"),
    "aws_msk_cluster": "kafka",
    "aws_ecr_repository": "artifact_registry",
    "aws_lambda_function": "aws_lambda",
    **dict.fromkeys(
        ("aws_ecs_service", "aws_apprunner_service", "aws_batch_job_definition"), "server_application"
    ),
    **dict.fromkeys(
        ("aws_eks_cluster", "google_container_cluster", "azurerm_kubernetes_cluster"), "kubernetes"
    ),
    "aws_instance": "amazon_ec2",
    "aws_autoscaling_group": "amazon_ec2",
    **dict.fromkeys(("aws_lb", "aws_alb", "aws_elb"), "aws_load_balancer"),
    **dict.fromkeys(
        ("aws_api_gateway_rest_api", "aws_apigatewayv2_api", "aws_appsync_graphql_api"), "api_gateway"
    ),
    "aws_cloudfront_distribution": "cloudfront",
    **dict.fromkeys(("aws_wafv2_web_acl", "aws_waf_web_acl"), "aws_waf"),
    "aws_cognito_user_pool": "cognito",
    "aws_sfn_state_machine": "worker",
    **dict.fromkeys(("aws_glue_job", "aws_dms_replication_task"), "data_pipeline"),
    **dict.fromkeys(("google_sql_database_instance", "google_alloydb_cluster"), "cloud_sql"),
    "google_storage_bucket": "google_cloud_storage",
    "google_bigquery_dataset": "bigquery",
    **dict.fromkeys(("google_cloud_run_service", "google_cloud_run_v2_service"), "cloud_run"),
    **dict.fromkeys(
        ("google_cloudfunctions_function", "google_cloudfunctions2_function"), "serverless_function"
    ),
    "google_pubsub_topic": "google_pubsub",
    "google_compute_instance": "virtual_machine",
    **dict.fromkeys(("azurerm_mssql_database", "azurerm_sql_database"), "azure_sql"),
    **dict.fromkeys(("azurerm_postgresql_flexible_server", "azurerm_postgresql_server"), "postgresql"),
    **dict.fromkeys(("azurerm_mysql_flexible_server", "azurerm_mysql_server"), "mysql"),
    "azurerm_cosmosdb_account": "cosmos_db",
    "azurerm_storage_account": "azure_blob_storage",
    **dict.fromkeys(("azurerm_servicebus_namespace", "azurerm_eventhub_namespace"), "azure_service_bus"),
    "azurerm_key_vault": "azure_key_vault",
    **dict.fromkeys(("azurerm_linux_function_app", "azurerm_windows_function_app"), "azure_functions"),
    **dict.fromkeys(
        ("azurerm_linux_web_app", "azurerm_windows_web_app", "azurerm_container_app"), "server_application"
    ),
    **dict.fromkeys(("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine"), "virtual_machine"),
    **dict.fromkeys(("azurerm_application_gateway", "azurerm_lb"), "load_balancer"),
    "azurerm_api_management": "api_gateway",
    "azurerm_container_registry": "artifact_registry",
}
"""The key in the catalog of each resource type that is a component."""

CREDENTIAL_TYPES: Final = frozenset(
    {
        "aws_secretsmanager_secret",
        "google_secret_manager_secret",
        "azurerm_key_vault_secret",
        "vault_generic_secret",
    }
)
"""Types of resources that are credentials in a vault."""

ENCRYPTION: Final = {
    "aws_db_instance": "storage_encrypted",
    "aws_rds_cluster": "storage_encrypted",
    "aws_docdb_cluster": "storage_encrypted",
    "aws_neptune_cluster": "storage_encrypted",
    "aws_redshift_cluster": "encrypted",
    "aws_elasticache_replication_group": "at_rest_encryption_enabled",
    "aws_efs_file_system": "encrypted",
}
"""The attribute that says whether data of a resource is encrypted at rest."""

BACKUPS: Final = {
    "aws_db_instance": "backup_retention_period",
    "aws_rds_cluster": "backup_retention_period",
    "aws_docdb_cluster": "backup_retention_period",
}
"""The attribute with the days for which backups of a resource are kept."""

CONNECTORS: Final = {
    "aws_lambda_event_source_mapping": (("event_source_arn",), ("function_name",)),
    "aws_apigatewayv2_integration": (("api_id",), ("integration_uri",)),
    "aws_api_gateway_integration": (("rest_api_id",), ("uri",)),
    "aws_sns_topic_subscription": (("topic_arn",), ("endpoint",)),
    "aws_lb_target_group_attachment": (("target_group_arn",), ("target_id",)),
}
"""Resources that connect two components: the attributes that refer to the source and to the target."""

ALSO_READ: Final = frozenset(
    {
        "aws_lb_listener",
        "aws_alb_listener",
        "aws_lb_listener_rule",
        "aws_lb_target_group",
        "aws_alb_target_group",
    }
    | {"aws_lambda_function_url", "aws_security_group", "aws_security_group_rule", "aws_ssm_parameter"}
    | {"aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule", "aws_ecs_task_definition"}
    | {"aws_iam_role", "aws_iam_policy", "aws_iam_role_policy", "aws_iam_role_policy_attachment"}
    | {"aws_iam_instance_profile", "aws_s3_bucket_public_access_block", "aws_s3_bucket_acl"}
    | {"aws_s3_bucket_server_side_encryption_configuration"}
)
"""Types of resources that are no components, and are read for what they say about components."""

WITHOUT_EXPOSURE: Final = ("random_", "null_", "time_", "terraform_data")
"""Beginnings of types that exist in the configuration only."""

HIDDEN: Final = frozenset(
    {"cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "from_port", "to_port", "protocol", "port"}
    | {"ip_protocol", "internal", "publicly_accessible", "authorization_type", "acl", "policy", "type"}
)
"""Attributes that decide about exposure and privileges, also within the rules of a security group."""


NETWORKS: Final = frozenset({"aws_vpc", "google_compute_network", "azurerm_virtual_network"})
INSIDE: Final = frozenset(
    {"aws_subnet", "aws_security_group", "aws_db_subnet_group", "aws_elasticache_subnet_group"}
    | {"aws_launch_template", "aws_vpc_endpoint", "google_compute_subnetwork", "azurerm_subnet"}
)
"""Types of resources that lie in a network, and through which components refer to it."""

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
        key = f"terraform:var.{variable.name}"
        item = self._builder.credential(key, variable.name, variable.place)
        item.answer("out_of_code", variable.place, yes=False)

    def _credential(self, one: TerraformResource) -> None:
        key, place = f"terraform:{one.address}", one.values.place("name")
        item = self._builder.credential(key, _shown_name(one), place, qualifier=one.address)
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
        builder.boundary(f"terraform:{address}", f"{name} network", network.place, items, qualifier=address)


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
