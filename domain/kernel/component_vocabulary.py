"""Vocabulary that reveals the kind of a component: product names and nouns as tools and people write them."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from domain.kernel.elements import ComponentKind
from domain.kernel.text_formatting import listed

STORE_PRODUCTS: Final = MappingProxyType(
    {
        "relational databases": listed(
            "rds, aurora, postgres, postgresql, mysql, mariadb, mssql, sqlite, sql server, cloud sql, "
            "azure sql, sql database, cockroach, db2, oracle db, spanner, alloydb"
        ),
        "document, key-value and graph databases": listed(
            "dynamo, dynamodb, cosmos, cosmosdb, mongo, mongodb, documentdb, docdb, firestore, "
            "datastore, couchbase, couchdb, cassandra, keyspaces, scylla, bigtable, hbase, neptune, "
            "neo4j, timestream, influx, qldb, simpledb, fauna, supabase"
        ),
        "warehouses and lakes": listed(
            "redshift, bigquery, big query, snowflake, synapse, clickhouse, teradata, vertica, data "
            "lake, datalake, lakehouse, delta lake, hdfs"
        ),
        "objects, files and disks": listed(
            "s3, blob, gcs, glacier, efs, ebs, fsx, nfs, nas, minio, azure files, cloud storage, "
            "sharepoint, artifactory, ecr"
        ),
        "caches": ("redis", "elasticache", "memcached", "memorystore", "memorydb", "valkey", "hazelcast"),
        "search indexes": ("elasticsearch", "opensearch", "solr"),
        "secrets": ("vault", "key vault", "secrets manager", "secret manager", "keystore", "parameter store"),
        "queues and logs that keep messages": listed(
            "sqs, kafka, msk, kinesis, rabbitmq, activemq, amazon mq, event hub, event hubs, service "
            "bus, pubsub, pub sub, pulsar, nats jetstream"
        ),
    }
)
"""Products that store data, by category; in lower case, words separated by a space."""

_NOUNS: Final[Mapping[ComponentKind, tuple[str, ...]]] = MappingProxyType(
    {
        ComponentKind.EXTERNAL_ENTITY: listed(
            "client, user, actor, external, browser, person, people, mobile, customer, human, visitor, "
            "third party"
        ),
        ComponentKind.DATA_STORE: listed(
            "database, data base, db, store, storage, bucket, queue, cache, file, disk, file system, "
            "filesystem, volume, archive, repository, warehouse, backup, table"
        ),
    }
)
_STORE_ENDS: Final = ("db", "sql", "store", "storage", "database")
"""Endings of a single word for a store: `timescaledb`, `nosql`, `filestore`."""

_PRODUCTS: Final = frozenset(word for words in STORE_PRODUCTS.values() for word in words)
_MAX_LENGTH: Final = 200
"""The number of characters examined: a name is no longer."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_GAP = re.compile(r"[^0-9a-z]+")


def is_store_name(text: str) -> bool:
    """Return whether a name contains a product that stores data, such as `Orders (DynamoDB)`."""
    return not _PRODUCTS.isdisjoint(_phrases(_words(text)))


def kind_of_type(text: str) -> ComponentKind | None:
    """Return the kind behind another tool's type name, such as `aws_s3_bucket`; None if unknown.

    The last word decides first: a database client is a client.
    """
    words = _words(text)
    if words and not _external().isdisjoint(_phrases(words[-1:])):
        return ComponentKind.EXTERNAL_ENTITY
    phrases = set(_phrases(words))
    stores = _PRODUCTS.union(_NOUNS[ComponentKind.DATA_STORE])
    if not stores.isdisjoint(phrases) or any(word.endswith(_STORE_ENDS) for word in words):
        return ComponentKind.DATA_STORE
    return None if _external().isdisjoint(phrases) else ComponentKind.EXTERNAL_ENTITY


def _external() -> frozenset[str]:
    return frozenset(_NOUNS[ComponentKind.EXTERNAL_ENTITY])


def _words(text: str) -> list[str]:
    """Split a text into lower-case words: `CosmosDbAccount` and `aws_s3-bucket` have three each."""
    return _GAP.sub(" ", _HUMP.sub(" ", text[:_MAX_LENGTH]).lower()).split()


def _phrases(words: list[str]) -> Iterable[str]:
    """Yield each word and each two adjacent ones, as written and in the singular."""
    for phrase in (*words, *map(" ".join, pairwise(words))):
        yield phrase
        yield phrase.removesuffix("s")
