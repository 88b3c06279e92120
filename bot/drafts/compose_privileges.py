"""Privileges and isolation of Compose services."""

import re
from collections.abc import Iterator

import msgspec

from bot.drafts.compose_services import ComposeService
from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from bot.drafts.host_privileges import answer_capability, answer_host_path, is_engine_socket
from bot.drafts.lined_values import LinedMapping, text_of
from bot.drafts.variable_values import is_open
from domain.drafts.draft import Certainty, SourcePlace


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
    last = layers[-1]
    user = next((one.text("user") for one in reversed(layers) if one.text("user")), "")
    drops = {text_of(value).upper() for one in layers for value in one.list("cap_drop")}
    name = user.partition(":")[0]
    place = next((one.place("user") for one in reversed(layers) if one.text("user")), last.place("user"))
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
            item.answer("least_privilege", layer.place(key), yes=False)
            item.answer("isolated", layer.place(key), yes=False)
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
