"""Technologies that store data or messages."""

from typing import Final

from domain.kernel.elements import ComponentKind
from domain.kernel.text_formatting import listed
from domain.technologies.technology import Technology, asked, assumed, of_category

_STORE: Final = ComponentKind.DATA_STORE
_AWS: Final = "https://docs.aws.amazon.com/"
_AZURE: Final = "https://learn.microsoft.com/en-us/azure/"
_GOOGLE: Final = "https://cloud.google.com/"
_GOOGLE_ENCRYPTS: Final = f"{_GOOGLE}docs/security/encryption/default-encryption"

STORE_TECHNOLOGIES: Final = (
    *of_category(
        "relational_database",
        _STORE,
        Technology(
            "postgresql",
            "PostgreSQL",
            protocol="PostgreSQL protocol",
            aliases=listed("postgresql, postgres, pgsql, postgis, timescaledb, neon, supabase"),
            questions=asked(peer_verified="Do clients connect with sslmode=verify-full (not the default)?"),
        ),
        Technology(
            "mysql",
            "MySQL or MariaDB",
            protocol="MySQL protocol",
            aliases=listed("mysql, mariadb, planetscale"),
            questions=asked(peer_verified="Do clients verify the server (VERIFY_IDENTITY)?"),
        ),
        Technology(
            "sql_server", "Microsoft SQL Server", protocol="TDS", aliases=listed("sql server, mssql, ms sql")
        ),
        Technology(
            "oracle_database", "Oracle Database", aliases=listed("oracle database, oracle db, oracle")
        ),
        Technology(
            "sqlite",
            "SQLite",
            aliases=listed("sqlite"),
            questions=asked(encrypted_at_rest="Is the database file encrypted?"),
        ),
        Technology(
            "amazon_rds",
            "Amazon RDS or Aurora",
            aliases=listed("amazon rds, rds, aurora"),
            questions=asked(encrypted_at_rest="Was encryption enabled when the instance was created?"),
            assumptions=assumed(
                "copied",
                "Amazon RDS makes automated backups by default",
                since="unless the retention period is set to 0",
                source=f"{_AWS}AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html",
            ),
            managed=True,
        ),
        Technology(
            "cloud_sql",
            "Google Cloud SQL",
            aliases=listed("cloud sql"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Cloud SQL encrypts data at rest by default",
                since="always on",
                source=_GOOGLE_ENCRYPTS,
            ),
            managed=True,
        ),
        Technology(
            "azure_sql",
            "Azure SQL Database",
            protocol="TDS",
            aliases=listed("azure sql, azure sql database"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Azure SQL Database encrypts new databases and their backups at rest by default",
                since="older databases must be encrypted explicitly",
                source=f"{_AZURE}azure-sql/database/transparent-data-encryption-tde-overview",
            ),
            managed=True,
        ),
    ),
    *of_category(
        "document_database",
        _STORE,
        Technology(
            "mongodb",
            "MongoDB",
            protocol="MongoDB protocol",
            aliases=listed("mongodb, mongo, documentdb"),
            questions=asked(
                caller_authenticated="Is access control enabled (off by default if self-managed)?"
            ),
        ),
        Technology(
            "mongodb_atlas",
            "MongoDB Atlas",
            protocol="MongoDB protocol",
            aliases=listed("mongodb atlas, mongo atlas, atlas"),
            assumptions=assumed(
                "encrypted_at_rest",
                "MongoDB Atlas encrypts all stored data by default",
                since="always on",
                source="https://www.mongodb.com/docs/v6.0/security/",
            ),
            managed=True,
        ),
        Technology(
            "dynamodb",
            "Amazon DynamoDB",
            protocol="HTTPS",
            aliases=listed("amazon dynamodb, dynamodb, dynamo"),
            questions=asked(
                authorization_checked="Are roles restricted to the tables and keys of the application?"
            ),
            assumptions=assumed(
                "encrypted_at_rest",
                "Amazon DynamoDB encrypts all user data at rest, which cannot be disabled",
                since="since November 2018",
                source=f"{_AWS}amazondynamodb/latest/developerguide/EncryptionAtRest.html",
            ),
            managed=True,
        ),
        Technology(
            "cosmos_db",
            "Azure Cosmos DB",
            protocol="HTTPS",
            aliases=listed("azure cosmos db, cosmos db, cosmosdb, cosmos"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Azure Cosmos DB encrypts databases and backups at rest by default",
                since="always on",
                source=f"{_AZURE}cosmos-db/database-encryption-at-rest",
            ),
            managed=True,
        ),
        Technology(
            "firestore",
            "Firestore",
            protocol="HTTPS",
            aliases=listed("firestore, firebase database"),
            questions=asked(
                authorization_checked="Do the security rules deny what is not allowed to each client?"
            ),
            assumptions=assumed(
                "encrypted_at_rest",
                "Firestore encrypts customer content at rest, as all storage of Google Cloud",
                since="always on",
                source=_GOOGLE_ENCRYPTS,
            ),
            managed=True,
        ),
        Technology("cassandra", "Apache Cassandra", aliases=listed("cassandra, scylladb, scylla")),
    ),
    *of_category("graph_database", _STORE, Technology("neo4j", "Neo4j", aliases=listed("neo4j"))),
    *of_category(
        "vector_database",
        _STORE,
        Technology(
            "pinecone",
            "Pinecone or pgvector",
            aliases=listed("pinecone, pgvector, weaviate, qdrant"),
            managed=True,
        ),
    ),
    *of_category(
        "cache",
        _STORE,
        Technology(
            "redis",
            "Redis or Valkey",
            protocol="Redis protocol",
            aliases=listed("redis, valkey, elasticache, memorystore"),
            general=True,
            questions=asked(caller_authenticated="Does it require a password (none by default)?"),
        ),
        Technology(
            "memcached",
            "Memcached",
            aliases=listed("memcached"),
            questions=asked(
                peers_restricted="Is it unreachable from outside (it has no authentication by default)?"
            ),
        ),
    ),
    *of_category(
        "search_index",
        _STORE,
        Technology(
            "elasticsearch",
            "Elasticsearch or OpenSearch",
            protocol="HTTPS",
            aliases=listed("elasticsearch, opensearch, elastic, solr"),
            questions=asked(
                caller_authenticated="Is authentication enabled (off by default before version 8)?"
            ),
        ),
    ),
    *of_category(
        "object_store",
        _STORE,
        Technology(
            "amazon_s3",
            "Amazon S3",
            protocol="HTTPS",
            aliases=listed("amazon s3, s3, s3 bucket"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Amazon S3 encrypts new objects at rest by default",
                since="since January 2023",
                source=f"{_AWS}AmazonS3/latest/userguide/default-encryption-faq.html",
            ),
            managed=True,
        ),
        Technology(
            "google_cloud_storage",
            "Google Cloud Storage",
            protocol="HTTPS",
            aliases=listed("google cloud storage, gcs, cloud storage"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Google Cloud Storage encrypts data on the server before it is written to disk",
                since="since August 2013",
                source=f"{_GOOGLE}storage/docs/encryption",
            ),
            managed=True,
        ),
        Technology(
            "azure_blob_storage",
            "Azure Blob Storage",
            protocol="HTTPS",
            aliases=listed("azure blob storage, azure blob, azure storage"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Azure Storage encrypts all data at rest, which cannot be disabled",
                since="since 2017",
                source=f"{_AZURE}storage/common/storage-service-encryption",
            ),
            managed=True,
        ),
        Technology("minio", "MinIO", protocol="HTTPS", aliases=listed("minio")),
    ),
    *of_category(
        "data_warehouse",
        _STORE,
        Technology(
            "snowflake",
            "Snowflake",
            protocol="HTTPS",
            aliases=listed("snowflake"),
            questions=asked(second_factor="Do all users sign in with a second factor?"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Snowflake encrypts all table data by default",
                since="always on",
                source="https://docs.snowflake.com/en/user-guide/security-encryption-end-to-end",
            ),
            managed=True,
        ),
        Technology(
            "bigquery",
            "Google BigQuery",
            protocol="HTTPS",
            aliases=listed("google bigquery, bigquery, big query"),
            assumptions=assumed(
                "encrypted_at_rest",
                "BigQuery encrypts customer content at rest by default",
                since="always on",
                source=f"{_GOOGLE}bigquery/docs/encryption-at-rest",
            ),
            managed=True,
        ),
    ),
    *of_category(
        "event_stream",
        _STORE,
        Technology(
            "kafka",
            "Apache Kafka",
            protocol="Kafka protocol",
            aliases=listed("apache kafka, kafka, redpanda, amazon msk"),
            questions=asked(
                authorization_checked="Are ACLs enabled (none by default)?",
                caller_authenticated="Is authentication enabled (off by default)?",
                encrypted="Is TLS enabled (off by default)?",
            ),
        ),
        Technology(
            "kinesis",
            "Amazon Kinesis",
            protocol="HTTPS",
            aliases=listed("amazon kinesis, kinesis"),
            managed=True,
        ),
    ),
    *of_category(
        "message_queue",
        _STORE,
        Technology("rabbitmq", "RabbitMQ", protocol="AMQP", aliases=listed("rabbitmq, activemq")),
        Technology(
            "amazon_sqs",
            "Amazon SQS",
            protocol="HTTPS",
            aliases=listed("amazon sqs, sqs"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Amazon SQS encrypts messages in new queues by default",
                since="for queues created over TLS since October 2022",
                source="https://aws.amazon.com/blogs/compute/announcing-server-side-encryption-with-amazon-simple-"
                "queue-service-managed-encryption-keys-sse-sqs-by-default/",
            ),
            managed=True,
        ),
        Technology(
            "google_pubsub",
            "Google Cloud Pub/Sub",
            protocol="gRPC",
            aliases=listed("pubsub, pub/sub, pub sub"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Pub/Sub encrypts messages at rest by default",
                since="always on",
                source=_GOOGLE_ENCRYPTS,
            ),
            managed=True,
        ),
        Technology(
            "azure_service_bus",
            "Azure Service Bus or Event Hubs",
            protocol="AMQPS",
            aliases=listed("azure service bus, service bus, event hub, event hubs"),
            managed=True,
        ),
    ),
    *of_category(
        "secret_store",
        _STORE,
        Technology(
            "hashicorp_vault",
            "HashiCorp Vault",
            protocol="HTTPS",
            aliases=listed("hashicorp vault, vault hashicorp, hcp vault, openbao"),
            short_names=listed("vault"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Vault encrypts all data before it is written to its storage",
                since="always on",
                source="https://developer.hashicorp.com/vault/docs/internals/security",
            ),
        ),
        Technology(
            "aws_secrets_manager",
            "AWS Secrets Manager",
            protocol="HTTPS",
            aliases=listed("aws secrets manager, secrets manager"),
            assumptions=assumed(
                "encrypted_at_rest",
                "AWS Secrets Manager encrypts each secret with a key of AWS KMS",
                since="always on",
                source=f"{_AWS}secretsmanager/latest/userguide/security-encryption.html",
            ),
            managed=True,
        ),
        Technology(
            "azure_key_vault",
            "Azure Key Vault",
            protocol="HTTPS",
            aliases=listed("azure key vault, key vault"),
            assumptions=assumed(
                "encrypted_at_rest",
                "Azure Key Vault stores all secrets encrypted",
                since="always on",
                source=f"{_AZURE}key-vault/secrets/about-secrets",
            ),
            managed=True,
        ),
    ),
    *of_category(
        "log_store",
        _STORE,
        Technology(
            "cloudwatch_logs",
            "Amazon CloudWatch Logs",
            protocol="HTTPS",
            aliases=listed("amazon cloudwatch, cloudwatch logs, cloudwatch"),
            assumptions=assumed(
                "encrypted_at_rest",
                "CloudWatch Logs always encrypts log groups at rest",
                since="always on",
                source=f"{_AWS}AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
            ),
            managed=True,
        ),
        Technology(
            "splunk", "Splunk or Loki", protocol="HTTPS", aliases=listed("splunk, loki, graylog, logstash")
        ),
    ),
)
