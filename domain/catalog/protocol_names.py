"""What texts say of protocols: which ones of the catalog they name, and whether these are protected."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

from domain.catalog.catalog_value import Catalog
from domain.kernel.text_formatting import listed
from domain.technologies.technology import Protocol

_SECURE = frozenset(listed("https, tls, mtls, ssl, ssh, sftp, scp, ftps, wss, ldaps, smtps, imaps, quic"))
_OPEN = frozenset(
    listed(
        "http, http2, ws, websocket, websockets, rest, graphql, grpc, soap, json, xml, rpc, sql, jdbc, odbc, "
        "postgresql, mysql, redis, ftp, telnet, smtp, imap, ldap, dns, tcp, udp, mqtt, amqp, kafka, syslog, "
        "smb, nfs, saml, oidc, oauth, webhook"
    )
)
_DIGITAL = _SECURE | _OPEN


_WORD = re.compile(r"[a-z0-9]+")
_WORDS = re.compile(r"[a-z0-9][a-z0-9./]*")
_BETWEEN = re.compile(r"(?<!\s)\s+(?:over|with|and)\s+|(?:(?<!\s)\s+)?[,+]\s*", re.IGNORECASE)
_TWO = 2
_MOST_NEAR = 4
_ALIKE = 0.7


@lru_cache(maxsize=1024)
def is_digital(catalog: Catalog, protocol: str) -> bool:
    """Return whether the text names a protocol of software."""
    return bool(protocols_in(catalog, protocol)) or not _DIGITAL.isdisjoint(_words(protocol))


@lru_cache(maxsize=1024)
def is_secure(catalog: Catalog, protocol: str) -> bool:
    """Return whether the text names a protocol with encryption and integrity protection."""
    if not _SECURE.isdisjoint(_words(protocol)):
        return True
    return any(
        one.fact == "encrypted" for named in protocols_in(catalog, protocol) for one in named.assumptions
    )


def protocol_words(protocol: str) -> tuple[str, ...]:
    """Return the words that name a protocol of software, in their order."""
    return tuple(dict.fromkeys(word for word in _words(protocol) if word in _DIGITAL))


def protocol_named(catalog: Catalog, text: str) -> Protocol | None:
    """Return the protocol that a text names and nothing else; None if it names none."""
    return _by_name(catalog).get(_normal(text))


def protocol_typed(catalog: Catalog, text: str) -> str:
    """Return the protocols that a text names and nothing else: `rest over tls` as `REST over TLS`.

    Empty if the text says anything else: `PHI` is no protocol.
    """
    protocol = protocol_named(catalog, text)
    if protocol is not None:
        return protocol.name
    parts = [protocol_named(catalog, part) for part in _BETWEEN.split(text)]
    if len(parts) < _TWO or None in parts:
        return ""
    return " over ".join(one.name for one in parts if one)


def mentions_protocol(catalog: Catalog, text: str) -> bool:
    """Return whether a protocol stands among other words: `HTTPS over a relay`, `TLS, port 8443`.

    `TLS certificate` does not say how data is sent.
    """
    parts = _BETWEEN.split(text)
    return len(parts) >= _TWO and any(protocol_named(catalog, part) for part in parts)


def nearest_protocols(catalog: Catalog, text: str) -> tuple[str, ...]:
    """Return the protocols that a text may mean, the nearest first: mentioned in it, or named like it."""
    known, by_name = _normal(text), _by_name(catalog)
    alike = get_close_matches(known, by_name, n=_MOST_NEAR, cutoff=_ALIKE)
    longer = [name for name in by_name if known and known in name]
    found = (*protocols_in(catalog, text), *(by_name[name] for name in (*alike, *longer)))
    return tuple(dict.fromkeys(one.name for one in found))[:_MOST_NEAR]


@lru_cache(maxsize=1024)
def protocols_in(catalog: Catalog, text: str) -> tuple[Protocol, ...]:
    """Return the protocols that a text mentions, such as two for `REST over TLS`."""
    words, by_name = _normal(text).split(), _by_name(catalog)
    longest = max((len(name.split()) for name in by_name), default=0)
    found: dict[str, Protocol] = {}
    start = 0
    while start < len(words):
        for length in range(min(longest, len(words) - start), 0, -1):
            protocol = by_name.get(" ".join(words[start : start + length]))
            if protocol is not None:
                found[protocol.name] = protocol
                start += length
                break
        else:
            start += 1
    return tuple(found.values())


@lru_cache(maxsize=8)
def _by_name(catalog: Catalog) -> Mapping[str, Protocol]:
    return {_normal(name): one for one in catalog.protocols for name in (one.name, *one.aliases)}


def _normal(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold().replace("-", " ")))


def _words(protocol: str) -> list[str]:
    return _WORD.findall(protocol.casefold())
