"""Parts of a data-flow diagram, before layout."""

from datetime import date

import msgspec

from domain.dread.scoring import Band
from domain.kernel.elements import ComponentKind


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
        source, target = (frozenset(self._round(one)) for one in ends)
        return source ^ target

    def _round(self, zone: int | None) -> list[int]:
        path: list[int] = []
        while zone is not None:
            path.append(zone)
            zone = self.zones[zone].parent
        return path
