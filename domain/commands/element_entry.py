"""What one may tell of one element: that it is there, or what it is like."""

from domain.commands.base_command import BaseCommand
from domain.kernel.elements import ComponentKind, DataKind, ElementId, Exposure, Outage, Rating


class _ExternalDependencyTold(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""
    owner: str = ""
    sort: str = ""
    outage: Outage | None = None


class AddExternalDependency(_ExternalDependencyTold, frozen=True, kw_only=True, tag="AddExternalDependency"):
    """Add a service that the model uses and does not take apart."""


class ReviseExternalDependency(
    _ExternalDependencyTold, frozen=True, kw_only=True, tag="ReviseExternalDependency"
):
    """Describe an external dependency anew."""

    element: ElementId


class _EntryPointTold(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""
    exposure: Exposure | None = None
    protocol: str = ""
    component: ElementId | None = None
    lowest_trust_level: ElementId | None = None


class AddEntryPoint(_EntryPointTold, frozen=True, kw_only=True, tag="AddEntryPoint"):
    """Add a way in or out, perhaps nested in another one."""

    parent: ElementId | None = None


class ReviseEntryPoint(_EntryPointTold, frozen=True, kw_only=True, tag="ReviseEntryPoint"):
    """Describe an entry point anew; where it is nested stays."""

    element: ElementId


class _AssetTold(BaseCommand, frozen=True, kw_only=True):
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


class AddAsset(_AssetTold, frozen=True, kw_only=True, tag="AddAsset"):
    """Add something worth protecting."""


class ReviseAsset(_AssetTold, frozen=True, kw_only=True, tag="ReviseAsset"):
    """Describe an asset anew."""

    element: ElementId


class _TrustLevelTold(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""


class AddTrustLevel(_TrustLevelTold, frozen=True, kw_only=True, tag="AddTrustLevel"):
    """Add a tier of access, just above another one, or else as the most trusted.

    `above` names the level below it; with `lowest` it becomes the least trusted.
    """

    above: ElementId | None = None
    lowest: bool = False


class ReviseTrustLevel(_TrustLevelTold, frozen=True, kw_only=True, tag="ReviseTrustLevel"):
    """Describe a trust level anew; its place in the order stays."""

    element: ElementId


class _DataFlowTold(BaseCommand, frozen=True, kw_only=True):
    source: ElementId
    target: ElementId
    name: str = ""
    description: str = ""
    assets: tuple[ElementId, ...] = ()
    entry_point: ElementId | None = None
    protocol: str = ""


class AddDataFlow(_DataFlowTold, frozen=True, kw_only=True, tag="AddDataFlow"):
    """Add a flow of data between two components; without a name it is called after its ends."""


class ReviseDataFlow(_DataFlowTold, frozen=True, kw_only=True, tag="ReviseDataFlow"):
    """Describe a data flow anew."""

    element: ElementId


class _ComponentTold(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""
    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: ElementId | None = None


class AddComponent(_ComponentTold, frozen=True, kw_only=True, tag="AddComponent"):
    """Add something that flows start or end at."""


class ReviseComponent(_ComponentTold, frozen=True, kw_only=True, tag="ReviseComponent"):
    """Describe or place a component anew."""

    element: ElementId


class _TrustBoundaryTold(BaseCommand, frozen=True, kw_only=True):
    name: str
    description: str = ""
    parent: ElementId | None = None


class AddTrustBoundary(_TrustBoundaryTold, frozen=True, kw_only=True, tag="AddTrustBoundary"):
    """Draw a line round components."""


class ReviseTrustBoundary(_TrustBoundaryTold, frozen=True, kw_only=True, tag="ReviseTrustBoundary"):
    """Describe a trust boundary anew, or nest it in another one."""

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
