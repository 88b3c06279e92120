"""Protocols by the port of a service, as IANA registers them or by the default of the product."""

from typing import Final

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
