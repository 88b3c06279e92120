"""Classification of protocols by name: used by software, and protected against eavesdropping."""

import re
from functools import lru_cache

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
    return not _words(protocol).isdisjoint(_DIGITAL)


@lru_cache(maxsize=1024)
def is_secure(protocol: str) -> bool:
    """Return whether the text names a protocol with encryption and integrity protection."""
    return not _words(protocol).isdisjoint(_SECURE)


def _words(protocol: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(protocol.casefold()))


_WORDS = re.compile(r"[a-z0-9]+")
