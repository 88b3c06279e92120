"""What the deployed formats say alike about a workload: its technology, its images, its privileges."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from bot.drafts.environment_values import substitute
from domain.built_in_catalog import BUILT_IN
from domain.catalog.technology_names import guess_technology, technology_typed
from domain.drafts.draft import Certainty, SourcePlace
from domain.kernel.component_vocabulary import is_store_name
from domain.kernel.elements import ComponentKind, DataKind, Kind

_WORDS: Final = re.compile(r"[^a-z0-9.]+")
_GENERIC: Final = frozenset({"server", "service", "app", "image", "main", "core", "community", "enterprise"})
"""Last parts of an image that say nothing, so that the part before them counts: `mssql/server`."""

_ADMINISTERING: Final = frozenset(
    {"ui", "gui", "admin", "express", "insight", "insights", "commander", "console", "dashboard"} | {"webui"}
)
"""Words of a program with which people administer the product before them."""

_HELPING: Final = frozenset(
    {"exporter", "backup", "backups", "operator", "client", "cli", "init", "migrate", "migration"}
    | {"migrations", "migrator", "agent", "controller", "webhook", "sidecar", "seed", "seeder", "setup"}
    | {"bootstrap", "connect", "bridge", "mirror", "rest", "sync", "syncer", "provisioner", "reloader"}
    | {"restore", "dump", "importer", "loader", "createbuckets"}
)
"""Words of a program that works with the product before them, and is not that product."""


def values_by_word(table: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each word; the table has the words of each value, with spaces between them."""
    return {word: value for value, words in table.items() for word in words.split()}


_CATEGORY_BY_IMAGE: Final = values_by_word(
    {
        "admin_application": "phpmyadmin pgadmin pgadmin4 adminer portainer redisinsight dozzle akhq pgweb",
        "load_balancer": "caddy openresty swag varnish oauth2-proxy pomerium",
        "mail_server": "smtp mailhog mailpit maildev mailcatcher docker-mailserver exim",
        "dns_service": "coredns pihole unbound bind9",
        "artifact_registry": "registry harbor nexus nexus3 verdaccio",
        "model_server": "ollama vllm triton tgi tensorflow-serving",
        "directory_service": "openldap lldap glauth",
        "data_pipeline": "fluentd fluent-bit logstash vector filebeat promtail alloy",
        "message_queue": "nats mosquitto emqx",
        "event_stream": "pulsar",
        "": "zookeeper pgbouncer pgpool",
    }
)
"""Categories of the catalog for images that it has no name for; empty for those that must not be guessed."""


_CLIENTS: Final = frozenset({"browser", "single_page_app", "mobile_app", "desktop_app", "command_line_tool"})


class ImageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What an image reveals; `name` is its last part, `pinned` None if the text does not tell."""

    name: str
    technology: str
    role: ComponentKind
    pinned: bool | None


def read_image(text: str, service: str) -> ImageFacts:
    """Return what an image reveals, or the name of the service where the image says nothing."""
    plain = substitute(text, {})
    bare, _, digest = plain.partition("@")
    parts = [one for one in bare.casefold().split("/") if one]
    parts = [*parts[:-1], parts[-1].partition(":")[0]] if parts else [""]
    name = parts[-1].strip("${}")
    key = _technology(name) if name else ""
    if name in _GENERIC and len(parts) > 1:
        key = _technology(parts[-2]) or key
    named = "" if key or name in _CATEGORY_BY_IMAGE else _technology(service.casefold())
    key = _of_server(key or named)
    store = key == "" and (_is_store(name) or (not name and _is_store(service.casefold())))
    pinned = None if "$" in plain else digest.startswith("sha256:")
    return ImageFacts(
        name=name,
        technology=key,
        role=ComponentKind.DATA_STORE if store else role_of(key),
        pinned=pinned if text else None,
    )


def _of_server(key: str) -> str:
    """Return a technology, or that of the server where it is what clients run: a container is no browser."""
    category = BUILT_IN.category_of(key)
    return "server_application" if category and category.key in _CLIENTS else key


def role_of(technology: str) -> ComponentKind:
    """Return the role of a part of the system itself: a service that the team runs is no external entity."""
    entry = BUILT_IN.technology_of(technology)
    kind = entry.kind if entry else ComponentKind.PROCESS
    return ComponentKind.PROCESS if kind is ComponentKind.EXTERNAL_ENTITY else kind


def store_protocol(technology: str) -> str:
    """Return the protocol of a data store, if its clients have no choice about encryption in its name."""
    entry = BUILT_IN.technology_of(technology)
    if entry is None or entry.kind is not ComponentKind.DATA_STORE:
        return ""
    return "" if entry.protocol in ("HTTPS", "AMQPS", "LDAPS") else entry.protocol


def _technology(name: str) -> str:
    if name in _CATEGORY_BY_IMAGE:
        return _CATEGORY_BY_IMAGE[name]
    words = [one for one in _WORDS.split(name) if one]
    typed = technology_typed(BUILT_IN, name)
    if typed:
        return typed
    if not _HELPING.isdisjoint(words):
        return ""
    guess = guess_technology(BUILT_IN, " ".join(words))
    if not _ADMINISTERING.isdisjoint(words):
        return "admin_application" if guess else ""
    return guess


def _is_store(name: str) -> bool:
    words = [one for one in _WORDS.split(name) if one]
    return (
        bool(words)
        and _HELPING.isdisjoint(words)
        and _ADMINISTERING.isdisjoint(words)
        and (is_store_name(" ".join(words)) or words[-1] == "etcd" or words[-1].endswith("db"))
    )


_PINNED: Final = "version_pinned code_integrity_verified"
"""What a digest states: the version, and that what is loaded is what was built."""
_IMAGES: Final = "container-images"
_PASSING = frozenset({"cache", "message_queue", "event_stream", "log_store"})
"""Categories of stores whose data is not an asset of its own."""


def note_image(builder: DraftBuilder, image: ImageFacts, place: SourcePlace) -> None:
    """Add the dependency that all images from registries are: pinned unless one has no digest."""
    sort = "Container images from registries"
    item = builder.dependency(_IMAGES, "Container images", place, sort=sort)
    item.answer("ships_code", place, yes=True)
    if image.pinned is None:
        item.withhold(*_PINNED.split())
    else:
        item.answer(_PINNED, place, yes=image.pinned)


def withhold_pinned(builder: DraftBuilder) -> None:
    """Propose no pinned images: there are images that the files do not name."""
    if item := builder.items.get(f"dependency:{_IMAGES}"):
        item.withhold(*_PINNED.split())


def note_stored_data(builder: DraftBuilder, store: BuiltItem, key: str) -> None:
    """Add the data of a data store as a possible asset."""
    category = BUILT_IN.category_of(store.technology)
    if store.role is not ComponentKind.DATA_STORE or (category and category.key in _PASSING):
        return
    name = f"Data in {store.name}"
    data = BuiltItem(
        Kind.ASSET, key, name, store.place, Certainty.GUESS, store.qualifier, data=DataKind.OTHER
    )
    data.stored_in = [store.key]
    builder.add(data)


_POWERFUL: Final = frozenset(
    {"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF"}
)
_STRONG: Final = frozenset({"NET_ADMIN", "NET_RAW", "SYS_TIME", "DAC_OVERRIDE"})
_SOCKETS: Final = re.compile(r"(?:docker|containerd|podman|crio)\.sock$")
"""Sockets of container engines: a process that can write to one controls the host."""

_ROOTS: Final = re.compile(r"/|/etc|/root|/home|/var|/boot|/dev|/var/lib/docker|/var/lib/kubelet")
"""Directories of the host that give control of it, or of other workloads."""

_DISKS: Final = re.compile(r"/dev/(?:k?mem|port|(?:sd|vd|xvd|hd)[a-z]\w*|nvme\w+|dm-\d+|mapper/.+)")
"""Devices of the host through which its memory or its disks are read and written."""

_STATES: Final = re.compile(r"/proc|/sys|/var/log|/var/run|/run")
"""Directories of the host that tell of other workloads."""


def answer_host_path(item: BuiltItem, path: str, place: SourcePlace) -> None:
    """Answer what a mounted directory or socket of the host tells."""
    bare = path.rstrip("/") or "/"
    if is_engine_socket(bare) or _DISKS.fullmatch(bare):
        item.answer("least_privilege isolated", place, yes=False)
    elif _ROOTS.fullmatch(bare) or _STATES.fullmatch(bare):
        item.answer("isolated", place, yes=False, certainty=Certainty.LIKELY)


def is_engine_socket(path: str) -> bool:
    """Return whether a path is that of the socket of a container engine."""
    return _SOCKETS.search(path) is not None


def answer_capability(item: BuiltItem, name: str, place: SourcePlace) -> None:
    """Answer what a capability of the kernel that is added tells."""
    bare = name.upper().removeprefix("CAP_")
    if bare in _POWERFUL:
        item.answer("least_privilege isolated", place, yes=False)
    elif bare in _STRONG:
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
