"""Commands that add or revise one element.

Those that add one have `choices`: what was said of a name that is like others.
"""

from domain.commands.base_command import BaseCommand
from domain.kernel.elements import (
    ComponentKind,
    DataKind,
    ElementId,
    Exposure,
    NameChoice,
    Outage,
    PersonId,
    Rating,
)


class _ExternalDependencyFields(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""
    owner: str = ""
    sort: str = ""
    outage: Outage | None = None
    technology: str | None = None


class AddExternalDependency(
    _ExternalDependencyFields, frozen=True, kw_only=True, tag="AddExternalDependency"
):
    """Add an external dependency: a service that the model treats as a black box.

    Without a technology, it is guessed from the name; an empty one states that there is none.
    """

    choices: tuple[NameChoice, ...] = ()


class ReviseExternalDependency(
    _ExternalDependencyFields, frozen=True, kw_only=True, tag="ReviseExternalDependency"
):
    """Change an external dependency."""

    element: ElementId


class _EntryPointFields(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""
    exposure: Exposure | None = None
    protocol: str = ""
    component: ElementId | None = None
    lowest_trust_level: ElementId | None = None


class AddEntryPoint(_EntryPointFields, frozen=True, kw_only=True, tag="AddEntryPoint"):
    """Add an entry point, optionally nested in another one."""

    parent: ElementId | None = None
    choices: tuple[NameChoice, ...] = ()


class ReviseEntryPoint(_EntryPointFields, frozen=True, kw_only=True, tag="ReviseEntryPoint"):
    """Change an entry point; its nesting stays."""

    element: ElementId


class _AssetFields(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""
    sort: str = ""
    data: DataKind | None = None
    confidentiality: Rating | None = None
    integrity: Rating | None = None
    availability: Rating | None = None
    stored_in: tuple[ElementId, ...] = ()
    readers: tuple[ElementId, ...] = ()
    writers: tuple[ElementId, ...] = ()


class AddAsset(_AssetFields, frozen=True, kw_only=True, tag="AddAsset"):
    """Add an asset."""

    choices: tuple[NameChoice, ...] = ()


class ReviseAsset(_AssetFields, frozen=True, kw_only=True, tag="ReviseAsset"):
    """Change an asset."""

    element: ElementId


class _TrustLevelFields(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""


class AddTrustLevel(_TrustLevelFields, frozen=True, kw_only=True, tag="AddTrustLevel"):
    """Add a trust level, directly above another one or as the most trusted.

    `above` is the next lower level; with `lowest` it becomes the least trusted.
    """

    above: ElementId | None = None
    lowest: bool = False
    choices: tuple[NameChoice, ...] = ()


class ReviseTrustLevel(_TrustLevelFields, frozen=True, kw_only=True, tag="ReviseTrustLevel"):
    """Change a trust level; its rank stays."""

    element: ElementId


class _DataFlowFields(BaseCommand, frozen=True, kw_only=True):
    source: ElementId
    target: ElementId
    name: str = ""
    description: str = ""
    assets: tuple[ElementId, ...] = ()
    entry_point: ElementId | None = None
    protocol: str = ""
    two_way: bool = False
    assets_back: tuple[ElementId, ...] = ()


class AddDataFlow(_DataFlowFields, frozen=True, kw_only=True, tag="AddDataFlow"):
    """Add a data flow between two components; without a name its label is computed."""

    choices: tuple[NameChoice, ...] = ()


class ReviseDataFlow(_DataFlowFields, frozen=True, kw_only=True, tag="ReviseDataFlow"):
    """Change a data flow."""

    element: ElementId


class _ComponentFields(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""
    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: ElementId | None = None
    technology: str | None = None
    owner: PersonId | None = None


class AddComponent(_ComponentFields, frozen=True, kw_only=True, tag="AddComponent"):
    """Add a component at which flows start or end.

    Without a technology, it is guessed from the name; an empty one states that there is none. Without an
    owner, a component that is revised keeps its owner; an empty one states that there is none.
    """

    choices: tuple[NameChoice, ...] = ()


class ReviseComponent(_ComponentFields, frozen=True, kw_only=True, tag="ReviseComponent"):
    """Change or place a component."""

    element: ElementId


class _TrustBoundaryFields(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""
    parent: ElementId | None = None


class AddTrustBoundary(_TrustBoundaryFields, frozen=True, kw_only=True, tag="AddTrustBoundary"):
    """Add a trust boundary around components."""

    choices: tuple[NameChoice, ...] = ()


class ReviseTrustBoundary(_TrustBoundaryFields, frozen=True, kw_only=True, tag="ReviseTrustBoundary"):
    """Change a trust boundary, or nest it in another one."""

    element: ElementId


AddCommand = (
    AddExternalDependency
    | AddEntryPoint
    | AddAsset
    | AddTrustLevel
    | AddDataFlow
    | AddComponent
    | AddTrustBoundary
)

ReviseCommand = (
    ReviseExternalDependency
    | ReviseEntryPoint
    | ReviseAsset
    | ReviseTrustLevel
    | ReviseDataFlow
    | ReviseComponent
    | ReviseTrustBoundary
)
