"""One change between two moments."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from domain.kernel.elements import PLURAL, Kind, PersonId


class ChangeGroup(StrEnum):
    """The groups of changes, in display order."""

    SCOPE = "scope"
    PEOPLE = "people"
    EXTERNAL_DEPENDENCY = Kind.EXTERNAL_DEPENDENCY.value
    ENTRY_POINT = Kind.ENTRY_POINT.value
    ASSET = Kind.ASSET.value
    TRUST_LEVEL = Kind.TRUST_LEVEL.value
    DATA_FLOW = Kind.DATA_FLOW.value
    COMPONENT = Kind.COMPONENT.value
    TRUST_BOUNDARY = Kind.TRUST_BOUNDARY.value
    LINKS = "links"
    FACTS = "facts"
    ASSUMPTIONS = "assumptions"
    SCREENING = "screening"
    THREATS = "threats"
    DISMISSALS = "dismissals"
    ROWS = "rows"
    RESPONSES = "responses"
    ACCEPTANCES = "acceptances"
    MITIGATIONS = "mitigations"
    RETROSPECTIVE = "retrospective"

    @property
    def label(self) -> str:
        """Return the heading of the group."""
        return _HEADINGS[self]


class ChangeType(StrEnum):
    """Whether something was added, changed or removed."""

    ADDED = "came"
    CHANGED = "changed"
    REMOVED = "went"


class ChangeDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute with its value before and now; an empty value means none.

    It has no name if it is the only attribute.
    """

    name: str
    before: str = ""
    now: str = ""

    @property
    def label(self) -> str:
        """Return the label before the values, such as `due: `; empty without a name."""
        if not self.name:
            return ""
        return f"{self.name} " if self.name.endswith("?") else f"{self.name}: "

    @property
    def values(self) -> str:
        """Return the values, such as `2026-03-06 → 2026-03-20`."""
        if not self.before:
            return self.now
        return f"{self.before} → {self.now}" if self.now else f"no longer {self.before}"

    @property
    def text(self) -> str:
        """Return label and values, such as `due: 2026-03-06 → 2026-03-20`."""
        return f"{self.label}{self.values}"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something added, removed or changed between two moments, in words that mention people as `@id`.

    `id` is its id in the model, empty for what exists once; `how` continues after its name:
    `added`, `merged into TH-2`. `by` are the authors in order, empty if time
    alone, a vote or an erased event caused it; `at` is the time of the last change, `people` are those
    mentioned.
    """

    group: ChangeGroup
    type: ChangeType
    name: str
    how: str
    id: str = ""
    details: tuple[ChangeDetail, ...] = ()
    by: tuple[PersonId, ...] = ()
    at: datetime | None = None
    people: tuple[PersonId, ...] = ()

    @property
    def called(self) -> str:
        """Return name and id, such as `Valuables (AS-1)`; only the name for what exists once."""
        return (
            f"{self.name} ({self.id})"
            if self.id and self.group is not ChangeGroup.RETROSPECTIVE
            else self.name
        )


_HEADINGS = {
    **{ChangeGroup(kind.value): PLURAL[kind].capitalize() for kind in Kind},
    ChangeGroup.SCOPE: "The model",
    ChangeGroup.PEOPLE: "People",
    ChangeGroup.LINKS: "External dependencies in the flows",
    ChangeGroup.FACTS: "Answers",
    ChangeGroup.ASSUMPTIONS: "Assumptions",
    ChangeGroup.SCREENING: "Screening",
    ChangeGroup.THREATS: "Threats",
    ChangeGroup.DISMISSALS: "Dismissed suggested threats",
    ChangeGroup.ROWS: "Elements without further threats",
    ChangeGroup.RESPONSES: "Responses",
    ChangeGroup.ACCEPTANCES: "Accepted risks",
    ChangeGroup.MITIGATIONS: "Mitigations",
    ChangeGroup.RETROSPECTIVE: "Retrospective",
}


Value = str | date | int | StrEnum | None
"""The value of an attribute."""

_Key = TypeVar("_Key")


def changed_detail(name: str, before: Value, now: Value) -> tuple[ChangeDetail, ...]:
    """Yield the detail of an attribute if it changed."""
    was, words = _words(before), _words(now)
    return () if was == words else (ChangeDetail(name=name, before=was, now=words),)


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


def changed_fields(was: object, now: object, **labels: str) -> tuple[ChangeDetail, ...]:
    """Return the details of the attributes that changed, each with its label; of None, each is empty."""
    return tuple(
        detail
        for attribute, label in labels.items()
        for detail in changed_detail(label, getattr(was, attribute, None), getattr(now, attribute, None))
    )
