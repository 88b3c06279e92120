"""Compose files: services, published ports, networks, secrets."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from bot.drafts.compose_ports import published_port
from bot.drafts.compose_privileges import answer_privileges, leave_values_open
from bot.drafts.compose_services import (
    ComposeService,
    hosts_of,
    is_for_development,
    linked_services,
    needed_services,
    networks_of,
    services_of,
)
from bot.drafts.draft_builder import NO_KEY, BuiltItem, DraftBuilder
from bot.drafts.draft_connections import DraftConnections
from bot.drafts.environment_values import NamedValue, arguments, variables
from bot.drafts.image_technology import ImageFacts, read_image, store_protocol
from bot.drafts.lined_values import LinedMapping, text_of
from bot.drafts.port_protocols import PROTOCOL_OF_PORT
from bot.drafts.variable_values import resolve_values
from bot.drafts.workload_images import note_image, note_stored_data, withhold_pinned
from domain.drafts.draft import Certainty, SourceKey, SourcePlace
from domain.kernel.elements import ComponentKind, DataKind, Exposure, Kind

_MOST_ALIKE: Final = 3
"""The number of services with one image and no port from which they are one component."""


def is_compose(document: LinedMapping) -> bool:
    """Return whether a document is a Compose file."""
    return isinstance(document.get("services"), LinedMapping) and "kind" not in document


def read_compose(documents: Sequence[LinedMapping], builder: DraftBuilder) -> None:
    """Read Compose files: those of one name, or without a name, describe one project."""
    names = list(dict.fromkeys(one.text("name") for one in documents if one.text("name")))
    alone = names[0] if len(names) == 1 else ""
    projects: dict[str, list[LinedMapping]] = {}
    for one in documents:
        projects.setdefault(one.text("name") or alone, []).append(one)
    for name, files in projects.items():
        _Project(name, files, builder).read()


class _Project:
    """The services of one project."""

    def __init__(self, name: str, files: list[LinedMapping], builder: DraftBuilder) -> None:
        self._builder = builder
        self._prefix = f"compose:{name}/" if name else "compose:"
        self._scope = name
        self._files = files
        self._volumes = LinedMapping()
        for volumes in (one.mapping("volumes") for one in files):
            for volume in volumes:
                self._volumes.put(volume, volumes[volume], volumes.lines[volume])
            resolve_values(volumes, builder.variables.get(volumes.file, {}), frozenset({"driver_opts"}))
        self._services = services_of(files, builder.variables)
        self._images = {one.name: read_image(one.image, one.name) for one in self._services}
        self._items: dict[str, BuiltItem] = {}
        self._hosts: dict[str, BuiltItem] = {}
        self._connections = DraftConnections(builder, self._prefix, open_is_certain=True)

    def read(self) -> None:
        self._add_components()
        for one in self._services:
            item = self._items[one.name]
            answer_privileges(item, one, self._volumes)
            leave_values_open(self._builder, item, one, self._volumes)
            self._add_ports(one, item)
            self._add_dependencies(one, item)
            self._read_variables(one, item)
        self._add_routes()
        self._connections.finish()
        self._add_secrets()
        self._add_networks()
        for one in self._services:
            item = self._items[one.name]
            note_stored_data(self._builder, item, SourceKey(f"{self._prefix}data/{one.name}"))
        self._note_unread()

    def _add_components(self) -> None:
        alike = Counter(
            self._alike(one) for one in self._services if not any(True for _ in one.entries("ports"))
        )
        own = {one.image for one in self._services if one.built}
        for one in self._services:
            image = self._images[one.name]
            together = alike[self._alike(one)] > _MOST_ALIKE and not any(True for _ in one.entries("ports"))
            item = self._builder.add(self._component(one, image, together=together))
            item.answer("software", item.place, yes=True)
            self._items[one.name] = item
            if one.image and not one.built and one.image not in own:
                note_image(self._builder, image, one.image_place)
            for host in hosts_of(one):
                self._hosts.setdefault(host.casefold(), item)
        if any(one.built or layer.get("extends") for one in self._services for layer in one.layers):
            withhold_pinned(self._builder)  # the images that a build starts from
        for one in self._services:  # a service has its own name, also if another one has it as an alias
            self._hosts[one.name.casefold()] = self._items[one.name]

    def _alike(self, service: ComposeService) -> str:
        """Return what services have in common that are one program in several roles."""
        store = self._images[service.name].role is ComponentKind.DATA_STORE
        return f"={service.name}" if store or not service.image else service.image

    def _component(self, service: ComposeService, image: ImageFacts, *, together: bool) -> BuiltItem:
        if together:
            key, name = f"{self._prefix}image/{image.name}", f"{image.name} services"
        else:
            key, name = f"{self._prefix}{service.name}", service.name
        certainty = Certainty.LIKELY if together else Certainty.CERTAIN
        if is_for_development(service):
            certainty = Certainty.GUESS
        return BuiltItem(
            key=SourceKey(key),
            kind=Kind.COMPONENT,
            name=name,
            qualifier=self._scope,
            place=service.place,
            certainty=certainty,
            role=image.role,
            technology=image.technology,
        )

    def _add_ports(self, service: ComposeService, item: BuiltItem) -> None:
        ports = [
            (port, place)
            for value, place in service.entries("ports")
            if (port := published_port(value)) is not None
        ]
        only = len(ports) == 1
        for port, place in ports:
            protocol = PROTOCOL_OF_PORT.get(port.target, "")
            entry_point = self._builder.add(
                BuiltItem(
                    key=SourceKey(f"{self._prefix}{service.name}:{port.name}"),
                    kind=Kind.ENTRY_POINT,
                    name=f"{service.name} {'port' if port.number else 'published on'} {port.name}",
                    qualifier=self._scope,
                    place=place,
                    certainty=item.certainty,
                    component=item.key,
                    exposure=Exposure.LOCAL if port.local else None,
                    protocol=protocol or (store_protocol(item.technology) if only else ""),
                )
            )
            if item.technology == "admin_application":
                entry_point.answer("administers", place, yes=True, certainty=Certainty.LIKELY)

    def _add_dependencies(self, service: ComposeService, item: BuiltItem) -> None:
        for name, place in needed_services(service):
            target = self._items.get(name)
            if target is not None and target is not item:
                protocol = store_protocol(target.technology)
                self._builder.flow(item, target, place, Certainty.LIKELY, protocol)

    def _read_variables(self, service: ComposeService, item: BuiltItem) -> None:
        aliases = {alias: name for name, alias in linked_services(service) if alias}

        def find(host: str) -> BuiltItem | None:
            return self._items.get(aliases.get(host, "")) or self._hosts.get(host)

        values: dict[str, NamedValue] = {}
        for layer in service.layers:
            build = layer.mapping("build")
            for value in (build.get("args"), layer.get("environment")):
                values |= {one.name: one for one in variables(value)}
        sure = Certainty.CERTAIN
        self._connections.read(item, values.values(), find, sure)
        for key in ("command", "entrypoint"):
            value, place = service.stated(key)
            self._connections.read(item, arguments(value, place), find, Certainty.LIKELY)

    def _add_routes(self) -> None:
        """Add the flows from Traefik to the services whose labels are routes."""
        proxies = [self._items[name] for name, image in self._images.items() if image.name == "traefik"]
        for one in self._services:
            for layer in one.layers:
                routes = (
                    label.place
                    for label in variables(layer.get("labels"))
                    if label.name.startswith(("traefik.http.routers.", "traefik.tcp.routers."))
                )
                place = next(routes, None)
                for proxy in proxies if place else ():
                    if proxy is not self._items[one.name] and place:
                        self._builder.flow(proxy, self._items[one.name], place, Certainty.LIKELY)

    def _add_secrets(self) -> None:
        for file in self._files:
            for name, place in ((one, file.mapping("secrets").place(one)) for one in file.mapping("secrets")):
                self._add_secret(name, place)
        for service in self._services:
            for value, place in service.entries("secrets"):
                name = value.text("source") if isinstance(value, LinedMapping) else text_of(value)
                if name:
                    secret = self._add_secret(name, place)
                    held = self._items[service.name].key
                    secret.stored_in += [] if held in secret.stored_in else [held]

    def _add_secret(self, name: str, place: SourcePlace) -> BuiltItem:
        return self._builder.add(
            BuiltItem(
                key=SourceKey(f"{self._prefix}secret/{name}"),
                kind=Kind.ASSET,
                name=name,
                qualifier=self._scope or "secret",
                place=place,
                sort="Credential",
                data=DataKind.CREDENTIAL,
            )
        )

    def _add_networks(self) -> None:
        """Add the networks with several components that are in no other one, unless there is only one."""
        inside: dict[str, dict[SourceKey, SourcePlace]] = {}
        networks: dict[SourceKey, set[str]] = {}
        for service in self._services:
            item = self._items[service.name]
            if item.certainty is Certainty.GUESS:
                continue  # a tool of developers makes no boundary
            for name, place in networks_of(service):
                inside.setdefault(name, {}).setdefault(item.key, place)
                networks.setdefault(item.key, set()).add(name)
        declared = {
            name: file.mapping("networks").place(name)
            for file in self._files
            for name in file.mapping("networks")
        }
        for name, members in inside.items():
            alone = [key for key in members if networks[key] == {name}]
            if name == "default" or len(alone) <= 1 or len(alone) == len(networks):
                continue
            boundary = self._builder.add(
                BuiltItem(
                    key=SourceKey(f"{self._prefix}network/{name}"),
                    kind=Kind.TRUST_BOUNDARY,
                    name=f"{name} network",
                    qualifier=self._scope,
                    place=declared.get(name, members[alone[0]]),
                    certainty=Certainty.LIKELY,
                )
            )
            for key in alone:
                item = self._builder.items[key]
                item.boundary = boundary.key if item.boundary == NO_KEY else item.boundary

    def _note_unread(self) -> None:
        for file in self._files:
            if file.get("include"):
                self._builder.note("include: the files that it names were not read")
        for layer in (layer for one in self._services for layer in one.layers):
            if layer.get("extends"):
                self._builder.note("extends of a service: what it takes over was not read")
            if layer.get("env_file"):
                self._builder.note("env_file of a service: its variables were not read")
