"""Ports and addresses: protocols by port, as IANA registers them or by default, and ranges of everyone."""

import re
from typing import Final

_EVERYONE: Final = re.compile(r"[0-9.]{1,15}/[01]|[0-9A-Fa-f:.]{2,45}/[0-3]")

PROTOCOL_OF_PORT: Final = {
    **dict.fromkeys(("80", "3000", "5000", "5601", "8000", "8025", "8080", "9090", "9200", "15672"), "HTTP"),
    **dict.fromkeys(("443", "8443"), "HTTPS"),
    **dict.fromkeys(("22", "2222"), "SSH"),
    **dict.fromkeys(("25", "587", "1025"), "SMTP"),
    **dict.fromkeys(("4317", "4318"), "OTLP"),
    "21": "FTP",
    "53": "DNS",
    "389": "LDAP",
    "445": "SMB",
    "465": "SMTPS",
    "514": "Syslog",
    "636": "LDAPS",
    "1433": "TDS",
    "1883": "MQTT",
    "2049": "NFS",
    "3306": "MySQL protocol",
    "3389": "RDP",
    "4222": "NATS protocol",
    "5432": "PostgreSQL protocol",
    "5671": "AMQPS",
    "5672": "AMQP",
    "6379": "Redis protocol",
    "8883": "MQTTS",
    "9092": "Kafka protocol",
    "27017": "MongoDB protocol",
    "50051": "gRPC",
}
"""The catalog's name of the protocol of a port."""


def is_everyone(addresses: str) -> bool:
    """Return whether a range of addresses is the internet, or a half of it."""
    return _EVERYONE.fullmatch(addresses.strip()) is not None
