"""Data flows, dependencies and entry points that addresses and ports name."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from bot.drafts.environment_values import (
    Address,
    Credential,
    NamedValue,
    addresses_in,
    credentials_in,
    is_foreign_host,
    is_open,
    is_own_address,
    is_secret_name,
    names_host,
    substitute,
)
from bot.drafts.workloads import store_protocol, values_by_word
from bot.formats.importers.untrusted_document import UnreadableFile
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocol_named
from domain.catalog.technology_names import guess_technology
from domain.drafts.draft import Certainty, SourcePlace
from domain.kernel.elements import ComponentKind, Kind
from domain.technologies.technology import Technology

FindHost = Callable[[str], BuiltItem | None]
"""Returns the component with a host name, if the files describe it."""

_MAX_VARIABLES: Final = 20_000
"""Variables and arguments of all components together."""

_SCHEME_NAMES: Final = {
    "postgres": "postgresql",
    "mongodb+srv": "mongodb",
    "rediss": "redis",
    "grpcs": "grpc",
}


class _SecretFound(msgspec.Struct, kw_only=True):
    """One credential, wherever it occurs."""

    names: set[str]
    place: SourcePlace
    holders: dict[str, None]
    literal: SourcePlace | None = None
    default: bool = False


class DraftConnections:
    """Collector of what variables and arguments say; secrets are compared here, and never kept."""

    def __init__(self, builder: DraftBuilder, prefix: str, *, open_is_certain: bool) -> None:
        self._builder = builder
        self._prefix = prefix
        self._open_is_certain = open_is_certain
        self._read = 0
        self._secrets: dict[str, _SecretFound] = {}

    def read(
        self, item: BuiltItem, entries: Iterable[NamedValue], find: FindHost, certainty: Certainty
    ) -> None:
        """Read the variables of a component; what they name is as certain as stated, or less."""
        for entry in entries:
            self._read += 1
            if self._read > _MAX_VARIABLES:
                raise UnreadableFile(
                    f"The files have more than {_MAX_VARIABLES:,} variables and arguments, which is too many."
                )
            if not is_own_address(entry.name):
                for address in self._addresses(entry):
                    self._address(item, entry, address, find, certainty)
            for credential in credentials_in(entry):
                self.secret(item, credential, entry.place)

    def secret(self, item: BuiltItem, credential: Credential, place: SourcePlace) -> None:
        """Note that a component holds a credential."""
        found = self._secrets.setdefault(
            credential.identity, _SecretFound(names=set(), place=place, holders={})
        )
        found.names.add(credential.name)
        found.holders[item.key] = None
        if credential.literal and found.literal is None:
            found.literal, found.default = place, credential.default

    def finish(self) -> None:
        """Add the credentials as assets, each once, by the first of its names."""
        names = Counter(min(secret.names) for secret in self._secrets.values())
        for secret in self._secrets.values():
            name = min(secret.names)
            holder = next(iter(secret.holders)).rpartition(":")[2] if names[name] > 1 else ""
            key = f"{self._prefix}credential/{name}{'@' if holder else ''}{holder}"
            sure = Certainty.CERTAIN if secret.literal else Certainty.LIKELY
            item = self._builder.credential(key, name, secret.place, sure, qualifier=holder)
            for each in secret.holders:
                item.keep_in(each)
            if secret.literal:
                sure = Certainty.LIKELY if secret.default else Certainty.CERTAIN
                item.answer("out_of_code", secret.literal, yes=False, certainty=sure)
        self._secrets.clear()

    def _addresses(self, entry: NamedValue) -> list[Address]:
        """Return the addresses in a value, whose variables are replaced unless it may be a credential."""
        variables = self._builder.variables.get(entry.place.file, {})
        known = dict[str, str]() if is_secret_name(entry.name) else variables
        value = substitute(entry.value, known)
        found = list(addresses_in(NamedValue(entry.name, value, entry.place)))
        if not found and is_open(value) and names_host(entry.name):
            self._builder.note("an address that comes from a variable without a value was not read")
        return found

    def _address(
        self,
        item: BuiltItem,
        entry: NamedValue,
        address: Address,
        find: FindHost,
        certainty: Certainty,
    ) -> None:
        target = find(address.host)
        if target is item:
            return
        if target is None:
            if not is_foreign_host(entry.name, address.host):
                return
            target, certainty = foreign_service(self._builder, address.host, entry.place), Certainty.LIKELY
        protocol = protocol_of_scheme(address.scheme) or store_protocol(target.technology)
        flow = self._builder.flow(item, target, entry.place, certainty, protocol)
        if address.encrypted is not None:
            certain = self._open_is_certain and not address.encrypted
            sure = Certainty.CERTAIN if certain else Certainty.LIKELY
            flow.answer("encrypted", entry.place, yes=address.encrypted, certainty=sure)
        if address.verified:
            flow.answer("peer_verified", entry.place, yes=True, certainty=Certainty.LIKELY)


def foreign_service(builder: DraftBuilder, host: str, place: SourcePlace) -> BuiltItem:
    """Add a service outside of the files by its host, and return it: the end of a flow.

    A managed data store is a component of the system; any other service is an external dependency, for which
    the model makes the component of the flow itself.
    """
    technology = service_behind(host)
    entry = BUILT_IN.technology_of(technology)
    store = entry is not None and entry.kind is ComponentKind.DATA_STORE
    if not store:
        return builder.dependency(host, host, place, technology=technology)
    item = BuiltItem(Kind.COMPONENT, f"host:{host}", host, place, Certainty.LIKELY, technology=technology)
    item.role = ComponentKind.DATA_STORE
    return builder.add(item)


def service_behind(host: str) -> str:
    """Return the product behind a host such as `hooks.slack.com`; empty if the catalog does not know it."""
    key = guess_technology(BUILT_IN, " ".join(host.split(".")[:-1]).replace("-", " "))
    entry = BUILT_IN.technology_of(key)
    managed = entry is not None and entry.kind is not ComponentKind.PROCESS
    return key if managed and isinstance(entry, Technology) else ""


def protocol_of_scheme(scheme: str) -> str:
    """Return the catalog's name of the protocol of a URL; empty if it has none."""
    bare = scheme.partition("+")[0] if scheme not in _SCHEME_NAMES else _SCHEME_NAMES[scheme]
    found = protocol_named(BUILT_IN, bare) if bare else None
    return found.name if found else ""


_EVERYONE: Final = re.compile(r"[0-9.]{1,15}/[01]|[0-9A-Fa-f:.]{2,45}/[0-3]")

PROTOCOL_OF_PORT: Final = values_by_word(
    {
        "HTTP": "80 3000 5000 5601 8000 8025 8080 9090 9200 15672",
        "HTTPS": "443 8443",
        "SSH": "22 2222",
        "SMTP": "25 587 1025",
        "OTLP": "4317 4318",
        "FTP": "21",
        "DNS": "53",
        "LDAP": "389",
        "SMB": "445",
        "SMTPS": "465",
        "Syslog": "514",
        "LDAPS": "636",
        "TDS": "1433",
        "MQTT": "1883",
        "NFS": "2049",
        "MySQL protocol": "3306",
        "RDP": "3389",
        "NATS protocol": "4222",
        "PostgreSQL protocol": "5432",
        "AMQPS": "5671",
        "AMQP": "5672",
        "Redis protocol": "6379",
        "MQTTS": "8883",
        "Kafka protocol": "9092",
        "MongoDB protocol": "27017",
        "gRPC": "50051",
    }
)
"""The catalog's name of the protocol of a port."""


def is_everyone(addresses: str) -> bool:
    """Return whether a range of addresses is the internet, or a half of it."""
    return _EVERYONE.fullmatch(addresses.strip()) is not None
