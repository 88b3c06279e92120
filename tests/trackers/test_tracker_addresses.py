"""Which addresses a tracker may have, and that a connection goes only to an address that was checked."""

import gzip
import io
import socket
import ssl
import threading
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bot.settings import Secret
from bot.trackers.tracker import TrackerFault, TrackerRefused, TrackerUnreachable
from bot.trackers.tracker_http import (
    MOST_BYTES,
    TimedReader,
    TrackerRequest,
    UrllibTransport,
    check_url,
    is_public,
    port_of,
    resolve_public,
)

UNLISTED = (
    "168.63.129.16",
    "224.0.0.1",
    "239.255.255.255",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:0:127.0.0.1",
    "4000::1",
    "fec0::1",
    "ff02::1",
    "tracker.example",
)
"""Addresses that are not public and in neither registry."""

PUBLIC = (
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.0",
    "140.82.121.4",
    "168.63.129.15",
    "168.63.129.17",
    "191.255.255.255",
    "192.0.1.0",
    "192.88.98.255",
    "192.88.100.0",
    "223.255.255.255",
    "2001:200::1",
    "2003::1",
    "2606:50c0:8000::153",
    "3fff:1000::1",
)


def special_blocks() -> list[IPv4Network | IPv6Network]:
    """Every block of both registries, as IANA publishes them."""
    rows = Path(__file__).with_name("special_addresses.csv").read_text().splitlines()[1:]
    return [ip_network(row.partition(",")[0]) for row in rows]


@pytest.fixture(params=[True, False])
def flags(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that takes every address for public, and one that takes none for it."""
    for kind in (IPv4Address, IPv6Address):
        monkeypatch.setattr(kind, "is_global", request.param)
        for name in ("is_private", "is_reserved", "is_loopback", "is_link_local", "is_multicast"):
            monkeypatch.setattr(kind, name, not request.param)


@pytest.mark.usefixtures("flags")
def test_every_block_of_the_registries_is_refused_whatever_python_knows_of_it() -> None:
    blocks = special_blocks()
    assert {block.version for block in blocks} == {4, 6}
    for block in blocks:
        if block == ip_network("::ffff:0:0/96") or block == ip_network("64:ff9b::/96"):
            continue  # they stand for addresses of version 4, see below
        middle = block[block.num_addresses // 2]
        called = [str(one) for one in (block[0], middle, block[-1])]
        if block.version == 4:
            called += [f"{prefix}{one}" for prefix in ("::ffff:", "64:ff9b::") for one in called]
            called += [f"2002:{int(middle) >> 16:x}:{int(middle) & 0xFFFF:x}::1"]
        assert not [one for one in called if is_public(one)]


@pytest.mark.usefixtures("flags")
def test_only_public_addresses_are_called() -> None:
    assert not [one for one in UNLISTED if is_public(one)]
    assert not [one for one in PUBLIC if not is_public(one)]
    four = [one for one in PUBLIC if "." in one]
    assert all(is_public(f"{prefix}{one}") for prefix in ("::ffff:", "64:ff9b::") for one in four)


def test_a_name_with_a_private_address_is_refused() -> None:
    parts = check_url("https://tracker.example/x", frozenset())
    for found in (["10.0.0.1"], ["140.82.121.4", "127.0.0.1"], ["fe80::1%eth0"]):
        with pytest.raises(TrackerRefused, match="TRACKER_HOSTS"):
            resolve_public(parts, frozenset(), resolve=lambda _host, _port, found=found: found)
        assert resolve_public(parts, {"tracker.example"}, resolve=lambda _h, _p, found=found: found)
    assert resolve_public(parts, set(), resolve=lambda _h, _p: ["140.82.121.4"]) == ["140.82.121.4"]

    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror

    with pytest.raises(TrackerUnreachable, match="not found"):
        resolve_public(parts, frozenset(), resolve=unknown)


def test_a_typed_url_is_checked() -> None:
    for url in (
        "",
        "tracker.example",
        "ftp://tracker.example",
        "https://",
        "https://:443",
        "https://tracker.example:0",
        "https://tracker.example:x",
        "https://[::1",
        "https://ana:pw@tracker.example",
        "https://@tracker.example",
        "https://tracker.example?x=1",
        "https://tracker.example/#x",
        "https://tracker.example/a b",
        "https://tracker.example\\@evil.example",
        "https://träcker.example",
        "https://tracker.example/\n",
        f"https://tracker.example/{'a' * 500}",
        "http://tracker.example",
    ):
        with pytest.raises(TrackerRefused):
            check_url(url, {"redmine.internal", "localhost:3000"})
    for url in (
        "https://tracker.example/path/",
        "http://redmine.internal",
        "http://REDMINE.internal:8080/redmine",
        "http://localhost:3000",
    ):
        assert check_url(url, {"redmine.internal", "localhost:3000"}).hostname
    for url, port in (("https://x.example", 443), ("http://x.example", 80), ("http://x.example:8080", 8080)):
        assert port_of(check_url(url, {f"x.example:{port}"})) == port
    with pytest.raises(TrackerRefused, match="https://"):
        check_url("http://localhost:3001", {"redmine.internal", "localhost:3000"})


def request(url: str) -> TrackerRequest:
    return TrackerRequest(method="GET", url=url, headers={"X-Token": Secret("sesame")})


@contextmanager
def serving(answer: bytes, tls: ssl.SSLContext | None = None) -> Generator[tuple[str, list[bytes]]]:
    """Answer one connection; yields the host with its port, and a list of what will have been read."""
    read: list[bytes] = []

    def once() -> None:
        connected, _ = listening.accept()
        with (
            suppress(OSError),
            tls.wrap_socket(connected, server_side=True) if tls else connected as connected,
        ):
            read.append(connected.recv(65_536))
            connected.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=once)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}", read
        thread.join(10)


def test_a_connection_goes_to_the_checked_address_under_the_name_of_the_host() -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with serving(b"HTTP/1.1 418 No\r\nX-Kind: Pot\r\nContent-Length: 2\r\n\r\nhi") as (host, read):
        name = host.replace("127.0.0.1", "redmine.internal")
        with closing(UrllibTransport(allowed={"Redmine.internal"}, resolve=resolve)) as connections:
            given = connections.send(request(f"http://{name}/a%2Fb?q=1"))
    assert (given.status, given.headers["x-kind"], given.body) == (418, "Pot", b"hi")
    assert asked == ["redmine.internal"]
    assert read[0].startswith(b"GET /a%2Fb?q=1 HTTP/1.1\r\n")
    assert f"Host: {name}\r\n".encode() in read[0]
    assert b"X-Token: sesame\r\n" in read[0]


def test_the_next_address_is_tried_and_a_compressed_answer_is_read() -> None:
    body = gzip.compress(b"hello")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    with serving(head.encode() + body) as (host, _):
        # Nothing listens at the first one.
        transport = UrllibTransport(allowed={"127.0.0.1"}, resolve=lambda _h, _p: ["127.0.0.9", "127.0.0.1"])
        assert transport.send(request(f"http://{host}/")).body == b"hello"


def test_a_name_with_ever_so_many_addresses_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        found = [*(f"127.0.0.{number}" for number in range(2, 60)), "127.0.0.1"]
        transport = UrllibTransport(allowed={"127.0.0.1"}, resolve=lambda _h, _p: found)
        with pytest.raises(TrackerUnreachable, match="does not accept connections"):
            transport.send(request(f"http://127.0.0.1:{port}/"))


def test_an_address_that_became_private_is_not_called() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        port = listening.getsockname()[1]
        connections = UrllibTransport(resolve=lambda _host, _port: ["127.0.0.1"])
        for url in (f"https://tracker.example:{port}/", f"http://127.0.0.1:{port}/"):
            with pytest.raises(TrackerRefused):
                connections.send(request(url))
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_no_answer_and_half_an_answer_are_unreachable() -> None:
    connections = UrllibTransport(allowed={"127.0.0.1"})
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * (MOST_BYTES + 1)
    for answer in (b"", b"nonsense\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", large):
        with serving(answer) as (host, _), pytest.raises(TrackerUnreachable) as raised:
            connections.send(request(f"http://{host}/"))
        assert "sesame" not in repr(raised.value)
    with pytest.raises(TrackerFault, match="does not accept connections"):
        connections.send(request(f"http://{host}/"))


def test_an_answer_has_to_arrive_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.trackers.tracker_http.ANSWER_SECONDS", 0.0)
    connections = UrllibTransport(allowed={"127.0.0.1"})
    with (
        serving(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") as (host, _),
        pytest.raises(TrackerUnreachable, match="Timeout"),
    ):
        connections.send(request(f"http://{host}/"))


def test_a_slow_answer_is_not_waited_for_longer_than_its_time() -> None:
    class Timed:
        timeout = 0.0

        def settimeout(self, seconds: float) -> None:
            self.timeout = seconds

    now = [0.0]
    connected = Timed()
    reader = TimedReader(io.FileIO("/dev/zero"), connected, until=20.0, clock=lambda: now[0])
    assert reader.readinto(bytearray(1)) == 1
    assert connected.timeout == 15.0
    now[0] = 18.5
    assert reader.readinto(bytearray(1)) == 1
    assert connected.timeout == 1.5
    now[0] = 20.0
    with pytest.raises(TimeoutError):
        reader.readinto(bytearray(1))
    reader.close()


def certificate_for(name: str, directory: Path) -> tuple[Path, Path]:
    """The files of a certificate of its own for a host, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = directory / f"{name}.pem", directory / f"{name}.key"
    files[0].write_bytes(signed.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_a_certificate_is_checked_for_the_name_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, key = certificate_for("tracker.example", tmp_path)
    client = ssl.create_default_context(cafile=str(trusted))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(trusted, key)
    named: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: named.append(name)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

    def send(host: str) -> bytes:
        with serving(answer, server) as (address, _), monkeypatch.context() as patched:
            patched.setattr(ssl, "create_default_context", lambda: client)
            transport = UrllibTransport(allowed={host}, resolve=lambda _host, _port: ["127.0.0.1"])
            return transport.send(request(f"https://{address.replace('127.0.0.1', host)}/")).body

    assert send("tracker.example") == b"hi"
    with pytest.raises(TrackerUnreachable, match=r"certificate of other\.example is not valid"):
        send("other.example")
    assert named == ["tracker.example", "other.example"]
    client = ssl.create_default_context()
    with pytest.raises(TrackerUnreachable, match=r"certificate of tracker\.example is not valid"):
        send("tracker.example")
