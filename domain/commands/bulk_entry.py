"""Commands for bulk entry: many elements in lines of names.

Those that add elements have `choices`: what was said of new names that are like others.
"""

import msgspec
from msgspec import UNSET, UnsetType

from domain.commands.base_command import BaseCommand
from domain.kernel.elements import ComponentKind, DataKind, ElementId, Exposure, Outage, Rating
from domain.kernel.name_choice import NameChoice


class NameElements(BaseCommand, frozen=True, kw_only=True, tag="NameElements"):
    """Add many elements by name alone; existing names are skipped.

    Trust levels are listed with the least trusted first.
    """

    external_dependencies: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    trust_levels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    trust_boundaries: tuple[str, ...] = ()
    choices: tuple[NameChoice, ...] = ()


class FlowEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What a line states about a component besides its name; empty where it states nothing."""

    technology: str = ""
    boundary: str = ""


class FlowByNames(msgspec.Struct, frozen=True, kw_only=True):
    """A data flow by names: source, target, assets, entry point and protocol.

    A two-way flow carries `assets_back` to its source. `source_end` and `target_end` describe the ends.
    """

    source: str
    target: str
    assets: tuple[str, ...] = ()
    entry_point: str = ""
    protocol: str = ""
    two_way: bool = False
    assets_back: tuple[str, ...] = ()
    source_end: FlowEnd = FlowEnd()
    target_end: FlowEnd = FlowEnd()


class DrawFlows(BaseCommand, frozen=True, kw_only=True, tag="DrawFlows"):
    """Add many data flows by names; unknown components, assets and entry points are added."""

    flows: tuple[FlowByNames, ...]
    choices: tuple[NameChoice, ...] = ()


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """The placement of a component; the boundary is given by name and added if it is new.

    Without a technology, that of the component stays; an empty one states that there is none.
    """

    component: ElementId
    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: str = ""
    technology: str | None = None


class PlaceComponents(BaseCommand, frozen=True, kw_only=True, tag="PlaceComponents"):
    """Set kind, technology, trust level and boundary of many components."""

    placements: tuple[Placement, ...]
    choices: tuple[NameChoice, ...] = ()


class ElementDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Details of one external dependency, entry point or asset; what is not stated stays as it is."""

    element: ElementId
    owner: str | UnsetType = UNSET
    sort: str | UnsetType = UNSET
    outage: Outage | UnsetType | None = UNSET
    exposure: Exposure | UnsetType | None = UNSET
    protocol: str | UnsetType = UNSET
    component: ElementId | UnsetType | None = UNSET
    lowest_trust_level: ElementId | UnsetType | None = UNSET
    data: DataKind | UnsetType | None = UNSET
    confidentiality: Rating | UnsetType | None = UNSET
    integrity: Rating | UnsetType | None = UNSET
    availability: Rating | UnsetType | None = UNSET
    stored_in: tuple[ElementId, ...] | UnsetType = UNSET
    readers: tuple[ElementId, ...] | UnsetType = UNSET
    writers: tuple[ElementId, ...] | UnsetType = UNSET


class DescribeElements(BaseCommand, frozen=True, kw_only=True, tag="DescribeElements"):
    """Set the details of many external dependencies, entry points or assets."""

    details: tuple[ElementDetails, ...]


BulkEntryCommand = NameElements | DrawFlows | PlaceComponents | DescribeElements
"""The commands of the quick way: many elements told in lines of names."""
