"""Classification of protocols by name: used by software, and protected against eavesdropping."""

import re
from functools import lru_cache

from domain.technologies.protocol_catalog import protocols_in

_SECURE = frozenset(
    {"https", "tls", "mtls", "ssl", "ssh", "sftp", "scp", "ftps", "wss", "ldaps", "smtps", "imaps", "quic"}
)
_OPEN = frozenset(
    {"http", "http2", "ws", "websocket", "websockets", "rest", "graphql", "grpc", "soap", "json", "xml"}
    | {"rpc", "sql", "jdbc", "odbc", "postgresql", "mysql", "redis", "ftp", "telnet", "smtp", "imap", "ldap"}
    | {
        "dns",
        "tcp",
        "udp",
        "mqtt",
        "amqp",
        "kafka",
        "syslog",
        "smb",
        "nfs",
        "saml",
        "oidc",
        "oauth",
        "webhook",
    }
)
_DIGITAL = _SECURE | _OPEN


@lru_cache(maxsize=1024)
def is_digital(protocol: str) -> bool:
    """Return whether the text names a protocol of software."""
    return bool(protocols_in(protocol)) or not _words(protocol).isdisjoint(_DIGITAL)


@lru_cache(maxsize=1024)
def is_secure(protocol: str) -> bool:
    """Return whether the text names a protocol with encryption and integrity protection."""
    if not _words(protocol).isdisjoint(_SECURE):
        return True
    return any(one.fact == "encrypted" for named in protocols_in(protocol) for one in named.assumptions)


@lru_cache(maxsize=1024)
def protocol_words(protocol: str) -> tuple[str, ...]:
    """Return the words that name a protocol of software, in their order."""
    found = _WORDS.findall(protocol.casefold())
    return tuple(dict.fromkeys(one for one in found if one in _DIGITAL))


def _words(protocol: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(protocol.casefold()))


_WORDS = re.compile(r"[a-z0-9]+")
