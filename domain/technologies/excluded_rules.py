"""Rules that a category excludes, because their subject cannot exist there; each pair was reviewed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NO_BROWSER: Final = "browsers send it no requests with cookies: it has its own protocol"
_NO_LOGIN_PAGE: Final = "it has no sign-in pages and no account recovery"
_NO_MODEL: Final = "it stores data and makes no decisions"
_NO_PROGRAM: Final = "it runs no templates or shells on its input"

_NO_PAGES: Final = "it shows no pages in which a signed-in user could be made to click"
_NO_REDIRECT: Final = "it does not use redirect-based sign-in"
_NO_FILES: Final = "it opens no files by names that callers choose"
_NO_STEPS: Final = "it runs no business process with steps; its callers do"
_BOUGHT: Final = "it is operated as a product or a service, and not built by the team"
_NO_USER_DEVICE: Final = "it is operated by an organization, and is no device that a user can lose"
_ONLY_TRANSPORT: Final = "it encrypts connections and no data: the encryption in transit is a rule of its own"
_IN_A_BROWSER: Final = "the browser of each user runs it: no host, port or account is there for it alone"
_AT_EACH_USER: Final = "it runs at each user, and a fault there stops no one else"
_NO_SEARCH: Final = "it passes on or keeps messages and runs no searches over them"

_ROWS: Final = (
    # Cross-site request forgery
    ("relational_database", "S07", _NO_BROWSER),
    ("cache", "S07", _NO_BROWSER),
    ("message_queue", "S07", _NO_BROWSER),
    ("event_stream", "S07", _NO_BROWSER),
    ("file_share", "S07", _NO_BROWSER),
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
    # Permissive cross-origin policy
    ("relational_database", "I21", _NO_BROWSER),
    ("cache", "I21", _NO_BROWSER),
    ("message_queue", "I21", _NO_BROWSER),
    ("event_stream", "I21", _NO_BROWSER),
    ("file_share", "I21", _NO_BROWSER),
    ("dns_service", "I21", _NO_BROWSER),
    # Weak cryptographic algorithm, inadequate key management
    ("load_balancer", "I19", _ONLY_TRANSPORT),
    ("cdn", "I19", _ONLY_TRANSPORT),
    ("load_balancer", "I20", _ONLY_TRANSPORT),
    ("cdn", "I20", _ONLY_TRANSPORT),
    # Command or template injection
    ("object_store", "T06", _NO_PROGRAM),
    ("message_queue", "T06", _NO_PROGRAM),
    ("event_stream", "T06", _NO_PROGRAM),
    ("dns_service", "T06", _NO_PROGRAM),
    # Clickjacking
    ("relational_database", "S14", _NO_PAGES),
    ("document_database", "S14", _NO_PAGES),
    ("cache", "S14", _NO_PAGES),
    ("message_queue", "S14", _NO_PAGES),
    ("event_stream", "S14", _NO_PAGES),
    ("object_store", "S14", _NO_PAGES),
    ("file_share", "S14", _NO_PAGES),
    ("dns_service", "S14", _NO_PAGES),
    # Redirect URI not validated
    ("relational_database", "S16", _NO_REDIRECT),
    ("document_database", "S16", _NO_REDIRECT),
    ("cache", "S16", _NO_REDIRECT),
    ("message_queue", "S16", _NO_REDIRECT),
    ("event_stream", "S16", _NO_REDIRECT),
    ("object_store", "S16", _NO_REDIRECT),
    ("file_share", "S16", _NO_REDIRECT),
    ("dns_service", "S16", _NO_REDIRECT),
    # Unprotected user device
    ("partner_system", "S13", _NO_USER_DEVICE),
    ("payment_service", "S13", _NO_USER_DEVICE),
    ("email_service", "S13", _NO_USER_DEVICE),
    ("messaging_service", "S13", _NO_USER_DEVICE),
    ("observability_service", "S13", _NO_USER_DEVICE),
    ("analytics_service", "S13", _NO_USER_DEVICE),
    ("language_model_api", "S13", _NO_USER_DEVICE),
    ("code_hosting", "S13", _NO_USER_DEVICE),
    ("crm", "S13", _NO_USER_DEVICE),
    ("data_service", "S13", _NO_USER_DEVICE),
    ("health_record_system", "S13", _NO_USER_DEVICE),
    ("identity_provider", "S13", _NO_USER_DEVICE),
    # Path traversal
    ("relational_database", "T14", _NO_FILES),
    ("document_database", "T14", _NO_FILES),
    ("cache", "T14", _NO_FILES),
    ("message_queue", "T14", _NO_FILES),
    ("event_stream", "T14", _NO_FILES),
    ("dns_service", "T14", _NO_FILES),
    ("load_balancer", "T14", _NO_FILES),
    # LDAP or search injection
    ("cache", "T15", _NO_SEARCH),
    ("message_queue", "T15", _NO_SEARCH),
    ("event_stream", "T15", _NO_SEARCH),
    ("object_store", "T15", _NO_SEARCH),
    ("file_share", "T15", _NO_SEARCH),
    ("dns_service", "T15", _NO_SEARCH),
    ("load_balancer", "T15", _NO_SEARCH),
    # Business process steps skipped or repeated
    ("relational_database", "T16", _NO_STEPS),
    ("document_database", "T16", _NO_STEPS),
    ("cache", "T16", _NO_STEPS),
    ("message_queue", "T16", _NO_STEPS),
    ("event_stream", "T16", _NO_STEPS),
    ("object_store", "T16", _NO_STEPS),
    ("file_share", "T16", _NO_STEPS),
    ("dns_service", "T16", _NO_STEPS),
    ("load_balancer", "T16", _NO_STEPS),
    ("cdn", "T16", _NO_STEPS),
    # Unreviewed or tampered build
    ("cdn", "T21", _BOUGHT),
    ("load_balancer", "T21", _BOUGHT),
    ("api_gateway", "T21", _BOUGHT),
    ("web_application_firewall", "T21", _BOUGHT),
    ("vpn_gateway", "T21", _BOUGHT),
    ("file_transfer", "T21", _BOUGHT),
    ("identity_provider", "T21", _BOUGHT),
    ("mail_server", "T21", _BOUGHT),
    ("dns_service", "T21", _BOUGHT),
    # Shared runtime, insecure defaults
    ("browser_extension", "E06", _IN_A_BROWSER),
    ("content_script", "E06", _IN_A_BROWSER),
    ("embedded_frame", "E06", _IN_A_BROWSER),
    ("browser_extension", "E08", _IN_A_BROWSER),
    ("content_script", "E08", _IN_A_BROWSER),
    ("embedded_frame", "E08", _IN_A_BROWSER),
    ("client_storage", "E08", _IN_A_BROWSER),
    # Single point of failure
    ("browser_extension", "D12", _AT_EACH_USER),
    ("content_script", "D12", _AT_EACH_USER),
    ("embedded_frame", "D12", _AT_EACH_USER),
    ("local_helper", "D12", _AT_EACH_USER),
    # Prompt injection with excessive agency
    ("cache", "E10", _NO_MODEL),
    ("message_queue", "E10", _NO_MODEL),
    ("event_stream", "E10", _NO_MODEL),
    ("object_store", "E10", _NO_MODEL),
    ("file_share", "E10", _NO_MODEL),
    ("secret_store", "E10", _NO_MODEL),
    ("backup_store", "E10", _NO_MODEL),
    ("artifact_registry", "E10", _NO_MODEL),
    ("dns_service", "E10", "it answers from its records and makes no decisions"),
    ("load_balancer", "E10", "it passes on requests by fixed rules"),
    # Adversarial input to a machine-learning model
    ("cache", "T18", _NO_MODEL),
    ("message_queue", "T18", _NO_MODEL),
    ("event_stream", "T18", _NO_MODEL),
    ("object_store", "T18", _NO_MODEL),
    ("file_share", "T18", _NO_MODEL),
    ("secret_store", "T18", _NO_MODEL),
    ("backup_store", "T18", _NO_MODEL),
    ("artifact_registry", "T18", _NO_MODEL),
    ("dns_service", "T18", _NO_MODEL),
    ("load_balancer", "T18", _NO_MODEL),
    # Unsafe use of model output
    ("cache", "T19", _NO_MODEL),
    ("message_queue", "T19", _NO_MODEL),
    ("event_stream", "T19", _NO_MODEL),
    ("object_store", "T19", _NO_MODEL),
    ("file_share", "T19", _NO_MODEL),
    ("secret_store", "T19", _NO_MODEL),
    ("backup_store", "T19", _NO_MODEL),
    ("artifact_registry", "T19", _NO_MODEL),
    ("dns_service", "T19", _NO_MODEL),
    ("load_balancer", "T19", _NO_MODEL),
)

EXCLUDED_RULES: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {(category, rule): reason for category, rule, reason in _ROWS}
)
"""By category and rule, why the subject cannot exist. A finding by stated answers is never excluded."""
