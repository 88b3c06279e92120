"""Drafts from Terraform plans: resources become components, networks boundaries."""

from collections.abc import Sequence
from typing import Final

from bot.drafts.draft_builder import BuiltItem, DraftBuilder, clean_name
from bot.drafts.draft_connections import DraftConnections
from bot.drafts.environment_values import is_secret_name
from bot.drafts.lined_values import LinedMapping
from bot.drafts.terraform_plan import (
    TerraformExposures,
    TerraformPlan,
    TerraformResource,
    answer_roles,
    constants,
)
from bot.drafts.workloads import note_stored_data, values_by_word
from domain.built_in_catalog import BUILT_IN
from domain.drafts.draft import Certainty
from domain.kernel.elements import ComponentKind

TECHNOLOGY_OF_TYPE: Final = values_by_word(
    {
        "amazon_rds": "aws_db_instance aws_rds_cluster",
        "dynamodb": "aws_dynamodb_table",
        "document_database": "aws_docdb_cluster google_firestore_database",
        "graph_database": "aws_neptune_cluster",
        "data_warehouse": "aws_redshift_cluster",
        "redis": "aws_elasticache_cluster aws_elasticache_replication_group aws_memorydb_cluster "
        "google_redis_instance azurerm_redis_cache aws_elasticache_serverless_cache",
        "elasticsearch": "aws_opensearch_domain aws_elasticsearch_domain",
        "amazon_s3": "aws_s3_bucket",
        "file_share": "aws_efs_file_system aws_fsx_windows_file_system",
        "amazon_sqs": "aws_sqs_queue",
        "message_queue": "aws_sns_topic aws_mq_broker",
        "kinesis": "aws_kinesis_stream aws_kinesis_firehose_delivery_stream",
        "kafka": "aws_msk_cluster",
        "artifact_registry": "aws_ecr_repository azurerm_container_registry",
        "aws_lambda": "aws_lambda_function",
        "server_application": "aws_ecs_service aws_apprunner_service aws_batch_job_definition "
        "azurerm_linux_web_app azurerm_windows_web_app azurerm_container_app",
        "kubernetes": "aws_eks_cluster google_container_cluster azurerm_kubernetes_cluster",
        "amazon_ec2": "aws_instance aws_autoscaling_group",
        "aws_load_balancer": "aws_lb aws_alb aws_elb",
        "api_gateway": "aws_api_gateway_rest_api aws_apigatewayv2_api aws_appsync_graphql_api "
        "azurerm_api_management",
        "cloudfront": "aws_cloudfront_distribution",
        "aws_waf": "aws_wafv2_web_acl aws_waf_web_acl",
        "cognito": "aws_cognito_user_pool",
        "worker": "aws_sfn_state_machine",
        "data_pipeline": "aws_glue_job aws_dms_replication_task",
        "cloud_sql": "google_sql_database_instance google_alloydb_cluster",
        "google_cloud_storage": "google_storage_bucket",
        "bigquery": "google_bigquery_dataset",
        "cloud_run": "google_cloud_run_service google_cloud_run_v2_service",
        "serverless_function": "google_cloudfunctions_function google_cloudfunctions2_function",
        "google_pubsub": "google_pubsub_topic",
        "virtual_machine": "google_compute_instance azurerm_linux_virtual_machine "
        "azurerm_windows_virtual_machine",
        "azure_sql": "azurerm_mssql_database azurerm_sql_database",
        "postgresql": "azurerm_postgresql_flexible_server azurerm_postgresql_server",
        "mysql": "azurerm_mysql_flexible_server azurerm_mysql_server",
        "cosmos_db": "azurerm_cosmosdb_account",
        "azure_blob_storage": "azurerm_storage_account",
        "azure_service_bus": "azurerm_servicebus_namespace azurerm_eventhub_namespace",
        "azure_key_vault": "azurerm_key_vault",
        "azure_functions": "azurerm_linux_function_app azurerm_windows_function_app",
        "load_balancer": "azurerm_application_gateway azurerm_lb",
    }
)
"""The key in the catalog of each resource type that is a component."""

CREDENTIAL_TYPES: Final = frozenset(
    {"aws_secretsmanager_secret", "google_secret_manager_secret"}
    | {"azurerm_key_vault_secret", "vault_generic_secret"}
)
"""Types of resources that are credentials in a vault."""

ENCRYPTION: Final = values_by_word(
    {
        "storage_encrypted": "aws_db_instance aws_rds_cluster aws_docdb_cluster aws_neptune_cluster",
        "encrypted": "aws_redshift_cluster aws_efs_file_system",
        "at_rest_encryption_enabled": "aws_elasticache_replication_group",
    }
)
"""The attribute that says whether data of a resource is encrypted at rest."""

BACKUPS: Final = values_by_word(
    {"backup_retention_period": "aws_db_instance aws_rds_cluster aws_docdb_cluster"}
)
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

_BLOCKS: Final = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
"""The attributes of a bucket that all together keep it from being public."""

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
        self._connections = DraftConnections(builder, "terraform:", open_is_certain=False)

    def read(self) -> None:
        for one in self._plan.resources.values():
            if technology := TECHNOLOGY_OF_TYPE.get(one.type, ""):
                self._plan.items[one.address] = self._component(one, technology)
        self._answer_storage()
        answer_roles(self._plan)
        TerraformExposures(self._plan, self._builder).read()
        self._add_flows()
        add_networks(self._plan, self._builder)
        self._add_credentials()
        for one, item in self._plan.components():
            note_stored_data(self._builder, item, f"terraform:data/{one.address}")
        for one in self._plan.resources.values():
            if one.type not in _READ and not one.type.startswith(WITHOUT_EXPOSURE):
                self._builder.note(f"{clean_name(one.type)}: resources of this type were not read")
            for attribute in sorted(HIDDEN | {"ingress"}) if one.type in _READ else ():
                if one.hides(attribute, HIDDEN):
                    text = f"{one.address} has {attribute} that is known only after it is applied"
                    item = self._plan.items.get(one.address)
                    self._builder.leave_open(f"terraform:{one.address}", text, one.place, item)

    def _component(self, one: TerraformResource, technology: str) -> BuiltItem:
        entry = BUILT_IN.technology_of(technology)
        return self._builder.component(
            f"terraform:{one.address}",
            _shown_name(one),
            one.place,
            entry.kind if entry else ComponentKind.PROCESS,
            technology,
            qualifier=one.address,
            description=f"Terraform resource {one.address}",
        )

    def _answer_storage(self) -> None:
        for one, item in self._plan.components():
            attribute = ENCRYPTION.get(one.type, "")
            stated = one.values.get(attribute)
            if isinstance(stated, bool):
                item.answer("encrypted_at_rest", one.values.place(attribute), yes=stated)
            days = one.values.text(BACKUPS.get(one.type, ""))
            if days.isdecimal() and days != "0":  # without them there may be other copies
                place = one.values.place(BACKUPS[one.type])
                item.answer("copied", place, yes=True, certainty=Certainty.LIKELY)
            if one.type in ("aws_sqs_queue", "aws_sns_topic"):
                keys = [key for key in ("kms_master_key_id", "kms_key_arn") if one.values.text(key)]
                if one.type == "aws_sqs_queue" and one.values.get("sqs_managed_sse_enabled") is True:
                    keys.append("sqs_managed_sse_enabled")
                for key in keys:
                    item.answer("encrypted_at_rest", one.values.place(key), yes=True)
        for one in self._plan.of_type("aws_s3_bucket_server_side_encryption_configuration"):
            for item in self._behind(one, "bucket"):
                item.answer("encrypted_at_rest", one.values.place("rule"), yes=True)
        for one in self._plan.of_type("aws_s3_bucket_public_access_block"):
            stated = [one.values.is_true(name) for name in _BLOCKS]
            for item in self._behind(one, "bucket") if all(name in one.values for name in _BLOCKS) else ():
                sure = Certainty.CERTAIN if all(stated) else Certainty.LIKELY
                item.answer("not_public", one.values.place(_BLOCKS[0]), yes=all(stated), certainty=sure)
        for one in self._plan.of_type("aws_s3_bucket_acl", "aws_s3_bucket"):
            if one.values.text("acl").startswith("public-"):
                itself = self._plan.items.get(one.address)
                for item in [itself] if itself else self._behind(one, "bucket"):
                    item.answer("not_public", one.values.place("acl"), yes=False)

    def _behind(self, one: TerraformResource, *attributes: str) -> list[BuiltItem]:
        """Return the components to which attributes of a resource refer."""
        return [item for _, item in self._plan.referred(one, *attributes)]

    def _add_flows(self) -> None:
        for one, item in self._plan.components():
            for target in self._targets(one):
                self._flow(item, target)
        for kind, (sources, targets) in CONNECTORS.items():
            for one in self._plan.of_type(kind):
                for source in self._sources(one, sources):
                    for target in self._behind(one, *targets):
                        self._flow(source, target)
        for listener in self._plan.of_type("aws_lb_listener", "aws_alb_listener", "aws_lb_listener_rule"):
            balancers = self._balancers(listener)
            groups = {one.address for one in self._plan.references(listener) if "target_group" in one.type}
            for one, item in self._plan.components():
                if groups.intersection(used.address for used in self._plan.references(one)):
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
        parameters = self._plan.of_type("aws_ssm_parameter")
        secure = [parameter for parameter in parameters if parameter.values.text("type") == "SecureString"]
        for one in [*self._plan.of_type(*CREDENTIAL_TYPES), *secure]:
            key, place = f"terraform:{one.address}", one.values.place("name")
            item = self._builder.credential(key, _shown_name(one), place, qualifier=one.address)
            item.answer("vaulted", item.place, yes=True)
        for one, item in self._plan.components():
            self._connections.read(item, constants(one.expressions), _no_host, Certainty.LIKELY)
        self._connections.finish()
        for variable in self._plan.variable_defaults:
            if is_secret_name(variable.name):
                key = f"terraform:var.{variable.name}"
                item = self._builder.credential(key, variable.name, variable.place)
                item.answer("out_of_code", variable.place, yes=False)


def _no_host(host: str) -> None:
    """Return None: a plan describes no hosts."""


def _shown_name(one: TerraformResource) -> str:
    """Return the name that a resource has in the cloud, else the one in the configuration."""
    tag = one.values.mapping("tags").text("Name")
    named = next((text for key in _NAMES if (text := one.values.text(key))), tag)
    module = one.module.rpartition("module.")[2]
    if named or (module and one.name in ("this", "main", "default")):
        return named or module
    return f"{one.name} ({one.type.partition('_')[2].replace('_', ' ')})"


_NAMES: Final = (
    *("name", "function_name", "bucket", "identifier", "cluster_identifier", "replication_group_id"),
    "cluster_id",
)
_MAX_STEPS: Final = 4


def add_networks(plan: TerraformPlan, builder: DraftBuilder) -> None:
    """Add the networks in which at least two components lie, unless a component lies in several."""
    inside: dict[str, list[BuiltItem]] = {}
    for one, item in plan.components():
        networks = _networks_of(plan, one)
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
