"""The store's statements as PostgreSQL takes them: with numbered parameters, and without SQLite's hints."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

HINTED: Final = (
    "deliveries_of_model",
    "deliveries_of_kind",
    "deliveries_in_place",
    "deliveries_by_attempt",
    "reminders_under_way",
    "reminders_waiting",
    "streams_listed",
    "work_claimed",
    "work_due",
    "work_ripe",
    "work_timed",
)
"""Indexes that shared statements name for SQLite, which has no statistics of the tables."""


def bound(sql: str, parameters: Any) -> tuple[str, Sequence[Any]]:
    """Return a statement and its values in order; one with values in order is PostgreSQL's own already."""
    if not isinstance(parameters, Mapping):
        return sql, cast("Sequence[Any]", parameters)
    named = cast("Mapping[str, Any]", parameters)
    text, names = numbered(sql, tuple(named))
    return text, [named[name] for name in names]


@lru_cache(maxsize=1024)
def numbered(sql: str, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return a statement with `$1` for `:name`, and the names that occur in it by number."""
    for index in HINTED:
        sql = sql.replace(f" INDEXED BY {index}", "")
    used: list[str] = []
    for name in sorted(names, key=len, reverse=True):  # `:touched` before `:to`
        if f":{name}" in sql:
            used.append(name)
            sql = sql.replace(f":{name}", f"${len(used)}")
    return sql, tuple(used)
