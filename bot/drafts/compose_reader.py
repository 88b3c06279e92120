"""Drafts from Compose files."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from bot.drafts.draft_builder import BuiltItem, DraftBuilder, clean_name
from bot.drafts.draft_connections import PROTOCOL_OF_PORT, DraftConnections
from bot.drafts.environment_values import (
    NamedValue,
    OpenValue,
    Variables,
    arguments,
    is_open,
    resolve_values,
    variables,
)
from bot.drafts.lined_values import LinedList, LinedMapping, mapping_of, text_of
from bot.drafts.workloads import (
    ImageFacts,
    answer_capability,
    answer_host_path,
    is_engine_socket,
    note_image,
    note_stored_data,
    read_image,
    store_protocol,
    withhold_pinned,
)
from domain.drafts.draft import Certainty, SourcePlace
from domain.kernel.elements import ComponentKind, Exposure


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


_MOST_ALIKE: Final = 3
"""The number of services with one image and no port from which they are one component."""


def is_compose(document: LinedMapping) -> bool:
    """Return whether a document is a Compose file."""
    return isinstance(document.get("services"), LinedMapping) and "kind" not in document


def read_compose(documents: Sequence[LinedMapping], builder: DraftBuilder) -> None:
    """Read Compose files: those of one name, or without a name, describe one project."""
    names = list(dict.fromkeys(document.text("name") for document in documents if document.text("name")))
    alone = names[0] if len(names) == 1 else ""
    projects: dict[str, list[LinedMapping]] = {}
    for document in documents:
        projects.setdefault(document.text("name") or alone, []).append(document)
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
        for volumes in (file.mapping("volumes") for file in files):
            for volume in volumes:
                self._volumes.put(volume, volumes[volume], volumes.lines[volume])
            resolve_values(volumes, builder.variables.get(volumes.file, {}), frozenset({"driver_opts"}))
        self._services = services_of(files, builder.variables)
        self._images = {service.name: read_image(service.image, service.name) for service in self._services}
        self._items: dict[str, BuiltItem] = {}
        self._hosts: dict[str, BuiltItem] = {}
        self._connections = DraftConnections(builder, self._prefix, open_is_certain=True)

    def read(self) -> None:
        self._add_components()
        for service in self._services:
            item = self._items[service.name]
            answer_privileges(item, service, self._volumes)
            leave_values_open(self._builder, item, service, self._volumes)
            self._add_ports(service, item)
            self._add_dependencies(service, item)
            self._read_variables(service, item)
        self._add_routes()
        self._connections.finish()
        self._add_secrets()
        self._add_networks()
        for service in self._services:
            item = self._items[service.name]
            note_stored_data(self._builder, item, f"{self._prefix}data/{service.name}")
        self._note_unread()

    def _add_components(self) -> None:
        alike = Counter(
            self._alike(one) for one in self._services if not any(True for _ in one.entries("ports"))
        )
        own = {service.image for service in self._services if service.built}
        for one in self._services:
            image = self._images[one.name]
            together = alike[self._alike(one)] > _MOST_ALIKE and not any(True for _ in one.entries("ports"))
            self._items[one.name] = item = self._component(one, image, together=together)
            if one.image and not one.built and one.image not in own:
                note_image(self._builder, image, one.image_place)
            for host in hosts_of(one):
                self._hosts.setdefault(host.casefold(), item)
        if any(one.built or layer.get("extends") for one in self._services for layer in one.layers):
            withhold_pinned(self._builder)  # the images that a build starts from
        for service in self._services:  # a service has its own name, also if another one has it as an alias
            self._hosts[service.name.casefold()] = self._items[service.name]

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
        return self._builder.component(
            key, name, service.place, image.role, image.technology, certainty, qualifier=self._scope
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
            entry_point = self._builder.entry_point(
                f"{self._prefix}{service.name}:{port.name}",
                f"{service.name} {'port' if port.number else 'published on'} {port.name}",
                place,
                item,
                Exposure.LOCAL if port.local else None,
                protocol or (store_protocol(item.technology) if only else ""),
                item.certainty,
                qualifier=self._scope,
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
                values |= {variable.name: variable for variable in variables(value)}
        self._connections.read(item, values.values(), find, Certainty.CERTAIN)
        for key in ("command", "entrypoint"):
            value, place = service.stated(key)
            self._connections.read(item, arguments(value, place), find, Certainty.LIKELY)

    def _add_routes(self) -> None:
        """Add the flows from Traefik to the services whose labels are routes."""
        proxies = [self._items[name] for name, image in self._images.items() if image.name == "traefik"]
        for service in self._services:
            for layer in service.layers:
                labels = variables(layer.get("labels"))
                routes = [label.place for label in labels if label.name.startswith(_ROUTERS)]
                for proxy in proxies if routes else ():
                    if proxy is not self._items[service.name]:
                        self._builder.flow(proxy, self._items[service.name], routes[0], Certainty.LIKELY)

    def _add_secrets(self) -> None:
        for declared in (file.mapping("secrets") for file in self._files):
            for name in declared:
                self._add_secret(name, declared.place(name))
        for service in self._services:
            for value, place in service.entries("secrets"):
                name = value.text("source") if isinstance(value, LinedMapping) else text_of(value)
                if name:
                    self._add_secret(name, place).keep_in(self._items[service.name].key)

    def _add_secret(self, name: str, place: SourcePlace) -> BuiltItem:
        key = f"{self._prefix}secret/{name}"
        return self._builder.credential(key, name, place, qualifier=self._scope or "secret")

    def _add_networks(self) -> None:
        """Add the networks with several components that are in no other one, unless there is only one."""
        inside: dict[str, dict[str, SourcePlace]] = {}
        networks: dict[str, set[str]] = {}
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
            self._builder.boundary(
                f"{self._prefix}network/{name}",
                f"{name} network",
                declared.get(name, members[alone[0]]),
                [self._builder.items[key] for key in alone],
                qualifier=self._scope,
            )

    def _note_unread(self) -> None:
        for file in self._files:
            if file.get("include"):
                self._builder.note("include: the files that it names were not read")
        for layer in (layer for service in self._services for layer in service.layers):
            if layer.get("extends"):
                self._builder.note("extends of a service: what it takes over was not read")
            if layer.get("env_file"):
                self._builder.note("env_file of a service: its variables were not read")


_ROUTERS: Final = ("traefik.http.routers.", "traefik.tcp.routers.")
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
    return bool(profiles) and all(profile in _DEVELOPMENT for profile in profiles)


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


def answer_privileges(item: BuiltItem, service: ComposeService, volumes: LinedMapping) -> None:
    """Answer the questions about privileges that a service answers; `volumes` are those of its project."""
    layers = service.layers
    for layer in layers:
        _answer_modes(item, layer)
        _answer_capabilities(item, layer)
        for mount in bind_mounts(layer, volumes):
            answer_host_path(item, mount.source, mount.place)
            if is_open(mount.source) and is_engine_socket(mount.target):
                item.answer("least_privilege", mount.place, yes=False, certainty=Certainty.LIKELY)
        for text, place in layer.list("devices").texts():
            answer_host_path(item, text.partition(":")[0], place)
        if layer.get("extends"):
            item.withhold("least_privilege")
    users = [one for one in reversed(layers) if one.text("user")] or layers[-1:]
    user, place = users[0].text("user"), users[0].place("user")
    drops = {text_of(value).upper() for one in layers for value in one.list("cap_drop")}
    name = user.partition(":")[0]
    if name and name.strip("0") in ("", "root"):
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
    elif name and not is_open(user) and "ALL" in drops:
        item.answer("least_privilege", place, yes=True, certainty=Certainty.LIKELY)


def leave_values_open(
    builder: DraftBuilder, item: BuiltItem, service: ComposeService, volumes: LinedMapping
) -> None:
    """Propose what a service says with variables that have no value; ports are entry points of their own."""
    for one in service.open:
        if one.key not in ("ports", "volumes"):
            builder.leave_open(item.key, f"{service.name} has {one.key} {one.text}", one.place, item)
    for layer in service.layers:
        for mount in bind_mounts(layer, volumes):
            if is_open(mount.source):
                builder.leave_open(item.key, f"{service.name} mounts {mount.text}", mount.place, item)


def _answer_modes(item: BuiltItem, layer: LinedMapping) -> None:
    for key in ("privileged", "use_api_socket"):
        if layer.is_true(key):
            item.answer("least_privilege isolated", layer.place(key), yes=False)
    for key in ("network_mode", "pid", "ipc", "userns_mode", "uts", "cgroup"):
        if layer.text(key) == "host":
            place = layer.place(key)
            item.answer("isolated", place, yes=False)
            item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)


def _answer_capabilities(item: BuiltItem, layer: LinedMapping) -> None:
    for name, place in layer.list("cap_add").texts():
        answer_capability(item, name, place)
    for text, place in layer.list("security_opt").texts():
        if re.fullmatch(r"(?:seccomp|apparmor|systempaths|label)[:=](?:unconfined|disable)", text):
            item.answer("isolated", place, yes=False, certainty=Certainty.LIKELY)


class BindMount(msgspec.Struct, frozen=True, kw_only=True):
    """A directory or file of the host in a container; `text` is the entry as it is shown."""

    source: str
    target: str
    text: str
    place: SourcePlace


def bind_mounts(layer: LinedMapping, volumes: LinedMapping) -> Iterator[BindMount]:
    """Yield what a service mounts from the host, also through a volume that stands for a directory there."""
    for value, place in layer.list("volumes").places():
        if isinstance(value, LinedMapping):
            kind, source, target = value.text("type"), value.text("source"), value.text("target")
            bound = kind == "bind" or is_open(kind) or source.startswith("/")
        else:
            text = text_of(value)
            source, colon, rest = text.partition(":")
            target = rest.partition(":")[0]
            bound = is_open(text) if not colon else source.startswith(("/", ".", "~", "$", "{"))
        device = volumes.mapping(source, "driver_opts").text("device")
        if device and not bound:
            bound, source = True, device
        if bound:
            text = f"{source} as {target}" if target else source
            yield BindMount(source=source, target=target, text=text, place=place)


_NUMBERS: Final = re.compile(r"\d{1,5}(?:-\d{1,5})?")
_LOOPBACK: Final = re.compile(r"127\.\d+\.\d+\.\d+|\[?::1\]?|localhost")
_MOST_TEXT: Final = 200


class PublishedPort(msgspec.Struct, frozen=True, kw_only=True):
    """A published port, or a range; `udp` is in its name, because it is another port.

    `number` is False if the name is not a number: a variable without a value, or what cannot be read.
    """

    name: str
    target: str
    local: bool
    number: bool = True


def published_port(value: object) -> PublishedPort | None:
    """Return a port in the short or the long form; None if there is nothing."""
    if isinstance(value, LinedMapping):
        target, published = value.text("target"), value.text("published")
        ip, protocol = value.text("host_ip"), value.text("protocol")
    else:
        mapping, _, protocol = text_of(value)[:_MOST_TEXT].strip().partition("/")
        *before, target = mapping.rsplit(":", 2)
        published = before[-1] if before else ""
        ip = before[0] if len(before) > 1 else ""
    name = clean_name(published or target, _MOST_TEXT)
    if not name:
        return None
    suffix = f"/{protocol}" if protocol and protocol != "tcp" else ""
    inner = target if _NUMBERS.fullmatch(target) else ""
    return PublishedPort(
        name=f"{name}{suffix}",
        target="" if suffix else inner,
        local=_LOOPBACK.fullmatch(ip) is not None,
        number=_NUMBERS.fullmatch(name) is not None,
    )
