"""One change between two moments."""

from datetime import datetime
from enum import StrEnum

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
