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
    """A threat; `element` is the ID of its element."""

    id: str
    title: str
    stride: tuple[Stride, ...] = ()
    description: str = ""
    element: str | None = None
    link: str = ""
    response: ImportedResponse | None = None


class ImportedMitigation(msgspec.Struct, frozen=True, kw_only=True):
    """A mitigation of the threat with that ID, and of those in `also`."""

    threat: str
    also: tuple[str, ...] = ()
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
    """An assumption, and its holder if known."""

    text: str
    held_by: str = ""


class ImportedLink(msgspec.Struct, frozen=True, kw_only=True):
    """The answer whether an external dependency and a component are the same thing, by their IDs."""

    dependency: str
    component: str
    same: bool
    former_sort: str = ""


class ImportedScreening(msgspec.Struct, frozen=True, kw_only=True):
    """The answer about a topic of the screening, and whether a second person had confirmed it."""

    topic: str
    answer: Answer
    confirmed: bool = False


class ImportedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A threat model as in a file; `elements` are in the order of the file.

    `technologies` are the elements of which the file states the technology, or that they have none;
    `assumed` is what was assumed of an element. `phase` is the phase stored in the file, if any; `notes` are
    about data without a counterpart.
    """

    title: str
    name: str
    description: str = ""
    out_of_scope: str = ""
    labels: tuple[str, ...] = ()
    phase: str = ""
    elements: tuple[Element, ...] = ()
    facts: Mapping[tuple[ElementId, str], Answer] = {}
    technologies: frozenset[ElementId] = frozenset()
    assumed: Mapping[ElementId, Mapping[str, Answer]] = {}
    complete: tuple[Kind, ...] = ()
    assumptions: tuple[ImportedAssumption, ...] = ()
    links: tuple[ImportedLink, ...] = ()
    screening: tuple[ImportedScreening, ...] = ()
    threats: tuple[ImportedThreat, ...] = ()
    mitigations: tuple[ImportedMitigation, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, kind: Kind) -> list[Element]:
        """Return the elements of one kind."""
        return [one for one in self.elements if isinstance(one, TYPE_OF[kind])]
