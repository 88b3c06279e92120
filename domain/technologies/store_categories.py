"""The categories of data stores."""

from typing import Final

from domain.kernel.elements import ComponentKind
from domain.kernel.text_formatting import listed
from domain.technologies.technology import Category, asked, assumed

_STORE: Final = ComponentKind.DATA_STORE

STORE_CATEGORIES: Final = (
    Category(
        "relational_database",
        "Relational database",
        _STORE,
        names=listed("database, databases, db, sql, relational database, rdbms"),
        questions=asked(
            encrypted_at_rest="Is the database encrypted at rest?",
            tenant_checked="Is every query restricted to the rows of the requesting tenant?",
            conflicts_detected="Are concurrent updates of a row detected or serialized?",
            individual_account="Does every service have a database account of its own?",
            peers_restricted="Can only the hosts that need it connect to the database?",
        ),
    ),
    Category(
        "document_database",
        "Document or key-value database",
        _STORE,
        names=listed("nosql, document database, document store, key-value store"),
        questions=asked(
            encrypted_at_rest="Is the database encrypted at rest?",
            tenant_checked="Is every key or query restricted to the requesting tenant?",
            conflicts_detected="Do writes use conditions, so that concurrent changes are detected?",
        ),
    ),
    Category(
        "graph_database",
        "Graph database",
        _STORE,
        names=listed("graph database"),
        questions=asked(tenant_checked="Is every traversal limited to one tenant?"),
    ),
    Category(
        "vector_database",
        "Vector database",
        _STORE,
        names=listed("vector database, vector store, embedding store, embeddings"),
        questions=asked(tenant_checked="Is every similarity search restricted to the tenant's documents?"),
    ),
    Category(
        "data_warehouse",
        "Data warehouse or data lake",
        _STORE,
        names=listed("data warehouse, data lake, datalake, lakehouse"),
        short_names=listed("warehouse"),
        questions=asked(records_kept_unlinkable="Are records of a person in it unlinkable across purposes?"),
    ),
    Category(
        "search_index",
        "Search index",
        _STORE,
        names=listed("search index, search engine, search cluster"),
        questions=asked(
            authorization_checked="Are search results filtered by the rights of the person who searches?"
        ),
    ),
    Category(
        "object_store",
        "Object store",
        _STORE,
        protocol="HTTPS",
        names=listed("bucket, buckets, object store, object storage, blob store, blob storage"),
        questions=asked(
            encrypted_at_rest="Are the objects encrypted at rest?",
            not_public="Is anonymous access to the bucket blocked?",
            links_expire="Do pre-signed URLs expire within minutes?",
            copies_protected="Are copies of the bucket protected to the same standard?",
        ),
    ),
    Category(
        "file_share",
        "File share or disk",
        _STORE,
        names=listed("file share, file server, file system, filesystem, network drive"),
        questions=asked(peers_restricted="Can only the hosts that need it mount the share?"),
    ),
    Category(
        "cache",
        "In-memory cache",
        _STORE,
        names=listed("cache, session store"),
        questions=asked(
            encrypted_at_rest="Is what the cache writes to disk encrypted?",
            caller_authenticated="Does the cache require authentication?",
            peers_restricted="Can it be reached only from the application's network?",
        ),
    ),
    Category(
        "message_queue",
        "Message queue",
        _STORE,
        names=listed(
            "queue, queues, message queue, message broker, message bus, dead letter queue, mqtt "
            "broker, mosquitto, emqx, hivemq"
        ),
        short_names=listed("broker, mqtt, nats"),
        questions=asked(
            encrypted_at_rest="Are messages encrypted while they wait in the queue?",
            authorization_checked="Is checked who may publish to it?",
            poison_messages_set_aside="Are messages that cannot be processed set aside?",
        ),
    ),
    Category(
        "event_stream",
        "Event stream",
        _STORE,
        names=listed("event stream, event log, event bus, apache pulsar"),
        questions=asked(
            encrypted_at_rest="Are the stream's segments encrypted at rest?",
            authorization_checked="Is checked which topics each consumer may read?",
        ),
    ),
    Category(
        key="secret_store",
        name="Secret store",
        kind=_STORE,
        protocol="HTTPS",
        names=listed("secret store, secrets store, secrets vault, key management, password manager"),
        # The product as a rule; but no assumption about HashiCorp Vault follows from this word alone.
        whole_names=listed("vault, vault cluster, vault server"),
        questions=asked(
            authorization_checked="Can each reader read only the secrets that it needs?",
            logged="Is every read of a secret logged?",
        ),
    ),
    Category(
        "log_store",
        "Log store",
        _STORE,
        names=listed("log store, log storage, logs, audit log store, siem"),
        questions=asked(
            keeps_logs="Are log entries kept here?",
            append_only="Are entries protected from change by those whose actions they record?",
            log_without_secrets="Are secrets kept out of the logs?",
            log_without_personal_data="Is personal data kept out of the logs?",
        ),
        assumptions=assumed(
            "keeps_logs",
            "A log store keeps logs",
            since="by definition",
            source="https://csrc.nist.gov/pubs/sp/800/92/final",
        ),
    ),
    Category(
        "backup_store",
        "Backup store",
        _STORE,
        names=listed("backup store, backup storage, backups, backup"),
        questions=asked(
            immutable_or_offline="Is a copy safe from deletion with the credentials of production?",
            restore_tested="Has a restore from here been tested?",
        ),
    ),
    Category(
        "code_repository",
        "Source code repository",
        _STORE,
        protocol="HTTPS",
        names=listed("code repository, source code, git repository"),
        short_names=listed("repo, repository"),
        questions=asked(changes_reviewed="Does every change to the main branch need a review?"),
    ),
    Category(
        "artifact_registry",
        "Artifact or image registry",
        _STORE,
        protocol="HTTPS",
        names=listed(
            "container registry, image registry, artifact registry, package registry, artifact "
            "store, artifact repository, package repository, package mirror, model registry, "
            "model repository, plugin registry, image store"
        ),
        short_names=listed("registry"),
        questions=asked(tampering_detected="Is a published version protected from being overwritten?"),
    ),
    Category(
        "client_storage",
        "Storage of a browser, an extension or an app",
        _STORE,
        names=listed(
            "extension storage, chrome.storage, browser storage, browser.storage, localstorage, "
            "extension local storage, chrome.storage.local, browser.storage.local, session "
            "storage, sessionstorage, indexeddb, indexed db, app storage"
        ),
        questions=asked(client_storage_protected="Is it out of reach of scripts in pages?"),
    ),
)
