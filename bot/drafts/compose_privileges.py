"""Privileges and isolation of Compose services."""

import re
from collections.abc import Iterator, Sequence

from bot.drafts.draft_builder import BuiltItem
from bot.drafts.host_privileges import answer_capability, answer_host_path
from bot.drafts.lined_values import LinedMapping, text_of
from domain.drafts.draft import Certainty, SourcePlace


def answer_privileges(item: BuiltItem, layers: Sequence[LinedMapping]) -> None:
    """Answer the questions about privileges that a service's declaration answers."""
    for layer in layers:
        _answer_modes(item, layer)
        _answer_capabilities(item, layer)
        for source, place in _bind_mounts(layer):
            answer_host_path(item, source, place)
    last = layers[-1]
    user = next((one.text("user") for one in reversed(layers) if one.text("user")), "")
    drops = {text_of(value).upper() for one in layers for value in one.list("cap_drop")}
    name = user.partition(":")[0]
    place = next((one.place("user") for one in reversed(layers) if one.text("user")), last.place("user"))
    if name in ("root", "0"):
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
    elif name and "$" not in name and "ALL" in drops:
        item.answer("least_privilege", place, yes=True, certainty=Certainty.LIKELY)


def _answer_modes(item: BuiltItem, layer: LinedMapping) -> None:
    if layer.is_true("privileged"):
        item.answer("least_privilege", layer.place("privileged"), yes=False)
        item.answer("isolated", layer.place("privileged"), yes=False)
    for key in ("network_mode", "pid", "ipc", "userns_mode"):
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


def _bind_mounts(layer: LinedMapping) -> Iterator[tuple[str, SourcePlace]]:
    for value, place in layer.list("volumes").places():
        if isinstance(value, LinedMapping):
            if value.text("type") == "bind" or value.text("source").startswith("/"):
                yield value.text("source"), place
        elif (source := text_of(value).partition(":")[0]).startswith("/") and ":" in text_of(value):
            yield source, place
