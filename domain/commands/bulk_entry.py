"""What one may ask in the quick way: many elements told in lines of names."""

import msgspec

from domain.commands.base_command import BaseCommand
from domain.kernel.elements import ComponentKind, ElementId


class NameElements(BaseCommand, frozen=True, kw_only=True, tag="NameElements"):
    """Add many elements by name alone; names that are there already are passed over.

    Trust levels come least trusted first.
    """

    external_dependencies: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    trust_levels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    trust_boundaries: tuple[str, ...] = ()


class FlowByNames(msgspec.Struct, frozen=True, kw_only=True):
    """A data flow told in names: from where, to where, what, and through which entry point."""

    source: str
    target: str
    assets: tuple[str, ...] = ()
    entry_point: str = ""


class DrawFlows(BaseCommand, frozen=True, kw_only=True, tag="DrawFlows"):
    """Add many data flows told in names; components, assets and entry points not yet known are added."""

    flows: tuple[FlowByNames, ...]


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a component belongs; a boundary is told by name and added when it is new."""

    component: ElementId
    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: str = ""


class PlaceComponents(BaseCommand, frozen=True, kw_only=True, tag="PlaceComponents"):
    """Say of many components what they are, how far they are trusted and in which boundary they lie."""

    placements: tuple[Placement, ...]


BulkEntryCommand = NameElements | DrawFlows | PlaceComponents
"""The commands of the quick way: many elements told in lines of names."""
