"""One thing that is not as it was."""

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.kernel.elements import PLURAL, Kind, PersonId


class ChangeGroup(StrEnum):
    """What changes are about, in the order in which they are told."""

    SCOPE = "scope"
    PEOPLE = "people"
    EXTERNAL_DEPENDENCY = Kind.EXTERNAL_DEPENDENCY.value
    ENTRY_POINT = Kind.ENTRY_POINT.value
    ASSET = Kind.ASSET.value
    TRUST_LEVEL = Kind.TRUST_LEVEL.value
    DATA_FLOW = Kind.DATA_FLOW.value
    COMPONENT = Kind.COMPONENT.value
    TRUST_BOUNDARY = Kind.TRUST_BOUNDARY.value
    FACTS = "facts"
    ASSUMPTIONS = "assumptions"
    THREATS = "threats"
    DISMISSALS = "dismissals"
    ROWS = "rows"
    RESPONSES = "responses"
    ACCEPTANCES = "acceptances"
    MITIGATIONS = "mitigations"
    RETROSPECTIVE = "retrospective"

    @property
    def words(self) -> str:
        """What they are called above a list of them."""
        return _HEADINGS[self]


class ChangeType(StrEnum):
    """Whether something is there that was not, is not what it was, or is there no more."""

    CAME = "came"
    CHANGED = "changed"
    WENT = "went"


class ChangeDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One thing said about something, as it was said before and as it is said now; empty: it was not.

    It has no name where it is all that can be said.
    """

    name: str
    before: str = ""
    now: str = ""

    @property
    def label(self) -> str:
        """`due: `, to stand before what is said; nothing where it has no name."""
        if not self.name:
            return ""
        return f"{self.name} " if self.name.endswith("?") else f"{self.name}: "

    @property
    def said(self) -> str:
        """`2026-03-06 → 2026-03-20`."""
        if not self.before:
            return self.now
        return f"{self.before} → {self.now}" if self.now else f"no longer {self.before}"

    @property
    def words(self) -> str:
        """`due: 2026-03-06 → 2026-03-20`."""
        return f"{self.label}{self.said}"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came, went or changed between two moments, in words that mention persons as `@id`.

    `id` is what it is called in the model, empty for what there is once; `how` goes on from its name:
    `added`, `merged into TH-2`. `by` are those who did it, in the order in which they did, nobody where time
    alone, a vote or erased words did; `at` is when that was last, `people` are those mentioned.
    """

    group: ChangeGroup
    turn: ChangeType
    name: str
    how: str
    id: str = ""
    details: tuple[ChangeDetail, ...] = ()
    by: tuple[PersonId, ...] = ()
    at: datetime | None = None
    people: tuple[PersonId, ...] = ()

    @property
    def called(self) -> str:
        """`Valuables (AS-1)`: what it is about; only the name where there is one such thing."""
        return (
            f"{self.name} ({self.id})"
            if self.id and self.group is not ChangeGroup.RETROSPECTIVE
            else self.name
        )


_HEADINGS = {
    **{ChangeGroup(kind.value): PLURAL[kind].capitalize() for kind in Kind},
    ChangeGroup.SCOPE: "The model",
    ChangeGroup.PEOPLE: "People",
    ChangeGroup.FACTS: "Facts answered",
    ChangeGroup.ASSUMPTIONS: "Assumptions",
    ChangeGroup.THREATS: "Threats",
    ChangeGroup.DISMISSALS: "Candidates dismissed",
    ChangeGroup.ROWS: "Considered, nothing more found",
    ChangeGroup.RESPONSES: "Responses",
    ChangeGroup.ACCEPTANCES: "Accepted risks",
    ChangeGroup.MITIGATIONS: "Mitigations",
    ChangeGroup.RETROSPECTIVE: "Looking back",
}
