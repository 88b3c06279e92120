"""Field overrides: responses with fields missing or added, as configured."""

from collections.abc import Iterator
from copy import deepcopy

from bot.sandbox.slack_json import Json, json_objects
from bot.sandbox.workspace.workspace_behavior import Behavior

SOME_ID = "Xf0SANDBOX1"
"""Stands for any ID in a path with `*`."""


def with_field_overrides(behavior: Behavior, method: str, answer: Json) -> Json:
    """Return a method's response with the configured overrides."""
    other = behavior.fields.get(method)
    if other is None:
        return answer
    answer = deepcopy(answer)
    for path in other.missing:
        for parent, name in _places(answer, path):
            parent.pop(name.removesuffix("[]"), None)
    for path, kind in other.present.items():
        for parent, name in _places(answer, path):
            blank = _blank(kind)
            parent[name.removesuffix("[]")] = [blank] if name.endswith("[]") else blank
    return answer


def _places(answer: Json, path: str) -> Iterator[tuple[Json, str]]:
    """Yield every object that contains a path's last field, with that field's name."""
    *way, name = path.split(".")
    parents = [answer]
    for step in way:
        inner = [parent.get(step.removesuffix("[]")) for parent in parents]
        parents = [one for value in inner for one in json_objects(value if step.endswith("[]") else [value])]
    for parent in parents:
        yield parent, SOME_ID if name == "*" else name


def _blank(kind: str) -> object:
    blanks: Json = {"string": "", "number": 0, "boolean": False, "list": [], "object": {}}
    return blanks.get(kind)
