"""The coverage grid: elements by STRIDE category, and how each cell was decided."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from enum import StrEnum

import msgspec

from domain.analysis.rule_findings import Verdict
from domain.element_links import links_in_force
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    DataKind,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    kind_of,
)
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import Consideration, Stride, Threat, ThreatId, elements_at
from domain.model import ThreatModel, id_order
from domain.model.crossings import Crossing, component
from domain.model.element_labels import label
from domain.rules.conditions import Asked

ROWS = (Kind.COMPONENT, Kind.ENTRY_POINT, Kind.DATA_FLOW, Kind.EXTERNAL_DEPENDENCY)
"""The kinds of element that have a row, in display order."""


class DecidedBy(StrEnum):
    """How a cell was decided."""

    THREAT = "threat"
    RULES = "rules"
    ASSUMED = "assumed"
    """By answers of which at least one is only assumed."""
    REASON = "reason"
    NOTHING = "nothing"


class CoverageCell(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """One STRIDE category of one element.

    `wanted` if a crossing flow makes it relevant; `suggested_threats` and `unclear` count the open items in
    it, `answers` are those that its rules rest on, and `assumed` what stands in for answers.
    """

    category: Stride
    by: DecidedBy
    wanted: bool
    threats: tuple[ThreatId, ...] = ()
    suggested_threats: int = 0
    unclear: int = 0
    answers: tuple[Asked, ...] = ()
    assumed: tuple[Asked, ...] = ()

    @property
    def decided(self) -> bool:
        """Return whether a person has decided it."""
        return self.by not in (DecidedBy.NOTHING, DecidedBy.ASSUMED)


class CoverageRow(msgspec.Struct, frozen=True, kw_only=True):
    """The applicable cells of one element; `crossing` if a crossing flow touches it."""

    element: ElementId
    name: str
    kind: Kind
    crossing: bool
    cells: tuple[CoverageCell, ...]
    considered: Consideration | None = None

    @property
    def open(self) -> tuple[CoverageCell, ...]:
        """Return the wanted cells that are neither decided nor assumed."""
        return tuple(cell for cell in self.cells if cell.wanted and cell.by is DecidedBy.NOTHING)

    @property
    def assumed(self) -> tuple[CoverageCell, ...]:
        """Return the wanted cells that only assumptions settle."""
        return tuple(cell for cell in self.cells if cell.wanted and cell.by is DecidedBy.ASSUMED)


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """The grid, with the rows of crossing elements first."""

    rows: tuple[CoverageRow, ...]

    @property
    def undecided_first(self) -> tuple[CoverageRow, ...]:
        """Return the rows with those first in which a wanted cell is undecided."""
        return tuple(sorted(self.rows, key=lambda row: not row.open))

    @property
    def open(self) -> tuple[CoverageRow, ...]:
        """Return the rows with an undecided wanted cell."""
        return tuple(row for row in self.rows if row.open)

    @property
    def open_cells(self) -> int:
        """Return the number of undecided wanted cells."""
        return sum(len(row.open) for row in self.rows)

    @property
    def assumed_cells(self) -> int:
        """Return the number of wanted cells that only assumptions settle."""
        return sum(len(row.assumed) for row in self.rows)


def coverage(
    model: ThreatModel,
    crossing: dict[ElementId, Crossing],
    verdicts: Iterable[Verdict],
    undecided: Iterable[str],
    shown_at: Mapping[ElementId, tuple[ElementId, ...]],
) -> Coverage:
    """Compute the grid of a model; `undecided` are the ids of the undecided suggested threats.

    `shown_at` are the components at which a threat to each asset is shown.
    A component that is an external dependency has no row of its own: its cells are those of the dependency.
    """
    grid = _Grid(model, crossing, verdicts, frozenset(undecided), shown_at)
    rows = [
        grid.row(element)
        for element in values_of(model.elements)
        if kind_of(element) in ROWS and element.id not in grid.linked
    ]
    place = {element: number for number, element in enumerate(grid.touched)}
    rows.sort(
        key=lambda row: (
            place.get(row.element, len(place)),
            ROWS.index(row.kind),
            id_order(row.element),
        )
    )
    return Coverage(rows=tuple(row for row in rows if row.cells))


def cells_of(model: ThreatModel, element: Element, logs: Set[ElementId]) -> tuple[Stride, ...]:
    """Return the categories that apply to an element; none for a component without a kind.

    `logs` are the stores that keep logs: only there does repudiation apply to a store.
    """
    match element:
        case Component():
            return _of_component(element, logs)
        case DataFlow():
            return _FLOW
        case EntryPoint():
            behind = component(model, element.component) if element.component else None
            return (_of_component(behind, logs) if behind else ()) or tuple(Stride)
        case ExternalDependency():
            return _DEPENDENCY
        case _:  # other elements have no row
            return ()


def log_stores(model: ThreatModel) -> frozenset[ElementId]:
    """Return the components that keep logs, by answer or because a log is stored in or flows to them."""
    every = list(values_of(model.elements))
    components = (one.id for one in every if isinstance(one, Component))
    answered = {one for one in components if model.facts.get((one, "keeps_logs")) is Answer.YES}
    logs = {one.id: one for one in every if isinstance(one, Asset) and one.data is DataKind.LOG}
    stored = {place for log in logs.values() for place in log.stored_in}
    carried = {
        way.target
        for one in every
        if isinstance(one, DataFlow)
        for way in one.directions
        if not logs.keys().isdisjoint(way.assets)
    }
    return frozenset(answered | stored | carried)


def _of_component(one: Component, logs: Set[ElementId]) -> tuple[Stride, ...]:
    if one.sort is ComponentKind.DATA_STORE and one.id in logs:
        return _LOG_STORE
    return _CELLS[one.sort] if one.sort else ()


class _Grid:
    """Everything that decides cells, indexed by cell once for all rows."""

    def __init__(
        self,
        model: ThreatModel,
        crossing: dict[ElementId, Crossing],
        verdicts: Iterable[Verdict],
        undecided: Set[str],
        shown_at: Mapping[ElementId, tuple[ElementId, ...]],
    ) -> None:
        self._model = model
        self._shown_at = shown_at
        self._logs = log_stores(model)
        self.linked = {link.component: link.dependency for link in links_in_force(model)}
        self._verdicts: defaultdict[_Place, list[Verdict]] = defaultdict(list)
        self._undecided = undecided
        cells_of_suggested_threats: dict[str, _Place] = {}
        for verdict in verdicts:
            place = self._placed(verdict.element, verdict.category)
            self._verdicts[place].append(verdict)
            if verdict.suggested_threat:
                cells_of_suggested_threats[verdict.suggested_threat] = place
        self._threats: defaultdict[_Place, list[ThreatId]] = defaultdict(list)
        for threat in sorted(values_of(model.threats), key=lambda value: id_order(value.id)):
            for place in dict.fromkeys(self._cells_of_threat(threat, cells_of_suggested_threats)):
                self._threats[place].append(threat.id)
        self._wanted = frozenset((self._row_of(id), category) for id, category in self._wanting(crossing))
        self.touched = tuple(dict.fromkeys(self._row_of(id) for id in self._touching(crossing)))
        self._crossing = frozenset(self.touched)

    def row(self, element: Element) -> CoverageRow:
        linked = [component for component, one in self.linked.items() if one == element.id]
        considered = next(
            (one for id in (element.id, *linked) if (one := self._model.considered.get(id))), None
        )
        also = f" (also {', '.join(sorted(linked, key=id_order))})" if linked else ""
        return CoverageRow(
            element=element.id,
            name=f"{label(self._model, element)}{also}",
            kind=kind_of(element),
            crossing=element.id in self._crossing,
            cells=tuple(
                self._cell((element.id, category), reason=considered is not None)
                for category in cells_of(self._model, element, self._logs)
            ),
            considered=considered,
        )

    def _cell(self, place: "_Place", *, reason: bool) -> CoverageCell:
        verdicts, threats = self._verdicts.get(place, ()), self._threats.get(place, ())
        suggested_threats = sum(verdict.suggested_threat in self._undecided for verdict in verdicts)
        unclear = sum(not verdict.clear for verdict in verdicts)
        if threats:
            by = DecidedBy.THREAT
        elif verdicts and not suggested_threats and not unclear:
            assumed = any(verdict.assumed for verdict in verdicts)
            by = DecidedBy.REASON if assumed and reason else DecidedBy.ASSUMED if assumed else DecidedBy.RULES
        else:
            by = DecidedBy.REASON if reason else DecidedBy.NOTHING
        return CoverageCell(
            category=place[1],
            by=by,
            wanted=place in self._wanted,
            threats=tuple(threats),
            suggested_threats=suggested_threats,
            unclear=unclear,
            answers=tuple(dict.fromkeys(answer for verdict in verdicts for answer in verdict.answers)),
            assumed=tuple(dict.fromkeys(one for verdict in verdicts for one in verdict.assumed)),
        )

    def _cells_of_threat(
        self, threat: Threat, cells_of_suggested_threats: Mapping[str, "_Place"]
    ) -> Iterator["_Place"]:
        """Yield the cells of a threat at each of its places, also where its rule no longer holds."""
        silent = [one for one in threat.places if one not in cells_of_suggested_threats]
        stated = (threat.element,) if threat.element else ()
        for id in (*stated, *(about for one in silent for about in elements_at(one)[:1])):
            yield from self._at(id, threat.stride)
        for one in threat.places:
            if one in cells_of_suggested_threats:
                cell = cells_of_suggested_threats[one]
                yield cell
                assets = (id for id in elements_at(one)[:1] if id in self._shown_at)
                yield from (place for id in assets for place in self._at(id, cell[1:]))

    def _at(self, id: ElementId, categories: Iterable[Stride]) -> Iterator["_Place"]:
        """Yield the cells of some categories at an item; for an asset at the components that hold it."""
        for place in self._shown_at.get(id) or (id,):
            yield from (self._placed(place, category) for category in categories)

    def _placed(self, id: ElementId, category: Stride) -> "_Place":
        """Return the cell of an item; a category that does not apply to a flow counts for its receiver."""
        element = self._model.elements.get(id)
        if isinstance(element, DataFlow) and category not in _FLOW:
            return self._row_of(element.target), category
        return self._row_of(id), category

    def _row_of(self, id: ElementId) -> ElementId:
        return self.linked.get(id, id)

    def _wanting(self, crossing: dict[ElementId, Crossing]) -> Iterator["_Place"]:
        """Return the cells that crossing flows make relevant, by the kind of their targets."""
        for id in crossing:
            flow = self._model.elements.get(id)
            if not isinstance(flow, DataFlow):
                continue
            yield from ((id, Stride.INFORMATION_DISCLOSURE), (id, Stride.DENIAL_OF_SERVICE))
            for way in flow.directions:
                target = component(self._model, way.target)
                if target is None or target.sort is None:
                    continue
                if target.sort is ComponentKind.PROCESS:
                    yield way.source, Stride.SPOOFING
                    yield flow.entry_point or id, Stride.TAMPERING
                yield from ((target.id, category) for category in _WANTED[target.sort])

    def _touching(self, crossing: dict[ElementId, Crossing]) -> Iterator[ElementId]:
        for id in crossing:
            flow = self._model.elements.get(id)
            if isinstance(flow, DataFlow):
                yield from (flow.target, *((flow.entry_point,) if flow.entry_point else ()), id, flow.source)


_Place = tuple[ElementId, Stride]

_S, _T, _R, _I, _D, _E = Stride

_CELLS: dict[ComponentKind, tuple[Stride, ...]] = {
    ComponentKind.EXTERNAL_ENTITY: (_S, _R),
    ComponentKind.PROCESS: tuple(Stride),
    ComponentKind.DATA_STORE: (_T, _I, _D),
}
_LOG_STORE = (_T, _R, _I, _D)
_FLOW = (_T, _I, _D)
_DEPENDENCY = (_S, _T, _R, _D)

_WANTED: dict[ComponentKind, tuple[Stride, ...]] = {
    ComponentKind.EXTERNAL_ENTITY: (_S, _R),
    ComponentKind.PROCESS: (_S, _R, _E),
    ComponentKind.DATA_STORE: (_T, _R, _D),
}
"""The categories that a crossing flow makes relevant for its target."""
