"""Parts of a diagram, as they are taken from a model."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

import msgspec

from domain.dread.scoring import Band
from domain.kernel.elements import (
    Component,
    ComponentKind,
    DataFlow,
    ElementId,
    EntryPoint,
    Kind,
    TrustBoundary,
    TrustLevel,
)
from domain.kernel.threat import ThreatId
from domain.model import id_order
from domain.register import ThreatRegister


class ThreatCount(msgspec.Struct, frozen=True, kw_only=True):
    """Open threats of one element; `worst` is the worst band, None without a score."""

    number: int = 0
    worst: Band | None = None


class TrustPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A trust level; `place` is its rank, from 0.0 for the least to 1.0 for the most trusted."""

    id: str
    name: str
    place: float


class BoundaryZone(msgspec.Struct, frozen=True, kw_only=True):
    """A trust boundary; `parent` is the index of the one that contains it, which comes earlier in the list.

    `trust` are the lowest and the highest trust level in it: equal if there is one.
    """

    id: str
    name: str
    parent: int | None = None
    trust: tuple[TrustPosition, TrustPosition] | None = None
    threats: ThreatCount = ThreatCount()


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A component; `zone` is the index of the innermost boundary around it."""

    id: str
    name: str
    sort: ComponentKind | None = None
    zone: int | None = None
    trust: TrustPosition | None = None
    threats: ThreatCount = ThreatCount()


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """A data flow between two nodes, given by index; `threats` include those of its entry point.

    `number` is its position in the picture, from 1. A two-way flow carries `assets_back` to its source.
    """

    id: str
    number: str
    source: int
    target: int
    name: str = ""
    entry_point: str = ""
    assets: tuple[str, ...] = ()
    two_way: bool = False
    assets_back: tuple[str, ...] = ()
    crosses: bool = False
    threats: ThreatCount = ThreatCount()

    @property
    def carried(self) -> tuple[str, ...]:
        """The assets of both directions: those back after a bar, unless they are the same."""
        if not self.assets_back or self.assets_back == self.assets:
            return self.assets
        first, *rest = self.assets_back
        return (*self.assets, f"| {first}", *rest)


class Diagram(msgspec.Struct, frozen=True, kw_only=True):
    """A model to be drawn; `elsewhere` are the IDs of open threats that are not shown in the picture.

    `day` is the day that it shows.
    """

    key: str
    name: str
    version: int
    day: date
    zones: tuple[BoundaryZone, ...] = ()
    nodes: tuple[Node, ...] = ()
    flows: tuple[Flow, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of parts to lay out."""
        return len(self.zones) + len(self.nodes) + len(self.flows)

    def shared_zone(self, flow: Flow) -> int | None:
        """Return the innermost boundary around both ends of a flow."""
        inside = self._round(self.nodes[flow.source].zone)
        return next((one for one in self._round(self.nodes[flow.target].zone) if one in inside), None)

    def crossed_zones(self, flow: Flow) -> frozenset[int]:
        """Return the boundaries around one end of a flow and not around the other."""
        ends = (self.nodes[flow.source].zone, self.nodes[flow.target].zone)
        source, target = (frozenset(self._round(end)) for end in ends)
        return source ^ target

    def _round(self, zone: int | None) -> list[int]:
        path: list[int] = []
        while zone is not None:
            path.append(zone)
            zone = self.zones[zone].parent
        return path


_Sort = TypeVar("_Sort")


def build_diagram(known: ThreatRegister, day: date) -> Diagram:
    """Return the diagram of a model; `day` is the day that it shows."""
    return _Gathered(known).diagram(day)


class _Gathered:
    """A register with its elements by ID."""

    def __init__(self, known: ThreatRegister) -> None:
        self._known = known
        self._names = {item.id: item.name for one in known.lists.values() for item in one.items}
        self._trust = dict(_trusts(known))
        self._boundaries = outermost_first(_of(known, Kind.TRUST_BOUNDARY, TrustBoundary))
        self._components = _of(known, Kind.COMPONENT, Component)
        places = {one.id: place for place, one in enumerate(self._components)}
        self._nodes = places
        self._zones = {one.id: place for place, one in enumerate(self._boundaries)}
        self._flows = [
            one
            for one in _of(known, Kind.DATA_FLOW, DataFlow)
            if one.source in places and one.target in places
        ]
        self._entry_points = {one.id: one for one in _of(known, Kind.ENTRY_POINT, EntryPoint)}
        self._bands = {
            threat.threat.id: threat.score.tally.band if threat.score else None
            for threat in known.ranked
            if not known.statuses[threat.threat.id].state.over
        }
        self._at = self._placed_threats()

    def diagram(self, day: date) -> Diagram:
        placed = {threat for threats in self._at.values() for threat in threats}
        known = self._known
        return Diagram(
            key=known.key,
            name=known.name,
            version=known.version,
            day=day,
            zones=tuple(self._zone(boundary) for boundary in self._boundaries),
            nodes=tuple(self._node(component) for component in self._components),
            flows=tuple(self._flow(one, number) for number, one in enumerate(self._flows, start=1)),
            elsewhere=tuple(sorted((band for band in self._bands if band not in placed), key=id_order)),
        )

    def _zone(self, one: TrustBoundary) -> BoundaryZone:
        levels = sorted(self._trusts_in(one), key=lambda level: level.place)
        return BoundaryZone(
            id=one.id,
            name=one.name,
            parent=self._zones.get(one.parent) if one.parent else None,
            trust=(levels[0], levels[-1]) if levels else None,
            threats=self._threats(one.id),
        )

    def _trusts_in(self, one: TrustBoundary) -> list[TrustPosition]:
        """Return the trust levels directly inside a boundary; those of everything in it if there are none."""
        of_all = {one.id}
        for inner in self._boundaries:  # outer boundaries come first
            if inner.parent in of_all:
                of_all.add(inner.id)
        return self._trusts_of(one.id) or [level for id in sorted(of_all) for level in self._trusts_of(id)]

    def _trusts_of(self, boundary: ElementId) -> list[TrustPosition]:
        levels = (component.trust_level for component in self._components if component.boundary == boundary)
        return [self._trust[level] for level in levels if level is not None and level in self._trust]

    def _node(self, one: Component) -> Node:
        return Node(
            id=one.id,
            name=one.name,
            sort=one.sort,
            zone=self._zones.get(one.boundary) if one.boundary else None,
            trust=self._trust.get(one.trust_level) if one.trust_level else None,
            threats=self._threats(one.id),
        )

    def _flow(self, one: DataFlow, number: int) -> Flow:
        return Flow(
            id=one.id,
            number=str(number),
            source=self._nodes[one.source],
            target=self._nodes[one.target],
            name=one.name,
            entry_point=self._names.get(one.entry_point, "") if one.entry_point else "",
            assets=tuple(self._names[asset] for asset in one.assets if asset in self._names),
            two_way=one.two_way,
            assets_back=tuple(self._names[asset] for asset in one.assets_back if asset in self._names),
            crosses=one.id in self._known.crossings,
            threats=self._threats(one.id),
        )

    def _threats(self, place: ElementId) -> ThreatCount:
        return _counted([self._bands[one] for one in self._at.get(place, ())])

    def _placed_threats(self) -> dict[ElementId, list[ThreatId]]:
        """Return the open threats by the elements at which they are shown."""
        at: dict[ElementId, list[ThreatId]] = {}
        known = self._known
        for threat in known.threats:
            if threat.id in self._bands:
                shown = (part for element in known.shown_at[threat.id] for part in self._parts(element))
                for part in dict.fromkeys(shown):
                    at.setdefault(part, []).append(threat.id)
        return at

    def _parts(self, element: ElementId) -> list[ElementId]:
        """Return the parts of the picture that show an element: for an entry point the flows through it."""
        if element in self._nodes or element in self._zones:
            return [element]
        entry_point = self._entry_points.get(element)
        if entry_point is None:
            return [flow.id for flow in self._flows if flow.id == element]
        through = [flow.id for flow in self._flows if flow.entry_point == element]
        if through or entry_point.component is None or entry_point.component not in self._nodes:
            return through
        return [entry_point.component]


def _counted(bands: Sequence[Band | None]) -> ThreatCount:
    scored = [band for band in bands if band is not None]
    return ThreatCount(number=len(bands), worst=max(scored, key=lambda one: one.order, default=None))


def _trusts(known: ThreatRegister) -> Iterable[tuple[ElementId, TrustPosition]]:
    levels = sorted(_of(known, Kind.TRUST_LEVEL, TrustLevel), key=lambda one: one.rank)
    for place, one in enumerate(levels):
        yield one.id, TrustPosition(id=one.id, name=one.name, place=place / max(1, len(levels) - 1))


def outermost_first(boundaries: Sequence[TrustBoundary]) -> list[TrustBoundary]:
    """Order each boundary after the one that contains it, breaking cycles in old histories."""
    left = {boundary.id: boundary for boundary in boundaries}
    ordered: list[TrustBoundary] = []
    while left:
        free = [one for one in left.values() if one.parent not in left]
        # A cycle, which would be rejected today: its first boundary counts as the outermost.
        for one in free or list(left.values())[:1]:
            ordered.append(one if free else TrustBoundary(id=one.id, name=one.name))
            del left[one.id]
    return ordered


def _of(known: ThreatRegister, kind: Kind, sort: type[_Sort]) -> list[_Sort]:
    return [item.element for item in known.items(kind) if isinstance(item.element, sort)]
