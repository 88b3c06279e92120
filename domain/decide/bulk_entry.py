"""Decisions on bulk entry: many elements in lines of names."""

from msgspec.structs import replace

from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
    DrawFlows,
    FlowByNames,
    NameElements,
    PlaceComponents,
)
from domain.decide.decision import Draft
from domain.decide.element_entry import add
from domain.decide.input_checks import (
    check_count,
    clean_name,
    find_by_name,
    require_element,
    require_element_if_given,
)
from domain.element_kinds import NAMES_IN, names_of
from domain.kernel.elements import Component, ElementId, Kind
from domain.rejections import AlreadySo, FlowAlreadyDrawn, NothingSaid


def name_elements(command: NameElements, draft: Draft) -> None:
    """Add the names that do not exist yet, register by register."""
    boxes = [(kind, field, names_of(command, kind)) for kind, field in NAMES_IN.items()]
    if not any(name.strip() for _, _, names in boxes for name in names):
        raise NothingSaid("Please name at least one thing, one per line.", field="entry_points")
    for kind, field, names in boxes:
        check_count("names", len(names), field=field)
        for name in names:
            if name.strip():
                _named_or_added(draft, kind, name, field)
    if not draft.events:
        raise AlreadySo("All of these are there already.")


def draw_flows(command: DrawFlows, draft: Draft) -> None:
    """Add the flows that do not exist yet, with the new elements they name."""
    if not command.flows:
        raise NothingSaid("Please write at least one flow, one per line.", field="flows")
    check_count("flows", len(command.flows), field="flows")
    for drawn in command.flows:
        _draw(draft, drawn)
    if not draft.events:
        raise AlreadySo("All of these flows are there already.")


def place_components(command: PlaceComponents, draft: Draft) -> None:
    """Set kind, trust level and boundary of components."""
    for placement in command.placements:
        old = require_element(draft.model, placement.component, Kind.COMPONENT)
        boundary = (
            _named_or_added(draft, Kind.TRUST_BOUNDARY, placement.boundary, "boundary")
            if placement.boundary.strip()
            else None
        )
        if not isinstance(old, Component):
            continue
        new = replace(
            old,
            sort=placement.sort,
            trust_level=require_element_if_given(
                draft.model, placement.trust_level, Kind.TRUST_LEVEL, field="trust_level"
            ),
            boundary=boundary,
        )
        if new != old:
            draft.revise(new)


def _draw(draft: Draft, drawn: FlowByNames) -> None:
    source = _named_or_added(draft, Kind.COMPONENT, drawn.source, "flows")
    target = _named_or_added(draft, Kind.COMPONENT, drawn.target, "flows")
    assets = tuple(_named_or_added(draft, Kind.ASSET, name, "flows") for name in drawn.assets)
    entry_point = (
        _named_or_added(draft, Kind.ENTRY_POINT, drawn.entry_point, "flows")
        if drawn.entry_point.strip()
        else None
    )
    flow = AddDataFlow(
        by=draft.by, at=draft.at, source=source, target=target, assets=assets, entry_point=entry_point
    )
    try:
        add(flow, draft)
    except FlowAlreadyDrawn:
        return


def _named_or_added(draft: Draft, kind: Kind, text: str, field: str) -> ElementId:
    name = clean_name(text, field=field)
    there = find_by_name(draft.model, kind, name)
    if there is not None:
        return there.id
    by, at = draft.by, draft.at
    match kind:
        case Kind.EXTERNAL_DEPENDENCY:
            return add(AddExternalDependency(by=by, at=at, name=name), draft)
        case Kind.ENTRY_POINT:
            return add(AddEntryPoint(by=by, at=at, name=name), draft)
        case Kind.ASSET:
            return add(AddAsset(by=by, at=at, name=name), draft)
        case Kind.TRUST_LEVEL:
            return add(AddTrustLevel(by=by, at=at, name=name), draft)
        case Kind.COMPONENT:
            return add(AddComponent(by=by, at=at, name=name), draft)
        case Kind.TRUST_BOUNDARY:
            return add(AddTrustBoundary(by=by, at=at, name=name), draft)
        case Kind.DATA_FLOW:
            raise TypeError("a data flow is not told by its name alone")
