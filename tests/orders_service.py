"""Orders service: the example of the guide “A real system in an hour”, and the answers of its team."""

from typing import Final

from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind

NAME: Final = "Orders service"
TRUST_LEVELS: Final = ("Anonymous", "Customers", "Partners", "Support staff", "Orders team")

LINES: Final = """\
Web shop [React] <-> Orders API [Python, in VPC]: orders, session tokens | orders (HTTPS) via Public API
Support console [React] -> Orders API: refunds (HTTPS) via Admin API
Orders API <-> Orders db [PostgreSQL, in VPC]: orders, customer records | orders (TLS)
Orders API -> Order events [Amazon SQS]: orders (HTTPS)
Order events -> Shipping worker [Python, in VPC]: orders
Shipping worker -> Invoices [Amazon S3]: invoices (HTTPS)
Shipping worker -> Carrier API: customer records (HTTPS)
Stripe -> Orders API: payment results (HTTPS) via Payment webhook
Orders API -> Stripe: payment requests (HTTPS)
Auth0 -> Orders API: session tokens (HTTPS)
GitHub Actions -> Orders API: releases, deploy key (SSH)
"""

_ENTITY, _PROCESS, _STORE = ComponentKind
PLACES: Final = {
    "Web shop": (_PROCESS, "Customers"),
    "Orders API": (_PROCESS, "Orders team"),
    "Support console": (_PROCESS, "Support staff"),
    "Orders db": (_STORE, "Orders team"),
    "Order events": (_STORE, "Orders team"),
    "Shipping worker": (_PROCESS, "Orders team"),
    "Invoices": (_STORE, "Orders team"),
    "Carrier API": (_ENTITY, "Partners"),
    "Stripe": (_ENTITY, "Partners"),
    "Auth0": (_ENTITY, "Partners"),
    "GitHub Actions": (_PROCESS, "Orders team"),
}
"""Kind and trust level of each component."""

SCREENED_IN: Final = frozenset({"commitments", "webhooks"})
"""The rare features that the service has."""


def answer_of(fact: str, element: str) -> Answer:
    """Return the team's answer about a fact of an element, given by name."""
    if fact in _TRUE_OF:
        return Answer.YES if element in _TRUE_OF[fact] else Answer.NO
    return Answer.NO if element in _MISSING.get(fact, ()) else Answer.YES


_PUBLIC, _ADMIN, _WEBHOOK = "Public API", "Admin API", "Payment webhook"
_SHOP = "Web shop ↔ Orders API: orders, session tokens | orders"
_SUPPORT = "Support console → Orders API: refunds"
_PAID, _CHARGE = "Stripe → Orders API: payment results", "Orders API → Stripe: payment requests"
_RELEASE = "GitHub Actions → Orders API: releases, deploy key"
_CARRIER = "Shipping worker → Carrier API: customer records"
_QUEUED, _SHIPPED = "Orders API → Order events: orders", "Order events → Shipping worker: orders"

_TRUE_OF: Final[dict[str, tuple[str, ...]]] = {
    # assets
    "confidential": ("session tokens", "customer records", "deploy key"),
    "integrity_critical": (
        "orders",
        "refunds",
        "payment results",
        "payment requests",
        "releases",
        "deploy key",
    ),
    "availability_critical": ("orders",),
    "personal": ("customer records", "invoices", "orders"),
    "credential": ("session tokens", "deploy key"),
    # entry points
    "public": (_PUBLIC, _WEBHOOK),
    "administers": (_ADMIN,),
    "logs_in": (),
    "keeps_session": (_PUBLIC, _ADMIN),
    "expensive": (_PUBLIC,),
    "deniable": (_PUBLIC, _ADMIN),
    "takes_input": (_PUBLIC, _ADMIN, _WEBHOOK),
    "names_objects": (_PUBLIC, _ADMIN),
    "binds_input": (_PUBLIC,),
    "shown_in_pages": (_PUBLIC,),
    "reaches_query": (_PUBLIC, _ADMIN),
    "reaches_search": (),
    "names_files": (),
    "input_logged": (_PUBLIC,),
    "has_steps": (_PUBLIC,),
    "caller_sends_values": (),
    "accepts_tokens": (_PUBLIC, _ADMIN),
    # components
    "shares_runtime": (),
    "keeps_logs": (),
    "copied": ("Orders db",),
    "concurrent_writes": ("Orders db",),
    # flows
    "commands": (_SHOP, _SUPPORT, _PAID, _CHARGE, _QUEUED, _SHIPPED, _RELEASE),
    "binding": (_CHARGE, _PAID),
    "claims_identity": (_SHOP, _SUPPORT),
}
"""Properties, each with the elements that have it."""

_MISSING: Final[dict[str, tuple[str, ...]]] = {
    "caller_authenticated": (_WEBHOOK,),
    "owner_checked": (_PUBLIC,),
    "rate_limited": (_PUBLIC, _WEBHOOK),
    "log_escaped": (_PUBLIC,),
    "step_order_enforced": (_PUBLIC,),
    "least_privilege": ("Orders API", "GitHub Actions"),
    "patched_in_time": ("Shipping worker",),
    "build_logs_without_secrets": ("GitHub Actions",),
    "changes_reviewed": ("GitHub Actions",),
    "poison_messages_set_aside": (_SHIPPED,),
    "content_validated": (_SHIPPED,),
    "timeout_set": (_CARRIER,),
    "replays_ineffective": (_PAID,),
    "restore_tested": ("orders",),
    "retention_limited": ("customer records",),
    "lifetime_limited": ("deploy key",),
    "individual_credential": ("deploy key",),
    "copies_protected": ("Orders db",),
    "tampering_detected": ("Orders db",),
}
"""Controls, each with the elements that lack it; the others have it."""
