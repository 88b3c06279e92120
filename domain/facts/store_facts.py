"""Facts about data stores."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_store = facts_about(Kind.COMPONENT)

FACTS = (
    _store("keeps_logs", "Does it store logs?", "it stores logs"),
    _store(
        "append_only",
        "Is the log protected against changes by those it records?",
        "those whom the log records cannot change it",
        "those whom the log records can change it",
    ),
    _store(
        "log_clean",
        "Are its logs free of secrets and personal data?",
        "its logs are free of secrets and personal data",
        "its logs contain secrets or personal data",
    ),
    _store(
        "encrypted_at_rest",
        "Is its data encrypted at rest?",
        "its data is encrypted at rest",
        "its data is not encrypted at rest",
    ),
    _store(
        "many_customers",
        "Does it store data of several tenants (customers)?",
        "it stores data of several tenants",
    ),
    _store(
        "customer_checked",
        "Is every query limited to one tenant?",
        "every query is limited to one tenant",
        "queries are not limited to one tenant",
    ),
    _store("copied", "Are there backups or test copies of it?", "there are backups or test copies"),
    _store(
        "copies_guarded",
        "Are copies protected as well as the original?",
        "copies are protected as well as the original",
        "copies are protected less than the original",
    ),
    _store(
        "written_at_once",
        "Can a record in it be changed concurrently?",
        "records can be changed concurrently",
    ),
    _store(
        "conflicts_noticed",
        "Are conflicting concurrent changes detected?",
        "conflicting concurrent changes are detected",
        "conflicting concurrent changes are not detected",
    ),
)
