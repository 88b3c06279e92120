"""Warnings about inconsistent or incomplete parts of the model; they are never scored."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from domain.analysis.coverage import Coverage, CoverageRow
from domain.analysis.rule_findings import SuggestedThreat
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    SINGULAR,
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    TrustBoundary,
    TrustLevel,
    kind_of_id,
    references,
)
from domain.kernel.mitigation import MitigationState
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.text_formatting import join_list
from domain.kernel.threat import elements_at
from domain.lifecycle import phase_of
from domain.model import ThreatModel, id_order
from domain.model.crossings import Crossing
from domain.model.element_labels import label, quoted_label
from domain.model.threat_model import places_key

UNKNOWN_SHARE = 0.3
"""The share of unknown answers above which a warning is given."""


class Warning(msgspec.Struct, frozen=True, kw_only=True):  # noqa: A001 (the word people read)
    """A warning about the model; its id is `check@element`, or the check alone."""

    id: str
    element: ElementId | None
    text: str


def warnings(
    model: ThreatModel,
    crossing: dict[ElementId, Crossing],
    grid: Coverage,
    cautions: Sequence[SuggestedThreat] = (),
) -> tuple[Warning, ...]:
    """Return all warnings about a model in the order of the checks below, those of rules last.

    Checks about flows start when the first flow exists.
    """
    sorted_model = _SortedModel(model, crossing, grid)
    checks = (*_WITH_FLOWS, *_ALWAYS) if sorted_model.flows else _ALWAYS
    return (*(warning for check in checks for warning in check(sorted_model)), *map(_of_a_rule, cautions))


class _SortedModel:
    """The model sorted by kind, once for all checks."""

    def __init__(self, model: ThreatModel, crossing: dict[ElementId, Crossing], grid: Coverage) -> None:
        self.model = model
        self.grid = grid
        self.crossing = crossing
        self.flows = model.of_type(DataFlow)
        self.assets = model.of_type(Asset)
        self.levels = model.of_type(TrustLevel)
        self.components = model.of_type(Component)
        self.boundaries = model.of_type(TrustBoundary)
        self.entry_points = model.of_type(EntryPoint)
        self.sources = {direction.source for flow in self.flows for direction in flow.directions}
        self.targets = {direction.target for flow in self.flows for direction in flow.directions}

    def about(self, check: str, element: Element, text: str) -> Warning:
        name = f"{element.id} “{label(self.model, element)}”"
        return Warning(id=f"{check}@{element.id}", element=element.id, text=text.format(name))


def _store_one_sided(sorted_model: _SortedModel) -> Iterator[Warning]:
    for component in sorted_model.components:
        if component.sort is ComponentKind.DATA_STORE and (
            component.id in sorted_model.sources or component.id in sorted_model.targets
        ):
            if component.id not in sorted_model.sources:
                yield sorted_model.about("store_never_read", component, "{} is written but never read.")
            if component.id not in sorted_model.targets:
                yield sorted_model.about("store_never_written", component, "{} is read but never written.")


def _flows_alike(sorted_model: _SortedModel) -> Iterator[Warning]:
    first: dict[tuple[object, ...], DataFlow] = {}
    for flow in sorted_model.flows:
        ends = (flow.source, flow.target, flow.entry_point)
        alike = first.setdefault((*ends, frozenset(flow.assets), frozenset(flow.assets_back)), flow)
        if alike is not flow:
            yield sorted_model.about("flows_alike", flow, f"{{}} duplicates {alike.id}.")


def _many_unknown(sorted_model: _SortedModel) -> Iterator[Warning]:
    live = frozenset(sorted_model.model.elements)  # many look-ups are faster in a set than in the map
    answers = [answer for (element, _), answer in items_of(sorted_model.model.facts) if element in live]
    unknown = answers.count(Answer.UNKNOWN)
    if answers and unknown / len(answers) > UNKNOWN_SHARE:
        yield Warning(
            id="many_unknown",
            element=None,
            text=f"{unknown} of {len(answers)} answers are “don't know”, so the analysis may be incomplete.",
        )


def _names_removed(sorted_model: _SortedModel) -> Iterator[Warning]:
    elements = sorted_model.model.elements
    removed = {
        key: missing
        for key, element in items_of(elements)
        if (missing := [id for id in dict.fromkeys(references(element)) if id not in elements])
    }
    for key in sorted(removed, key=lambda one: (kind_of_id(one), id_order(one))):
        for id in removed[key]:
            what = SINGULAR[kind_of_id(id)]
            text = f"{{}} refers to the removed {what} {id}."
            yield sorted_model.about("names_removed", elements[key], text)


def _of_a_rule(caution: SuggestedThreat) -> Warning:
    rule = caution.rule
    what = f"{rule.title[0].lower()}{rule.title[1:]}" + (f" ({caution.peer})" if caution.peer else "")
    return Warning(
        id=caution.id,
        element=caution.element,
        text=f"{caution.element} “{caution.element_name}”: {what}. {rule.controls[0].text}.",
    )


def _cells_undecided(sorted_model: _SortedModel) -> Iterator[Warning]:
    """Yield undecided cells, after the collection phase only: before, they cannot be decided."""
    rows = () if phase_of(sorted_model.model.step) == "collection" else sorted_model.grid.open
    if not rows:
        return
    shown = [f"{row.element} “{row.name}” ({_categories(row)})" for row in rows[:_NAMED]]
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    yield Warning(
        id="cells_undecided",
        element=None,
        text=f"STRIDE cells on trust crossings are undecided: {', '.join(shown)}{more}.",
    )


def _categories(row: CoverageRow) -> str:
    return ", ".join(cell.category.label.lower() for cell in row.open)


def _orphans(sorted_model: _SortedModel) -> Iterator[Warning]:
    model = sorted_model.model
    for threat in sorted(values_of(model.threats), key=lambda value: id_order(value.id)):
        named = dict.fromkeys(element for place in threat.places for element in elements_at(place))
        gone = [one for one in named if one in model.removed]
        if not gone:
            continue
        names = [f"{SINGULAR[kind_of_id(one)]} {quoted_label(model, one)}" for one in gone[:_NAMED]]
        more = [f"{len(gone) - _NAMED} more"] if len(gone) > _NAMED else []
        yield Warning(
            id=f"orphan@{threat.id}",
            element=None,
            text=f"{threat.id} “{threat.title}” refers to the {join_list([*names, *more])}, "
            f"which {'was' if len(gone) == 1 else 'were'} removed.",
        )


def _scored_before(sorted_model: _SortedModel) -> Iterator[Warning]:
    """Yield the threats that got further places after the round in which they were scored was opened."""
    model = sorted_model.model
    for id in sorted(model.threats, key=id_order):
        added = model.since.get(places_key(id))
        if added is None:
            continue
        votes = [
            one.opened_at for one in values_of(model.rounds) if any(ask.threat == id for ask in one.asks)
        ]
        if votes and max(votes) < added:
            yield Warning(
                id=f"places@{id}",
                element=None,
                text=f"{id} “{model.threats[id].title}” got more places after it was put to the vote. "
                "Vote on it again if they change its score.",
            )


def _mitigations_orphaned(sorted_model: _SortedModel) -> Iterator[Warning]:
    model = sorted_model.model
    for value in sorted(values_of(model.mitigations), key=lambda one: id_order(one.id)):
        gone = model.withdrawn.get(model.home_of(value.threat))
        if gone is not None and value.state is not MitigationState.DROPPED:
            yield Warning(
                id=f"orphan@{value.id}",
                element=None,
                text=f"{value.id} “{value.title}” mitigates {gone.id} “{gone.title}”, which was withdrawn. "
                "Drop the mitigation, or report the threat again.",
            )


def _each(
    check: str, text: str, found: Callable[[_SortedModel], Iterable[Element]]
) -> Callable[[_SortedModel], Iterator[Warning]]:
    """Return the check that warns of each element that a function finds."""
    return lambda sorted_model: (sorted_model.about(check, one, text) for one in found(sorted_model))


def _unmoved(sorted_model: _SortedModel) -> Iterable[Asset]:
    moved = {asset for flow in sorted_model.flows for asset in flow.carried}
    return (one for one in sorted_model.assets if one.id not in moved and not one.stored_in)


def _unused_levels(sorted_model: _SortedModel) -> Iterable[TrustLevel]:
    used = {id for element in values_of(sorted_model.model.elements) for id in references(element)}
    return (level for level in sorted_model.levels if level.id not in used)


def _uncrossed(sorted_model: _SortedModel) -> Iterable[TrustBoundary]:
    passed = {boundary for one in sorted_model.crossing.values() for boundary in one.boundaries}
    return (one for one in sorted_model.boundaries if one.id not in passed)


def _unpassed(sorted_model: _SortedModel) -> Iterable[EntryPoint]:
    passed = {flow.entry_point for flow in sorted_model.flows}
    passed |= {point.parent for point in sorted_model.entry_points}
    return (point for point in sorted_model.entry_points if point.id not in passed)


def _sinks(sorted_model: _SortedModel) -> Iterable[Component]:
    processes = (one for one in sorted_model.components if one.sort is ComponentKind.PROCESS)
    return (process for process in processes if process.id in sorted_model.targets - sorted_model.sources)


_WITH_FLOWS = (
    _each(
        "in_no_flow",
        "{} is in no data flow.",
        lambda it: (component for component in it.components if component.id not in it.sources | it.targets),
    ),
    _each(
        "carries_nothing",
        "{} carries no asset.",
        lambda it: (flow for flow in it.flows if not flow.carried),
    ),
    _each("neither_stored_nor_moved", "{} is not stored or transferred anywhere.", _unmoved),
    _each(
        "level_undefined",
        "{} has no trust level.",
        lambda it: (component for component in it.components if component.trust_level is None),
    ),
    _each("level_unused", "{} is not used.", _unused_levels),
    _each("boundary_uncrossed", "No data flow crosses {}.", _uncrossed),
    _each("entry_point_unpassed", "No data flow goes through {}.", _unpassed),
    _store_one_sided,
    _each("process_without_output", "{} has inbound but no outbound data flows.", _sinks),
    _flows_alike,
)
_ALWAYS = (
    _many_unknown,
    _names_removed,
    _cells_undecided,
    _orphans,
    _scored_before,
    _mitigations_orphaned,
)
_NAMED = 3
