"""Content of an imported file, under the file's own IDs."""

from collections.abc import Mapping
from datetime import date

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import TYPE_OF, Element, ElementId, Kind
from domain.kernel.mitigation import MitigationState
from domain.kernel.response import ResponseKind
from domain.kernel.stride import ControlClass, Stride


class ImportedResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Decision about a threat."""

    kind: ResponseKind
    reason: str = ""
    owner: str = ""
    due: date | None = None
    transferred_to: str = ""
    expires: date | None = None


class ImportedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat; `element` is the id of what it is about."""

    id: str
    title: str
    stride: tuple[Stride, ...] = ()
    description: str = ""
    element: str | None = None
    link: str = ""
    response: ImportedResponse | None = None


class ImportedMitigation(msgspec.Struct, frozen=True, kw_only=True):
    """A mitigation against the threat of that id."""

    threat: str
    title: str
    description: str = ""
    control: ControlClass | None = None
    owner: str = ""
    due: date | None = None
    ticket: str = ""
    state: MitigationState = MitigationState.PLANNED
    evidence: str = ""
    reason: str = ""


class ImportedAssumption(msgspec.Struct, frozen=True, kw_only=True):
    """Something taken for true, and by whom where that is known."""

    text: str
    held_by: str = ""


class ImportedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A threat model as a file has it; `elements` come in the order in which they are told.

    `phase` is the one that it was in, where the file says so; `notes` are about what has no counterpart.
    """

    title: str
    name: str
    description: str = ""
    out_of_scope: str = ""
    phase: str = ""
    elements: tuple[Element, ...] = ()
    facts: Mapping[tuple[ElementId, str], Answer] = {}
    complete: tuple[Kind, ...] = ()
    assumptions: tuple[ImportedAssumption, ...] = ()
    threats: tuple[ImportedThreat, ...] = ()
    mitigations: tuple[ImportedMitigation, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, kind: Kind) -> list[Element]:
        """Return the elements of one kind."""
        return [one for one in self.elements if isinstance(one, TYPE_OF[kind])]
