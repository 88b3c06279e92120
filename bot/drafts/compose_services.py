"""Services of a Compose project, each with its declaration in every file."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from bot.drafts.lined_values import LinedList, LinedMapping, mapping_of, text_of
from bot.drafts.variable_values import OpenValue, Variables, resolve_values
from domain.drafts.draft import SourcePlace

_DEVELOPMENT: Final = frozenset(
    {"dev", "development", "debug", "test", "tests", "testing", "tools", "local", "e2e"}
)
"""Profiles of services that are not part of the system in operation."""

_ENDED: Final = "service_completed_successfully"
"""The condition of a dependency that has ended when the service starts, so that no data flows to it."""


EXPOSING: Final = frozenset(
    {"ports", "volumes", "network_mode", "pid", "ipc", "userns_mode", "uts", "cgroup", "privileged", "user"}
    | {"cap_add", "cap_drop", "security_opt", "devices", "use_api_socket"}
)
"""Keys of services that decide about exposure and privileges, in which variables are replaced."""


class ComposeService(msgspec.Struct, kw_only=True):
    """A service with its declaration in each file, the last of which counts most.

    `open` are its values about exposure and privileges that hold variables without a value.
    """

    name: str
    layers: list[LinedMapping]
    place: SourcePlace
    image: str = ""
    image_place: SourcePlace = SourcePlace(file="")
    built: bool = False
    open: list[OpenValue] = msgspec.field(default_factory=list[OpenValue])

    def entries(self, key: str) -> Iterator[tuple[object, SourcePlace]]:
        """Yield the entries of a list in all files."""
        for layer in self.layers:
            yield from layer.list(key).places()

    def stated(self, key: str) -> tuple[object, SourcePlace]:
        """Return the last statement of a value, with its place; None if there is none."""
        for layer in reversed(self.layers):
            if layer.get(key) is not None:
                return layer[key], layer.place(key)
        return None, self.place


def services_of(files: list[LinedMapping], variables: Mapping[str, Variables]) -> list[ComposeService]:
    """Return the services of some files, each once; `variables` are those of each file."""
    found: dict[str, ComposeService] = {}
    for file in files:
        services = file.mapping("services")
        for name, value in services.items():
            layer = mapping_of(value)
            service = found.setdefault(name, ComposeService(name=name, layers=[], place=services.place(name)))
            service.layers.append(layer)
            known = variables.get(file.file, {})
            service.open += resolve_values(layer, known, EXPOSING, frozenset(layer))
            if layer.text("image"):
                service.image, service.image_place = layer.text("image"), layer.place("image")
            service.built = service.built or bool(layer.get("build"))
    return list(found.values())


def is_for_development(service: ComposeService) -> bool:
    """Return whether a service starts only with profiles of developers."""
    profiles = [text_of(value).casefold() for value, _ in service.entries("profiles")]
    return bool(profiles) and all(one in _DEVELOPMENT for one in profiles)


def hosts_of(service: ComposeService) -> Iterator[str]:
    """Yield the names besides its own by which a service is reached."""
    for layer in service.layers:
        yield from (name for key in ("container_name", "hostname") if (name := layer.text(key)))
        networks = layer.get("networks")
        for network in networks.values() if isinstance(networks, LinedMapping) else ():
            yield from (alias for alias, _ in mapping_of(network).list("aliases").texts())


def needed_services(service: ComposeService) -> Iterator[tuple[str, SourcePlace]]:
    """Yield the services that a service depends on or is linked to."""
    for layer in service.layers:
        needs = layer.get("depends_on")
        if isinstance(needs, LinedMapping):
            for name in needs:
                if needs.mapping(name).text("condition") != _ENDED:
                    yield name, needs.place(name)
        elif isinstance(needs, LinedList):
            yield from needs.texts()
        for text, place in layer.list("links").texts():
            yield text.partition(":")[0], place


def linked_services(service: ComposeService) -> Iterator[tuple[str, str]]:
    """Yield the services to which a service is linked, each with its alias there, which may be empty."""
    for layer in service.layers:
        for text, _ in layer.list("links").texts():
            name, _, alias = text.partition(":")
            yield name, alias


def networks_of(service: ComposeService) -> Iterator[tuple[str, SourcePlace]]:
    """Yield the networks of a service; `default` if it states none."""
    value, place = service.stated("networks")
    if isinstance(value, LinedMapping):
        yield from ((name, value.place(name)) for name in value)
    elif isinstance(value, LinedList) and value:
        yield from value.texts()
    elif service.stated("network_mode")[0] is None:
        yield "default", place
