"""Resources of Terraform that are components, with their technologies in the catalog."""

from typing import Final

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
