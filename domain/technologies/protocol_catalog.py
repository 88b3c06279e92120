"""The protocols of the catalog."""

from typing import Final

from domain.kernel.text_formatting import listed
from domain.technologies.technology import AppliesTo, Protocol, SourcedAssumption, assumed

_RFC = "https://www.rfc-editor.org/rfc/"


def _secure(name: str, standard: int, section: str) -> tuple[SourcedAssumption, ...]:
    """Return what holds for a protocol whose RFC demands encryption and integrity protection."""
    rfc, source = f"RFC {standard}", f"{_RFC}rfc{standard}#section-{section}"
    return (
        *assumed("encrypted", f"{name} encrypts the traffic", since=rfc, source=source),
        *assumed("integrity_protected", f"{name} detects changed messages", since=rfc, source=source),
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
    Protocol("HTTPS", assumptions=(*_secure("HTTPS", 9110, "4.2.2"), *_BROWSERS_VERIFY)),
    Protocol("HTTP/3", aliases=listed("http3"), assumptions=_secure("QUIC", 9001, "1")),
    Protocol("QUIC", assumptions=_secure("QUIC", 9001, "1")),
    Protocol("TLS", aliases=listed("ssl, tls 1.2, tls 1.3"), assumptions=_TLS),
    Protocol(
        "mTLS",
        aliases=listed("mutual tls"),
        assumptions=(
            *_TLS,
            *assumed(
                "caller_authenticated",
                "With mutual TLS, the client proves its identity with a certificate",
                since="RFC 8446",
                source=f"{_RFC}rfc8446#section-4.4.3",
            ),
        ),
    ),
    Protocol("WSS", aliases=listed("secure websocket"), assumptions=_secure("WSS", 6455, "10.6")),
    Protocol("SSH", assumptions=_SSH),
    Protocol("SFTP", assumptions=_SSH),
    Protocol("SCP", assumptions=_SSH),
    Protocol("FTPS", assumptions=_secure("FTPS", 4217, "1")),
    Protocol("LDAPS", assumptions=_TLS),
    Protocol("SMTPS", assumptions=_secure("SMTPS", 8314, "3")),
    Protocol("IMAPS", assumptions=_secure("IMAPS", 8314, "3")),
    Protocol("DNS over HTTPS", aliases=listed("doh"), assumptions=_secure("DoH", 8484, "8")),
    Protocol("AMQPS", assumptions=_TLS),
    Protocol("MQTTS", assumptions=_TLS),
    Protocol("WebRTC", aliases=listed("web rtc"), assumptions=_secure("WebRTC", 8827, "6.5")),
    Protocol("SRTP", aliases=listed("dtls srtp"), assumptions=_secure("SRTP", 3711, "2")),
    Protocol("HTTP", aliases=listed("http/1.1")),
    Protocol("HTTP/2", aliases=listed("http2, h2")),
    Protocol("WebSocket", aliases=listed("websockets, ws")),
    Protocol("REST"),
    Protocol("GraphQL"),
    Protocol("gRPC"),
    Protocol("SOAP"),
    Protocol("Server-sent events", aliases=listed("sse")),
    Protocol("Webhook"),
    Protocol("AMQP"),
    Protocol("MQTT"),
    Protocol("Kafka protocol", aliases=listed("kafka")),
    Protocol("NATS protocol", aliases=listed("nats")),
    Protocol("PostgreSQL protocol", aliases=listed("postgresql, postgres, pgsql")),
    Protocol("MySQL protocol", aliases=listed("mysql")),
    Protocol("TDS"),
    Protocol("MongoDB protocol", aliases=listed("mongodb")),
    Protocol("Redis protocol", aliases=listed("redis, resp")),
    Protocol("JDBC"),
    Protocol("ODBC"),
    Protocol("LDAP"),
    Protocol("Kerberos"),
    Protocol("RADIUS"),
    Protocol("SAML"),
    Protocol("OpenID Connect", aliases=listed("oidc")),
    Protocol("OAuth 2.0", aliases=listed("oauth, oauth2")),
    Protocol("SCIM"),
    Protocol("SMTP"),
    Protocol("IMAP"),
    Protocol("POP3"),
    Protocol("DNS"),
    Protocol("DHCP"),
    Protocol("NTP"),
    Protocol("FTP"),
    Protocol("NFS"),
    Protocol("SMB", aliases=listed("cifs")),
    Protocol("RDP"),
    Protocol("Telnet"),
    Protocol("RTP"),
    Protocol("RTMP"),
    Protocol("RTSP"),
    Protocol("SIP"),
    Protocol("Diameter"),
    Protocol("Syslog"),
    Protocol("SNMP"),
    Protocol("OTLP", aliases=listed("opentelemetry protocol")),
    Protocol("TCP"),
    Protocol("UDP"),
    Protocol("RPC"),
    Protocol("OpenVPN"),
    Protocol("WireGuard"),
    Protocol("SOCKS", aliases=listed("socks5")),
    Protocol("Tor", aliases=listed("tor onion service, onion routing")),
    Protocol("IPsec", aliases=listed("ikev2")),
    Protocol("VNC"),
    Protocol("WinRM"),
    Protocol("TACACS+", aliases=listed("tacacs")),
    Protocol("iSCSI"),
    Protocol("TFTP"),
    Protocol("rsync"),
    Protocol("STOMP"),
    Protocol("XMPP"),
    Protocol("CoAP"),
    Protocol("MLLP", aliases=listed("hl7 mllp, mllp/tcp")),
    Protocol("HL7 v2", aliases=listed("hl7, hl7v2")),
    Protocol("FHIR", aliases=listed("hl7 fhir")),
    Protocol("DICOM"),
    Protocol("DICOMweb"),
    Protocol("AS2"),
    Protocol("EDIFACT", aliases=listed("un/edifact")),
    Protocol("ISO 8583"),
    Protocol("Modbus", aliases=listed("modbus tcp, modbus/tcp")),
    Protocol("BACnet"),
    Protocol("DNP3"),
    Protocol("PROFINET"),
    Protocol("LoRaWAN"),
    Protocol("OPC UA", aliases=listed("opcua, opc-ua")),
    Protocol("Bluetooth", aliases=listed("ble")),
    Protocol("Zigbee"),
    Protocol(
        "Clicks",
        aliases=listed("click, clicks and keys, keyboard, keystrokes, user interaction, user gesture"),
        local=True,
    ),
    Protocol("DOM", aliases=listed("dom events, dom access, page dom"), local=True),
    Protocol(
        "postMessage",
        aliases=listed(
            "post message, window.postmessage, web messaging, messagechannel, message channel, "
            "broadcastchannel, broadcast channel"
        ),
        local=True,
    ),
    Protocol(
        "Extension messaging",
        aliases=listed(
            "runtime messaging, runtime message, runtime messages, runtime.sendmessage, "
            "chrome.runtime, browser.runtime, chrome.runtime.sendmessage, extension messages, "
            "chrome.runtime messages, message port, message ports, port messages, runtime.connect, "
            "runtime port, extension port, externally connectable"
        ),
        local=True,
    ),
    Protocol(
        "Extension page",
        aliases=listed(
            "extension pages, web accessible resource, web accessible resources, chrome extension, "
            "moz extension"
        ),
        local=True,
    ),
    Protocol("Native messaging", aliases=listed("native messages, nativemessaging"), local=True),
    Protocol(
        "IPC",
        aliases=listed(
            "inter process communication, interprocess communication, named pipe, named pipes, "
            "unix socket, unix domain socket, domain socket, xpc, d bus, dbus, stdio, stdin, "
            "standard input, standard input and output, stdin/stdout, pipe, shared memory, binder"
        ),
        local=True,
    ),
    Protocol(
        "Loopback", aliases=listed("localhost, 127.0.0.1, loopback interface, local loopback"), local=True
    ),
    Protocol(
        "In-process call",
        aliases=listed("in process, function call, function calls, library call, ffi, jni"),
        local=True,
    ),
    Protocol("File system", aliases=listed("filesystem, local file, local files, file access"), local=True),
    Protocol(
        "Browser storage",
        aliases=listed(
            "local storage, localstorage, web storage, storage api, session storage, indexeddb, "
            "chrome.storage, browser.storage"
        ),
        local=True,
    ),
    Protocol("Clipboard", local=True),
)
