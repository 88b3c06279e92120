"""Rules that a category excludes, because their subject cannot exist there; each pair was reviewed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NO_BROWSER: Final = "no browser sends it requests with a cookie; it speaks a protocol of its own"
_NO_LOGIN_PAGE: Final = "it has no sign-in pages, and so no recovery of forgotten passwords"
_NO_MODEL: Final = "it stores what it is given and decides nothing"
_NO_PROGRAM: Final = "it runs no templates and no shell on what it is given"

_ROWS: Final = (
    # Cross-site request forgery
    ("relational_database", "S07", _NO_BROWSER),
    ("cache", "S07", _NO_BROWSER),
    ("message_queue", "S07", _NO_BROWSER),
    ("event_stream", "S07", _NO_BROWSER),
    ("file_share", "S07", _NO_BROWSER),
    ("mail_server", "S07", _NO_BROWSER),
    ("dns_service", "S07", _NO_BROWSER),
    # Weak account recovery
    ("relational_database", "S09", _NO_LOGIN_PAGE),
    ("document_database", "S09", _NO_LOGIN_PAGE),
    ("cache", "S09", _NO_LOGIN_PAGE),
    ("message_queue", "S09", _NO_LOGIN_PAGE),
    ("event_stream", "S09", _NO_LOGIN_PAGE),
    ("object_store", "S09", _NO_LOGIN_PAGE),
    ("file_share", "S09", _NO_LOGIN_PAGE),
    ("dns_service", "S09", _NO_LOGIN_PAGE),
    # Command or template injection
    ("object_store", "T06", _NO_PROGRAM),
    ("message_queue", "T06", _NO_PROGRAM),
    ("event_stream", "T06", _NO_PROGRAM),
    ("dns_service", "T06", _NO_PROGRAM),
    # Prompt injection with excessive agency
    ("cache", "E10", _NO_MODEL),
    ("message_queue", "E10", _NO_MODEL),
    ("event_stream", "E10", _NO_MODEL),
    ("object_store", "E10", _NO_MODEL),
    ("file_share", "E10", _NO_MODEL),
    ("secret_store", "E10", _NO_MODEL),
    ("backup_store", "E10", _NO_MODEL),
    ("artifact_registry", "E10", _NO_MODEL),
    ("dns_service", "E10", "it answers from its records and decides nothing"),
    ("load_balancer", "E10", "it passes on requests by fixed rules"),
)

EXCLUDED_RULES: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {(category, rule): reason for category, rule, reason in _ROWS}
)
"""By category and rule, why the subject cannot exist. A finding by stated answers is never excluded."""
