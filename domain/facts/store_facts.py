"""Facts about data stores."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_store = facts_about(Kind.COMPONENT)

FACTS = (
    _store("keeps_logs", "Does it keep logs?", "it keeps logs"),
    _store(
        "append_only",
        "Are its entries safe from those whom they speak about?",
        "nobody whom an entry speaks about can change it",
    ),
    _store(
        "log_clean", "Is it free of passwords and personal data?", "it is free of passwords and personal data"
    ),
    _store(
        "encrypted_at_rest",
        "Is what it keeps unreadable to somebody who takes the disk?",
        "what it keeps is encrypted",
    ),
    _store(
        "many_customers",
        "Does it keep the data of several customers side by side?",
        "it keeps several customers' data side by side",
    ),
    _store(
        "customer_checked",
        "Does every query say whose data it may touch?",
        "every query says whose data it may touch",
    ),
    _store("copied", "Are there backups or test copies of it?", "there are backups or test copies"),
    _store(
        "copies_guarded",
        "Are the copies guarded as well as the original?",
        "copies are guarded as well as the original",
    ),
    _store(
        "written_at_once",
        "Can two change the same thing in it at once?",
        "two can change the same thing at once",
    ),
    _store(
        "conflicts_noticed",
        "Is it noticed when two change the same thing at once?",
        "it is noticed when two change the same thing at once",
    ),
)
