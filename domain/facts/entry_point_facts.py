"""Facts about entry points: who reaches them, and which actions they offer."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_entry_point = facts_about(Kind.ENTRY_POINT)

FACTS = (
    _entry_point(
        "public",
        "Is it reachable by the public, for example from the internet?",
        "it is reachable by the public",
        why="Attackers find and try everything that is publicly reachable.",
    ),
    _entry_point(
        "administers",
        "Does it offer administrative functions?",
        "it offers administrative functions",
        why="Administrative access means full control.",
    ),
    _entry_point.control(
        "second_person_approves",
        "Do critical changes need the approval of a second person?",
        "critical changes need the approval of a second person",
        "one person can make critical changes alone",
    ),
    _entry_point.control(
        "admin_network_separate",
        "Are administrative functions limited to a separate network?",
        "administrative functions are limited to a separate network",
    ),
    _entry_point.control(
        "peers_restricted",
        "Can only the hosts that need it connect to it?",
        "only the hosts that need it can connect to it",
        "any host on the network can connect to it",
        several="any host on the network can connect to them",
    ),
    _entry_point.control(
        "transport_encryption_current",
        "Is only current encryption accepted in transit (TLS 1.2 or newer)?",
        "only current encryption is accepted in transit",
        "outdated encryption is accepted in transit",
    ),
    _entry_point(
        "shared_across_origins",
        "Does it let other websites read its responses (CORS)?",
        "it lets other websites read its responses",
    ),
    _entry_point.control(
        "origins_listed",
        "Are only allow-listed websites accepted (CORS origins)?",
        "only allow-listed websites can read its responses",
        "any website can read its responses",
        several="any website can read their responses",
    ),
    _entry_point.control(
        "dns_maintained",
        "Are DNS records removed when the service behind them is retired?",
        "DNS records of retired services are removed",
    ),
    _entry_point.control(
        "authorization_checked",
        "Is authorization checked on every request?",
        "authorization is checked on every request",
    ),
    _entry_point.control(
        "rate_limited", "Are requests limited per caller (rate limit)?", "requests are limited per caller"
    ),
    _entry_point(
        "expensive",
        "Can a small request trigger expensive work (reports, emails)?",
        "a small request can trigger expensive work",
    ),
    _entry_point.control(
        "work_limited",
        "Is expensive work bounded (quota of each caller, limited queue)?",
        "expensive work is bounded",
    ),
    _entry_point(
        "deniable",
        "Are there actions here that a caller may later deny?",
        "there are actions that a caller may later deny",
    ),
    _entry_point.control(
        "logged",
        "Are actions recorded in an audit log (who, what, when)?",
        "actions are recorded in an audit log",
    ),
    _entry_point.control(
        "error_details_hidden",
        "Are error details hidden from callers?",
        "error details are hidden from callers",
        "error details are shown to callers",
    ),
)
