"""How what is said about something is compared."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from domain.changes.change import Detail, Turn
from domain.kernel.elements import PersonId

Value = str | date | int | StrEnum | None
"""What may be said of something in one word or several."""

_Key = TypeVar("_Key")


def changed(name: str, before: Value, now: Value) -> tuple[Detail, ...]:
    """The detail of that name where it is not as it was, else none."""
    if before == now:
        return ()
    return (Detail(name=name, before=_words(before), now=_words(now)),)


def turn_of(key: _Key, before: Mapping[_Key, object], after: Mapping[_Key, object]) -> Turn:
    """What has happened to something that is there at one of two moments, or at both."""
    if key not in before:
        return Turn.CAME
    return Turn.CHANGED if key in after else Turn.WENT


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
