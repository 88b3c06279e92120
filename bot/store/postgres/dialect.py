"""Statements of SQLite's dialect, as written in `bot/store`, for PostgreSQL."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

_PART = re.compile(
    r"(?P<quoted>'(?:[^']|'')*')"
    r"|\?(?P<number>\d*)"
    r"|(?<![:\w]):(?P<name>[a-z_]\w*)"
    r"|(?P<hint>\s(?:INDEXED BY \w+|NOT INDEXED)\b)"
    r"|CAST\((?P<blob>[\w.']*) AS BLOB\)"
)


@lru_cache(maxsize=1024)
def translate(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return a statement with numbered parameters, and the names of its named ones, in order.

    `?`, `?1` and `:name` become `$1`; hints about indexes are dropped; text cast to bytes is encoded.
    """
    names: list[str] = []
    count = 0

    def replace(found: re.Match[str]) -> str:
        nonlocal count
        part = found.lastgroup
        if part == "number":
            count += 1
            return f"${found['number'] or count}"
        if part == "name":
            if found["name"] not in names:
                names.append(found["name"])
            return f"${names.index(found['name']) + 1}"
        if part == "hint":
            return ""
        if part == "blob":
            return f"convert_to({found['blob']}, 'UTF8')"
        return found[0]

    return _PART.sub(replace, sql), tuple(names)


def ordered_values(parameters: Any, names: Sequence[str]) -> Sequence[Any]:
    """Return the values of a statement in the order of its parameters."""
    if isinstance(parameters, Mapping):
        named = cast("Mapping[str, Any]", parameters)
        return [named[name] for name in names]
    return cast("Sequence[Any]", parameters)
