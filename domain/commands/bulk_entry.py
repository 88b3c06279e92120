"""Commands for bulk entry: many elements in lines of names.

Those that add elements have `choices`: what was said of new names that are like others.
"""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from domain.commands.base_command import BaseCommand
from domain.kernel.elements import ComponentKind, DataKind, ElementId, Exposure, NameChoice, Outage, Rating


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


USUAL_TRUST_LEVELS: Final = ("Anonymous users", "Signed-in users", "Partners", "Staff", "Own services")
"""The trust levels of most systems, the least trusted first."""


class FlowEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What a line states about a component besides its name; empty where it states nothing.

    `technology` is a key of the catalog, or the text of a technology that the catalog lacks.
    """

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
    """Add many data flows by names; unknown components, assets and entry points are added.

    `trust_levels` are new ones, the least trusted first; with `usual_levels`, those that most systems have
    are added to a model without any.
    """

    flows: tuple[FlowByNames, ...]
    choices: tuple[NameChoice, ...] = ()
    trust_levels: tuple[str, ...] = ()
    usual_levels: bool = False


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """The placement of a component; the boundary is given by name and added if it is new.

    Without a technology, that of the component stays; an empty one states that there is none.
    """

    component: ElementId
    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: str = ""
    technology: str | None = None


class ProtocolMeaning(msgspec.Struct, frozen=True, kw_only=True):
    """The meaning of the protocol of a flow that the catalog lacks, for all flows with it.

    It is a `protocol` of the catalog; without one, it is part of the name of the data.
    """

    flow: ElementId
    protocol: str = ""


class TechnologyMeaning(msgspec.Struct, frozen=True, kw_only=True):
    """The meaning of the technology of a component that the catalog lacks; empty for none."""

    component: ElementId
    technology: str = ""


class PlaceComponents(BaseCommand, frozen=True, kw_only=True, tag="PlaceComponents"):
    """Set kind, technology, trust level and boundary of many components, and what unknown words mean."""

    placements: tuple[Placement, ...]
    choices: tuple[NameChoice, ...] = ()
    protocols: tuple[ProtocolMeaning, ...] = ()
    technologies: tuple[TechnologyMeaning, ...] = ()


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
