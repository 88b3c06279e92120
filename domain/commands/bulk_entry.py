"""Commands for bulk entry: many elements in lines of names."""

import msgspec

from domain.commands.base_command import BaseCommand
from domain.kernel.elements import ComponentKind, ElementId


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


class FlowByNames(msgspec.Struct, frozen=True, kw_only=True):
    """A data flow by names: source, target, assets and entry point."""

    source: str
    target: str
    assets: tuple[str, ...] = ()
    entry_point: str = ""


class DrawFlows(BaseCommand, frozen=True, kw_only=True, tag="DrawFlows"):
    """Add many data flows by names; unknown components, assets and entry points are added."""

    flows: tuple[FlowByNames, ...]


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """The placement of a component; the boundary is given by name and added if it is new."""

    component: ElementId
    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: str = ""


class PlaceComponents(BaseCommand, frozen=True, kw_only=True, tag="PlaceComponents"):
    """Set kind, trust level and boundary of many components."""

    placements: tuple[Placement, ...]


BulkEntryCommand = NameElements | DrawFlows | PlaceComponents
"""The commands of the quick way: many elements told in lines of names."""
