"""Facts about data stores."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_store = facts_about(Kind.COMPONENT)

FACTS = (
    _store("keeps_logs", "Does it store logs?", "it stores logs"),
    _store.control(
        "append_only",
        "Is the log protected against changes by the users it records?",
        "users whose actions the log records cannot change it",
        "users whose actions the log records can change it",
        several="users whose actions the logs record can change them",
    ),
    _store.control(
        "log_without_secrets",
        "Are its logs free of secrets?",
        "its logs are free of secrets",
        "its logs contain secrets",
        several="their logs contain secrets",
    ),
    _store.control(
        "log_without_personal_data",
        "Are its logs free of personal data?",
        "its logs are free of personal data",
        "its logs contain personal data",
        several="their logs contain personal data",
    ),
    _store.control(
        "alerts_watched",
        "Does someone react to its security alerts in time?",
        "someone reacts to its security alerts in time",
        "no one reacts to its security alerts in time",
        several="no one reacts to their security alerts in time",
    ),
    _store.control(
        "encrypted_at_rest",
        "Is its data encrypted at rest?",
        "its data is encrypted at rest",
        several="their data is not encrypted at rest",
    ),
    _store(
        "multi_tenant",
        "Does it store data of several tenants (customer organizations)?",
        "it stores data of several tenants",
    ),
    _store.control(
        "tenant_checked",
        "Is every query limited to one tenant?",
        "every query is limited to one tenant",
        "queries are not limited to one tenant",
    ),
    _store("copied", "Are there backups or test copies of it?", "there are backups or test copies"),
    _store.control(
        "copies_protected",
        "Are copies protected to the same standard as the original?",
        "copies are protected to the same standard as the original",
        "copies are protected to a lower standard than the original",
        several="copies are protected to a lower standard than the originals",
    ),
    _store(
        "concurrent_writes",
        "Can a record in it be changed concurrently?",
        "records can be changed concurrently",
    ),
    _store.control(
        "conflicts_detected",
        "Are conflicting concurrent changes detected?",
        "conflicting concurrent changes are detected",
    ),
    _store.control(
        "tampering_detected",
        "Is tampering with the stored data detected?",
        "tampering with the stored data is detected",
    ),
    _store.control(
        "wiped_before_reuse",
        "Is its storage wiped when it is released (reuse, disposal)?",
        "its storage is wiped on release",
        several="their storage is not wiped on release",
    ),
    _store("object_store", "Is it an object store or a file share?", "it is an object store or a file share"),
    _store.control(
        "not_public",
        "Is public access to it blocked?",
        "public access to it is blocked",
        several="public access to them is not blocked",
    ),
    _store(
        "hands_out_links",
        "Does it issue download links (pre-signed URLs)?",
        "it issues download links",
    ),
    _store.control(
        "links_expire",
        "Do its download links expire within minutes?",
        "its download links expire within minutes",
        "its download links do not expire within minutes",
        several="their download links do not expire within minutes",
    ),
    _store("queues_messages", "Is it a message queue or topic?", "it is a message queue or topic"),
)
