"""A draft: elements and answers read from files or proposed by an agent, each with its place."""

import hashlib
from enum import StrEnum
from typing import Final, NewType

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataKind, ElementId, Exposure, Kind
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import Stride

SourceKey = NewType("SourceKey", str)
"""The name of a thing in its source, such as `compose:web` or `kubernetes:shop/Deployment/web`.

It does not depend on the name of the file, on line numbers, or on what the element is called in the model.
"""

AGENT: Final = "agent"
"""The format of what agents propose, and the first part of its keys: `agent:shop/web`.

An agent proposes single things, so that one which it no longer proposes is not gone.
"""

MAX_ITEMS: Final = 2_000
"""The number of items that a draft may have."""

REFERENCE_ORDER: Final = (
    Kind.TRUST_LEVEL,
    Kind.TRUST_BOUNDARY,
    Kind.COMPONENT,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.ENTRY_POINT,
    Kind.ASSET,
    Kind.DATA_FLOW,
)
"""The kinds in an order in which the references of items point back, except to others of the same kind."""


class Certainty(StrEnum):
    """How sure it is that an item is as proposed."""

    CERTAIN = "certain"
    """The file says so."""
    LIKELY = "likely"
    """It follows by a rule of thumb."""
    GUESS = "guess"
    """Possible, so that a person has to choose it."""


class SourcePlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The place of a statement: a file, and a line from 1; 0 if the format has no lines."""

    file: str
    line: int = 0

    @property
    def text(self) -> str:
        """Return the place as `compose.yaml:12`."""
        return f"{self.file}:{self.line}" if self.line else self.file


class DraftAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A proposed answer to a question about an item, with the place that shows it."""

    fact: str
    answer: Answer
    place: SourcePlace
    certainty: Certainty = Certainty.CERTAIN


class DraftItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A proposed element with the answers about it.

    `component`, `parent`, `boundary`, `source`, `target` and `stored_in` are the keys of other items. What
    the source does not state is empty. `sort` is the type of a dependency or an asset in words.
    """

    key: SourceKey
    kind: Kind
    name: str
    place: SourcePlace
    certainty: Certainty = Certainty.CERTAIN
    description: str = ""
    sort: str = ""
    role: ComponentKind | None = None
    technology: str = ""
    boundary: SourceKey = SourceKey("")
    parent: SourceKey = SourceKey("")
    component: SourceKey = SourceKey("")
    exposure: Exposure | None = None
    protocol: str = ""
    source: SourceKey = SourceKey("")
    target: SourceKey = SourceKey("")
    data: DataKind | None = None
    stored_in: tuple[SourceKey, ...] = ()
    answers: tuple[DraftAnswer, ...] = ()

    @property
    def referred(self) -> tuple[SourceKey, ...]:
        """Return the keys of the items that this one refers to."""
        named = (self.boundary, self.parent, self.component, self.source, self.target, *self.stored_in)
        return tuple(dict.fromkeys(one for one in named if one))

    @property
    def digest(self) -> str:
        """Return a digest of what is proposed, the same wherever it stands and however certain it is."""
        answers = sorted((answer.fact, answer.answer.value) for answer in self.answers)
        stated = {
            name: value
            for name in self.__struct_fields__
            if name not in _NOT_COMPARED and (value := getattr(self, name))
        }
        content = msgspec.json.encode((stated, answers), order="deterministic")
        return hashlib.sha256(content).hexdigest()[:16]


class ProposedAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A proposed answer to a question about an element that the model has."""

    key: SourceKey
    element: ElementId
    answer: DraftAnswer


class ProposedThreat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A proposed threat; `element` is one of the model, `about` one of the draft, and both may be empty."""

    key: SourceKey
    title: str
    stride: tuple[Stride, ...]
    place: SourcePlace
    description: str = ""
    element: ElementId | None = None
    about: SourceKey = SourceKey("")
    certainty: Certainty = Certainty.LIKELY


class ProposedAssumption(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A proposed assumption; `unresolved` says that it names a value which the sources do not have."""

    key: SourceKey
    text: str
    place: SourcePlace
    unresolved: bool = False


class ProposedProgress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A report that a mitigation was begun or, with evidence, implemented."""

    key: SourceKey
    mitigation: MitigationId
    implemented: bool
    evidence: str
    place: SourcePlace


class DraftSource(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or another source, of a draft: its name, its format in words, SHA-256 of the content."""

    name: str
    format: str
    sha256: str


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A draft: its sources, what it proposes, in the order of the sources, and notes on what was not read.

    Its author keeps the keys unique and the limit of items.
    """

    sources: tuple[DraftSource, ...]
    items: tuple[DraftItem, ...] = ()
    answers: tuple[ProposedAnswer, ...] = ()
    threats: tuple[ProposedThreat, ...] = ()
    assumptions: tuple[ProposedAssumption, ...] = ()
    progress: tuple[ProposedProgress, ...] = ()
    notes: tuple[str, ...] = ()


_NOT_COMPARED = frozenset({"key", "place", "certainty", "description", "answers"})
