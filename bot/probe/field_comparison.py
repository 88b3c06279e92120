"""Compare the fields of an answer with recorded ones: names and types, never values."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, cast

from bot.probe.probe_answers import FieldDifferences
from bot.probe.recorded_fields import RECORDED_FIELDS

_BESIDE: Final = {"ok", "error", "needed", "provided", "warning", "response_metadata"}
"""Fields that every answer has."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
"""A name that Slack gave to a field; any other key is an id, as in maps of custom profile fields."""


def compare_fields(method: str, answer: Mapping[str, object]) -> FieldDifferences:
    """Return additional and missing fields of an answer, and those of another type.

    Of a branch that is missing or unknown only its root is listed.
    """
    known = RECORDED_FIELDS[method]
    seen = dict(_paths({key: value for key, value in answer.items() if key not in _BESIDE}))
    missing = [path for path in known if path not in seen and _could_be_there(path, seen)]
    unknown = {path: kind for path, kind in seen.items() if path not in known and _is_root(path, known)}
    other = {path: kind for path, kind in seen.items() if kind not in (known.get(path, kind), "null")}
    return FieldDifferences(
        missing=tuple(sorted(missing)),
        unknown=dict(sorted(unknown.items())),
        other_type=dict(sorted(other.items())),
    )


def _could_be_there(path: str, seen: Mapping[str, str]) -> bool:
    """Return whether the place of a field is there, so that the field itself is missing."""
    if path.endswith("[]"):
        return False  # an empty list says nothing
    parent = _parent(path)
    return parent == "" or seen.get(parent) == "object"


def _is_root(path: str, known: Mapping[str, str]) -> bool:
    parent = _parent(path)
    return parent == "" or known.get(parent) in ("object", "list")


def _parent(path: str) -> str:
    if path.endswith("[]"):
        return path.removesuffix("[]")
    return path.rpartition(".")[0]


def _paths(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if path:
        yield path, _kind(value)
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            name = key if _NAME.fullmatch(key) else "*"
            yield from _paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _paths(inner, f"{path}[]")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "list"
        case _:
            return "object"
