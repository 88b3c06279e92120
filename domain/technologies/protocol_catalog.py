"""The protocols of the catalog."""

from typing import Final

from domain.technologies.technology import AppliesTo, Protocol, SourcedAssumption, assumed

_RFC = "https://www.rfc-editor.org/rfc/"


def _secure(name: str, standard: int, section: str) -> tuple[SourcedAssumption, ...]:
    """Return what holds for a protocol whose RFC demands encryption and integrity protection."""
    rfc, source = f"RFC {standard}", f"{_RFC}rfc{standard}#section-{section}"
    return (
        assumed("encrypted", f"{name} encrypts the traffic", since=rfc, source=source),
        assumed("integrity_protected", f"{name} detects changed messages", since=rfc, source=source),
    )


_BROWSERS_VERIFY = assumed(
    "peer_verified",
    "Browsers verify the server's certificate and name for HTTPS",
    since="RFC 9110",
    source=f"{_RFC}rfc9110#section-4.3.4",
    applies_to=AppliesTo.FLOWS_FROM_BROWSERS,
)
# Server identity is assumed for browsers alone: many clients, libpq among them, do not verify it by default.
_TLS = _secure("TLS", 8446, "1")
_SSH = _secure("SSH", 4253, "1")

PROTOCOLS: Final = (
    Protocol(
        name="HTTPS",
        assumptions=(*_secure("HTTPS", 9110, "4.2.2"), _BROWSERS_VERIFY),
    ),
    Protocol(
        name="HTTP/3",
        aliases=("http3",),
        assumptions=_secure("QUIC", 9001, "1"),
    ),
    Protocol(name="QUIC", assumptions=_secure("QUIC", 9001, "1")),
    Protocol(name="TLS", aliases=("ssl", "tls 1.2", "tls 1.3"), assumptions=_TLS),
    Protocol(
        name="mTLS",
        aliases=("mutual tls",),
        assumptions=(
            *_TLS,
            assumed(
                "caller_authenticated",
                "With mutual TLS, the client proves its identity with a certificate",
                since="RFC 8446",
                source=f"{_RFC}rfc8446#section-4.4.3",
            ),
        ),
    ),
    Protocol(
        name="WSS",
        aliases=("secure websocket",),
        assumptions=_secure("WSS", 6455, "10.6"),
    ),
    Protocol(name="SSH", assumptions=_SSH),
    Protocol(name="SFTP", assumptions=_SSH),
    Protocol(name="SCP", assumptions=_SSH),
    Protocol(name="FTPS", assumptions=_secure("FTPS", 4217, "1")),
    Protocol(name="LDAPS", assumptions=_TLS),
    Protocol(name="SMTPS", assumptions=_secure("SMTPS", 8314, "3")),
    Protocol(name="IMAPS", assumptions=_secure("IMAPS", 8314, "3")),
    Protocol(
        name="DNS over HTTPS",
        aliases=("doh",),
        assumptions=_secure("DoH", 8484, "8"),
    ),
    Protocol(name="AMQPS", assumptions=_TLS),
    Protocol(name="MQTTS", assumptions=_TLS),
    Protocol(name="WebRTC", aliases=("web rtc",), assumptions=_secure("WebRTC", 8827, "6.5")),
    Protocol(name="SRTP", aliases=("dtls srtp",), assumptions=_secure("SRTP", 3711, "2")),
    Protocol(name="HTTP", aliases=("http/1.1",)),
    Protocol(name="HTTP/2", aliases=("http2", "h2")),
    Protocol(name="WebSocket", aliases=("websockets", "ws")),
    Protocol(name="REST"),
    Protocol(name="GraphQL"),
    Protocol(name="gRPC"),
    Protocol(name="SOAP"),
    Protocol(name="Server-sent events", aliases=("sse",)),
    Protocol(name="Webhook"),
    Protocol(name="AMQP"),
    Protocol(name="MQTT"),
    Protocol(name="Kafka protocol", aliases=("kafka",)),
    Protocol(name="NATS protocol", aliases=("nats",)),
    Protocol(name="PostgreSQL protocol", aliases=("postgresql", "postgres", "pgsql")),
    Protocol(name="MySQL protocol", aliases=("mysql",)),
    Protocol(name="TDS"),
    Protocol(name="MongoDB protocol", aliases=("mongodb",)),
    Protocol(name="Redis protocol", aliases=("redis", "resp")),
    Protocol(name="JDBC"),
    Protocol(name="ODBC"),
    Protocol(name="LDAP"),
    Protocol(name="Kerberos"),
    Protocol(name="RADIUS"),
    Protocol(name="SAML"),
    Protocol(name="OpenID Connect", aliases=("oidc",)),
    Protocol(name="OAuth 2.0", aliases=("oauth", "oauth2")),
    Protocol(name="SCIM"),
    Protocol(name="SMTP"),
    Protocol(name="IMAP"),
    Protocol(name="POP3"),
    Protocol(name="DNS"),
    Protocol(name="DHCP"),
    Protocol(name="NTP"),
    Protocol(name="FTP"),
    Protocol(name="NFS"),
    Protocol(name="SMB", aliases=("cifs",)),
    Protocol(name="RDP"),
    Protocol(name="Telnet"),
    Protocol(name="RTP"),
    Protocol(name="RTMP"),
    Protocol(name="RTSP"),
    Protocol(name="SIP"),
    Protocol(name="Diameter"),
    Protocol(name="Syslog"),
    Protocol(name="SNMP"),
    Protocol(name="OTLP", aliases=("opentelemetry protocol",)),
    Protocol(name="TCP"),
    Protocol(name="UDP"),
    Protocol(name="RPC"),
    Protocol(name="OpenVPN"),
    Protocol(name="WireGuard"),
    Protocol(name="IPsec", aliases=("ikev2",)),
    Protocol(name="VNC"),
    Protocol(name="WinRM"),
    Protocol(name="TACACS+", aliases=("tacacs",)),
    Protocol(name="iSCSI"),
    Protocol(name="TFTP"),
    Protocol(name="rsync"),
    Protocol(name="STOMP"),
    Protocol(name="XMPP"),
    Protocol(name="CoAP"),
    Protocol(name="MLLP", aliases=("hl7 mllp", "mllp/tcp")),
    Protocol(name="HL7 v2", aliases=("hl7", "hl7v2")),
    Protocol(name="FHIR", aliases=("hl7 fhir",)),
    Protocol(name="DICOM"),
    Protocol(name="DICOMweb"),
    Protocol(name="AS2"),
    Protocol(name="EDIFACT", aliases=("un/edifact",)),
    Protocol(name="ISO 8583"),
    Protocol(name="Modbus", aliases=("modbus tcp", "modbus/tcp")),
    Protocol(name="BACnet"),
    Protocol(name="DNP3"),
    Protocol(name="PROFINET"),
    Protocol(name="LoRaWAN"),
    Protocol(name="OPC UA", aliases=("opcua", "opc-ua")),
    Protocol(name="Bluetooth", aliases=("ble",)),
    Protocol(name="Zigbee"),
)
