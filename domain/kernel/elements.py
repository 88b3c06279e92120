"""The elements of a threat model, their kinds, attributes and links, assumptions, and choices of names."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec
from msgspec.structs import replace

from domain.kernel.answer import Answer

ElementId = NewType("ElementId", str)
PersonId = NewType("PersonId", str)
ChannelId = NewType("ChannelId", str)
ModelKey = NewType("ModelKey", str)
AssumptionId = NewType("AssumptionId", str)

SYSTEM = PersonId("system")
"""The author of time-driven events."""


class Kind(StrEnum):
    """The kinds of element; the values are used in files and in `show --json`."""

    EXTERNAL_DEPENDENCY = "external_dependency"
    ENTRY_POINT = "entry_point"
    ASSET = "asset"
    TRUST_LEVEL = "trust_level"
    DATA_FLOW = "data_flow"
    COMPONENT = "component"
    TRUST_BOUNDARY = "trust_boundary"


REGISTERS = (
    Kind.EXTERNAL_DEPENDENCY,
    Kind.ENTRY_POINT,
    Kind.ASSET,
    Kind.TRUST_LEVEL,
    Kind.DATA_FLOW,
)
"""The five registers of the collection phase, in the order in which a team fills them."""

ID_PREFIX = {
    Kind.EXTERNAL_DEPENDENCY: "XD",
    Kind.ENTRY_POINT: "EP",
    Kind.ASSET: "AS",
    Kind.TRUST_LEVEL: "TL",
    Kind.DATA_FLOW: "DF",
    Kind.COMPONENT: "CO",
    Kind.TRUST_BOUNDARY: "TB",
}

SINGULAR = {kind: kind.value.replace("_", " ") for kind in Kind}
PLURAL = {
    Kind.EXTERNAL_DEPENDENCY: "external dependencies",
    Kind.ENTRY_POINT: "entry points",
    Kind.ASSET: "assets",
    Kind.TRUST_LEVEL: "trust levels",
    Kind.DATA_FLOW: "data flows",
    Kind.COMPONENT: "components",
    Kind.TRUST_BOUNDARY: "trust boundaries",
}


class Rating(StrEnum):
    """The impact of losing an asset's confidentiality, integrity or availability."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def weight(self) -> int:
        """Return 1 for low, 2 for medium, 3 for high."""
        return ("low", "medium", "high").index(self.value) + 1


class Exposure(StrEnum):
    """Where an entry point can be reached from."""

    INTERNET = "internet"
    PARTNER = "partner"
    INTERNAL = "internal"
    LOCAL = "local"


class ComponentKind(StrEnum):
    """The role of a component in a data-flow diagram."""

    EXTERNAL_ENTITY = "external_entity"
    PROCESS = "process"
    DATA_STORE = "data_store"


class Outage(StrEnum):
    """The effect on the system of an outage of an external dependency."""

    NOTHING = "nothing"
    DEGRADED = "degraded"
    STOPS = "stops"


class DataKind(StrEnum):
    """The category of data that an asset is, as far as rules depend on it."""

    PERSONAL = "personal"
    CREDENTIAL = "credential"
    LOG = "log"
    OTHER = "other"


class _Element(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    # No garbage collection: an element is never part of a cycle, and long histories load faster without.

    id: ElementId
    name: str
    description: str = ""


class ExternalDependency(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """A service that the system uses and the model treats as a black box."""

    owner: str = ""
    sort: str = ""
    outage: Outage | None = None
    technology: str = ""


class EntryPoint(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """An interface through which data enters or leaves; a nested one names its parent."""

    parent: ElementId | None = None
    exposure: Exposure | None = None
    protocol: str = ""
    component: ElementId | None = None
    lowest_trust_level: ElementId | None = None


class Asset(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """Something worth protecting, data or resource."""

    sort: str = ""
    data: DataKind | None = None
    confidentiality: Rating | None = None
    integrity: Rating | None = None
    availability: Rating | None = None
    stored_in: tuple[ElementId, ...] = ()
    readers: tuple[ElementId, ...] = ()
    writers: tuple[ElementId, ...] = ()


class TrustLevel(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """A tier of access; the lower its rank, the less it is trusted."""

    rank: int


class DataFlow(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """Data moving from one component to another; without a name it gets a computed label.

    A two-way flow is one connection, which the source opens: `assets` go to the target, `assets_back` to the
    source.
    """

    name: str = ""
    source: ElementId
    target: ElementId
    assets: tuple[ElementId, ...] = ()
    entry_point: ElementId | None = None
    protocol: str = ""
    two_way: bool = False
    assets_back: tuple[ElementId, ...] = ()

    @property
    def carried(self) -> tuple[ElementId, ...]:
        """Return the assets of both directions."""
        return tuple(dict.fromkeys((*self.assets, *self.assets_back)))

    @property
    def directions(self) -> "tuple[FlowDirection, ...]":
        """Return the direction of the flow, or both of a two-way flow."""
        there = FlowDirection(source=self.source, target=self.target, assets=self.assets)
        if not self.two_way:
            return (there,)
        return there, FlowDirection(source=self.target, target=self.source, assets=self.assets_back)


class FlowDirection(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """One direction of a data flow: its sender, its receiver, and the assets that move."""

    source: ElementId
    target: ElementId
    assets: tuple[ElementId, ...]


class Component(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the data-flow diagram at which flows start and end; `technology` is a key of the catalog.

    Its `owner` is suggested as the owner of mitigations.
    """

    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: ElementId | None = None
    technology: str = ""
    owner: PersonId | None = None


class TrustBoundary(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """A named boundary around components; the parent is the boundary that encloses it."""

    parent: ElementId | None = None


Element = ExternalDependency | EntryPoint | Asset | TrustLevel | DataFlow | Component | TrustBoundary

KIND_OF: dict[type[Element], Kind] = {
    ExternalDependency: Kind.EXTERNAL_DEPENDENCY,
    EntryPoint: Kind.ENTRY_POINT,
    Asset: Kind.ASSET,
    TrustLevel: Kind.TRUST_LEVEL,
    DataFlow: Kind.DATA_FLOW,
    Component: Kind.COMPONENT,
    TrustBoundary: Kind.TRUST_BOUNDARY,
}
TYPE_OF = {kind: sort for sort, kind in KIND_OF.items()}


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """Something assumed to be true, and who assumes it."""

    id: AssumptionId
    text: str
    held_by: PersonId


def kind_of(element: Element) -> Kind:
    """Return the kind of an element."""
    return KIND_OF[type(element)]


def kind_of_id(element: ElementId) -> Kind:
    """Return the kind of an id such as `EP-1.2`; raises KeyError for an unknown prefix."""
    return _KIND_BY_PREFIX[element.partition("-")[0]]


def number_of(kind: Kind, number: int) -> str:
    """Format a number of elements: `1 asset`, `2 assets`."""
    return f"{number} {SINGULAR[kind] if number == 1 else PLURAL[kind]}"


def references(element: Element) -> tuple[ElementId, ...]:
    """Return the ids of the other elements that an element refers to, in the order of its attributes."""
    named: list[ElementId | None] = []
    for attribute in REFERENCES[type(element)]:
        value = getattr(element, attribute)
        named += value if isinstance(value, tuple) else [value]
    return tuple(dict.fromkeys(one for one in named if one is not None))


def redirected(element: Element, old: ElementId, new: ElementId | None) -> Element | None:
    """Return an element that refers to another one in place of `old`, or to none.

    None if it cannot exist then: a data flow needs two different ends.
    """
    changes: dict[str, ElementId | tuple[ElementId, ...] | None] = {}
    for attribute in REFERENCES[type(element)]:
        value = getattr(element, attribute)
        if isinstance(value, tuple):
            kept = (new if one == old else one for one in value)
            changes[attribute] = tuple(dict.fromkeys(one for one in kept if one is not None))
        else:
            changes[attribute] = new if value == old else value
    if isinstance(element, DataFlow) and len({changes["source"], changes["target"]} - {None}) < _ENDS:
        return None
    return replace(element, **changes)


REFERENCES: dict[type[Element], dict[str, Kind]] = {
    ExternalDependency: {},
    EntryPoint: {
        "parent": Kind.ENTRY_POINT,
        "component": Kind.COMPONENT,
        "lowest_trust_level": Kind.TRUST_LEVEL,
    },
    Asset: {"stored_in": Kind.COMPONENT, "readers": Kind.TRUST_LEVEL, "writers": Kind.TRUST_LEVEL},
    TrustLevel: {},
    DataFlow: {
        "source": Kind.COMPONENT,
        "target": Kind.COMPONENT,
        "assets": Kind.ASSET,
        "assets_back": Kind.ASSET,
        "entry_point": Kind.ENTRY_POINT,
    },
    Component: {"trust_level": Kind.TRUST_LEVEL, "boundary": Kind.TRUST_BOUNDARY},
    TrustBoundary: {"parent": Kind.TRUST_BOUNDARY},
}
"""The attributes that refer to other elements, and the kind of these."""

_ENDS = 2

_KIND_BY_PREFIX = {prefix: kind for kind, prefix in ID_PREFIX.items()}


class ElementLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer whether an external dependency and a component are the same thing.

    Both keep their ids, their answers and what was decided about them. `former_sort` is the kind that the
    component had before it became an external entity by the link.
    """

    dependency: ElementId
    component: ElementId
    same: bool
    by: PersonId
    at: datetime
    former_sort: ComponentKind | None = None


class AssumedFact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that follows from a technology or a protocol.

    `follows_from` is the key of the technology or the name of the protocol. `reason` and `url`, its source,
    are kept as the catalog had them, so that a later catalog does not change what was assumed.
    """

    fact: str
    answer: Answer = Answer.YES
    follows_from: str
    reason: str
    url: str


class ElementAssumptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that is assumed of an element, and the version of the catalog that it follows from.

    `technology` is that of the element at the time; a technology of which nothing is assumed is kept, too.
    """

    element: ElementId
    catalog: int
    technology: str = ""
    facts: tuple[AssumedFact, ...] = ()


class NameChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of a new name that is like others: it is one of them, or another thing.

    `others` are the names with which it was compared. `same` is the one that it means; empty for another
    thing.
    """

    kind: Kind
    name: str
    others: tuple[str, ...]
    same: str = ""


class SimilarName(msgspec.Struct, frozen=True, kw_only=True):
    """A name of the same kind that a new one is like; without an id if it was typed in the same form."""

    name: str
    element: ElementId | None = None


class LikelyDuplicate(msgspec.Struct, frozen=True, kw_only=True):
    """A new name that probably means the same as others of its kind, the closest first."""

    kind: Kind
    name: str
    others: tuple[SimilarName, ...]
