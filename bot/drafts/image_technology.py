"""What a container image or the name of a service reveals: its technology, its role, whether it is pinned."""

import re
from typing import Final

import msgspec

from bot.drafts.variable_values import substitute
from domain.built_in_catalog import BUILT_IN
from domain.catalog.technology_names import guess_technology, technology_typed
from domain.kernel.component_vocabulary import is_store_name
from domain.kernel.elements import ComponentKind

_WORDS: Final = re.compile(r"[^a-z0-9.]+")
_GENERIC: Final = frozenset({"server", "service", "app", "image", "main", "core", "community", "enterprise"})
"""Last parts of an image that say nothing, so that the part before them counts: `mssql/server`."""

_ADMINISTERING: Final = frozenset(
    {"ui", "gui", "admin", "express", "insight", "insights", "commander", "console", "dashboard", "webui"}
)
"""Words of a program with which people administer the product before them."""

_HELPING: Final = frozenset(
    {
        *("exporter", "backup", "backups", "operator", "client", "cli", "init", "migrate", "migration"),
        *("migrations", "migrator", "agent", "controller", "webhook", "sidecar", "seed", "seeder", "setup"),
        *("bootstrap", "connect", "bridge", "mirror", "rest", "sync", "syncer", "provisioner", "reloader"),
        *("restore", "dump", "importer", "loader", "createbuckets"),
    }
)
"""Words of a program that works with the product before them, and is not that product."""

_CATEGORY_BY_IMAGE: Final = {
    **dict.fromkeys(
        (
            "phpmyadmin",
            "pgadmin",
            "pgadmin4",
            "adminer",
            "portainer",
            "redisinsight",
            "dozzle",
            "akhq",
            "pgweb",
        ),
        "admin_application",
    ),
    **dict.fromkeys(("caddy", "openresty", "swag", "varnish", "oauth2-proxy", "pomerium"), "load_balancer"),
    **dict.fromkeys(
        ("smtp", "mailhog", "mailpit", "maildev", "mailcatcher", "docker-mailserver", "exim"), "mail_server"
    ),
    **dict.fromkeys(("coredns", "pihole", "unbound", "bind9"), "dns_service"),
    **dict.fromkeys(("registry", "harbor", "nexus", "nexus3", "verdaccio"), "artifact_registry"),
    **dict.fromkeys(("ollama", "vllm", "triton", "tgi", "tensorflow-serving"), "model_server"),
    **dict.fromkeys(("openldap", "lldap", "glauth"), "directory_service"),
    **dict.fromkeys(
        ("fluentd", "fluent-bit", "logstash", "vector", "filebeat", "promtail", "alloy"), "data_pipeline"
    ),
    "nats": "message_queue",
    "mosquitto": "message_queue",
    "emqx": "message_queue",
    "pulsar": "event_stream",
    "zookeeper": "",
    "pgbouncer": "",
    "pgpool": "",
}
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
