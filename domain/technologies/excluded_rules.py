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
_OF_ITS_USER: Final = "its user may change it, and what is read from it is input"
_NO_SEARCH: Final = "it passes on or keeps messages and runs no searches over them"

_DATA_SERVICES: Final = (
    "relational_database document_database cache message_queue event_stream object_store file_share "
    "dns_service"
)
_STORES: Final = (
    "cache message_queue event_stream object_store file_share secret_store backup_store artifact_registry"
)

_ROWS: Final = (
    # Cross-site request forgery
    ("S07", _NO_BROWSER, "relational_database cache message_queue event_stream file_share dns_service"),
    # Weak account recovery
    ("S09", _NO_LOGIN_PAGE, _DATA_SERVICES),
    # Permissive cross-origin policy
    ("I21", _NO_BROWSER, "relational_database cache message_queue event_stream file_share dns_service"),
    # Weak cryptographic algorithm, inadequate key management
    ("I19", _ONLY_TRANSPORT, "load_balancer cdn"),
    ("I20", _ONLY_TRANSPORT, "load_balancer cdn"),
    # Command or template injection
    ("T06", _NO_PROGRAM, "object_store message_queue event_stream dns_service"),
    # Clickjacking
    ("S14", _NO_PAGES, _DATA_SERVICES),
    # Redirect URI not validated
    ("S16", _NO_REDIRECT, _DATA_SERVICES),
    # Unprotected user device
    (
        "S13",
        _NO_USER_DEVICE,
        (
            "partner_system payment_service email_service messaging_service observability_service "
            "analytics_service language_model_api code_hosting crm data_service health_record_system "
            "identity_provider"
        ),
    ),
    # Path traversal
    (
        "T14",
        _NO_FILES,
        "relational_database document_database cache message_queue event_stream dns_service load_balancer",
    ),
    # LDAP or search injection
    ("T15", _NO_SEARCH, "cache message_queue event_stream object_store file_share dns_service load_balancer"),
    # Business process steps skipped or repeated
    ("T16", _NO_STEPS, f"{_DATA_SERVICES} load_balancer cdn"),
    # Unreviewed or tampered build
    (
        "T21",
        _BOUGHT,
        (
            "cdn load_balancer api_gateway web_application_firewall vpn_gateway file_transfer "
            "identity_provider mail_server dns_service"
        ),
    ),
    # Shared runtime, insecure defaults
    ("E06", _IN_A_BROWSER, "browser_extension content_script embedded_frame"),
    ("E08", _IN_A_BROWSER, "browser_extension content_script embedded_frame client_storage"),
    # Single point of failure
    ("D12", _AT_EACH_USER, "browser_extension content_script embedded_frame local_helper"),
    # Undetected tampering with stored data
    ("T13", _OF_ITS_USER, "client_storage"),
    # Prompt injection with excessive agency
    ("E10", _NO_MODEL, _STORES),
    ("E10", "it answers from its records and makes no decisions", "dns_service"),
    ("E10", "it passes on requests by fixed rules", "load_balancer"),
    # Adversarial input to a machine-learning model
    ("T18", _NO_MODEL, f"{_STORES} dns_service load_balancer"),
    # Unsafe use of model output
    ("T19", _NO_MODEL, f"{_STORES} dns_service load_balancer"),
)

EXCLUDED_RULES: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {(category, rule): reason for rule, reason, categories in _ROWS for category in categories.split()}
)
"""By category and rule, why the subject cannot exist. A finding by stated answers is never excluded."""
