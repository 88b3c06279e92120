"""How what is said about something is compared."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from domain.changes.change import ChangeDetail, ChangeType
from domain.kernel.elements import PersonId

Value = str | date | int | StrEnum | None
"""What may be said of something in one word or several."""

_Key = TypeVar("_Key")


def changed_detail(name: str, before: Value, now: Value) -> tuple[ChangeDetail, ...]:
    """The detail of that name where it is not as it was, else none."""
    if before == now:
        return ()
    return (ChangeDetail(name=name, before=_words(before), now=_words(now)),)


def change_type(key: _Key, before: Mapping[_Key, object], after: Mapping[_Key, object]) -> ChangeType:
    """What has happened to something that is there at one of two moments, or at both."""
    if key not in before:
        return ChangeType.CAME
    return ChangeType.CHANGED if key in after else ChangeType.WENT


def mention(person: PersonId | None) -> str:
    """A person as sentences mention them, nothing for nobody."""
    return f"@{person}" if person else ""


def _words(value: Value) -> str:
    match value:
        case None:
            return ""
        case StrEnum():
            return value.value.replace("_", " ")
        case date():
            return value.isoformat()
        case _:
            return str(value)
