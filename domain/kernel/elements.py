"""The nouns of collection."""

from enum import StrEnum
from typing import NewType

import msgspec

ElementId = NewType("ElementId", str)
PersonId = NewType("PersonId", str)
ChannelId = NewType("ChannelId", str)
ModelKey = NewType("ModelKey", str)
AssumptionId = NewType("AssumptionId", str)

SYSTEM = PersonId("system")
"""The author of what the clock does."""


class Kind(StrEnum):
    """The kinds of element; the value is the word used in files and in `show --json`."""

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
"""The five lists of collection, in the order in which a team fills them."""

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
    """How much it would hurt to lose one of an asset's three qualities."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def weight(self) -> int:
        """1 for low, 2 for medium, 3 for high."""
        return ("low", "medium", "high").index(self.value) + 1


class Exposure(StrEnum):
    """From where an entry point can be reached."""

    INTERNET = "internet"
    PARTNER = "partner"
    INTERNAL = "internal"
    LOCAL = "local"


class ComponentKind(StrEnum):
    """What a component is in a data-flow diagram."""

    EXTERNAL_ENTITY = "external_entity"
    PROCESS = "process"
    DATA_STORE = "data_store"


class Outage(StrEnum):
    """What happens to the system while an external dependency is away."""

    NOTHING = "nothing"
    DEGRADED = "degraded"
    STOPS = "stops"


class DataKind(StrEnum):
    """What an asset is, where that decides what may happen to it."""

    PERSONAL = "personal"
    CREDENTIAL = "credential"
    LOG = "log"
    OTHER = "other"


class _Element(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    # No garbage collection: an element cannot be part of a cycle, and a long past is read faster without.

    id: ElementId
    name: str
    description: str = ""


class ExternalDependency(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """A service the model uses and does not take apart."""

    owner: str = ""
    sort: str = ""
    outage: Outage | None = None


class EntryPoint(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """A way in or out; a nested one names its parent."""

    parent: ElementId | None = None
    exposure: Exposure | None = None
    protocol: str = ""
    component: ElementId | None = None
    lowest_trust_level: ElementId | None = None


class Asset(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """What is worth protecting, to take or to use up."""

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
    """Data moving from one component to another; an empty name means the computed one."""

    name: str = ""
    source: ElementId
    target: ElementId
    assets: tuple[ElementId, ...] = ()
    entry_point: ElementId | None = None
    protocol: str = ""


class Component(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """What flows start and end at."""

    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: ElementId | None = None


class TrustBoundary(_Element, frozen=True, kw_only=True, omit_defaults=True):
    """A named line round components; the parent is the boundary it lies in."""

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
    """Something taken for true, and who takes it so."""

    id: AssumptionId
    text: str
    held_by: PersonId


def kind_of(element: Element) -> Kind:
    """The kind of an element."""
    return KIND_OF[type(element)]


def kind_of_id(element: ElementId) -> Kind:
    """The kind that an id such as `EP-1.2` speaks of; raises KeyError for another word."""
    return _KIND_BY_PREFIX[element.partition("-")[0]]


def number_of(kind: Kind, number: int) -> str:
    """A number of elements in words: `1 asset`, `2 assets`."""
    return f"{number} {SINGULAR[kind] if number == 1 else PLURAL[kind]}"


def references(element: Element) -> tuple[ElementId, ...]:
    """The ids of the other elements that an element names, in the order of its attributes."""
    match element:
        case ExternalDependency() | TrustLevel():
            named: tuple[ElementId | None, ...] = ()
        case EntryPoint():
            named = (element.parent, element.component, element.lowest_trust_level)
        case Asset():
            named = (*element.stored_in, *element.readers, *element.writers)
        case DataFlow():
            named = (element.source, element.target, *element.assets, element.entry_point)
        case Component():
            named = (element.trust_level, element.boundary)
        case TrustBoundary():
            named = (element.parent,)
    return tuple(one for one in named if one is not None)


_KIND_BY_PREFIX = {prefix: kind for kind, prefix in ID_PREFIX.items()}
