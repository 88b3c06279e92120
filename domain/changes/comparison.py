"""Comparison of attributes."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from domain.changes.change import ChangeDetail, ChangeType
from domain.kernel.elements import PersonId

Value = str | date | int | StrEnum | None
"""The value of an attribute."""

_Key = TypeVar("_Key")


def changed_detail(name: str, before: Value, now: Value) -> tuple[ChangeDetail, ...]:
    """Yield the detail of an attribute if it changed."""
    if before == now:
        return ()
    return (ChangeDetail(name=name, before=_words(before), now=_words(now)),)


def change_type(key: _Key, before: Mapping[_Key, object], after: Mapping[_Key, object]) -> ChangeType:
    """Return the type of change of something that exists at one or both moments."""
    if key not in before:
        return ChangeType.ADDED
    return ChangeType.CHANGED if key in after else ChangeType.REMOVED


def mention(person: PersonId | None) -> str:
    """Return the mention of a person, empty for None."""
    return f"@{person}" if person else ""


def _words(value: Value) -> str:
    match value:
        case None:
            return ""
        case StrEnum():
            return value.value.replace("_", " ")
        case date():
            return value.isoformat()
        case _:  # every other value is shown as it is
            return str(value)
