"""Decisions on bulk entry: many elements in lines of names."""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from domain.commands import (
    AddAsset,
    AddCommand,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
    DescribeElements,
    DrawFlows,
    ElementDetails,
    FlowByNames,
    FlowEnd,
    NameElements,
    PlaceComponents,
)
from domain.decide.decision import Decision
from domain.decide.element_checks import stated_technology
from domain.decide.element_entry import add
from domain.decide.input_checks import (
    check_count,
    clean_name,
    clean_word,
    find_by_name,
    require_element,
    require_element_if_given,
    require_elements,
)
from domain.decide.link_answers import check_sort
from domain.decide.name_comparison import chosen_name
from domain.element_kinds import NAMES_IN, names_of
from domain.kernel.elements import (
    Asset,
    Component,
    DataFlow,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
)
from domain.model import ThreatModel
from domain.rejections import ContentMissing, FlowAlreadyDrawn, NothingChanged


def name_elements(command: NameElements, decision: Decision) -> Decision:
    """Add the names that do not exist yet, register by register."""
    boxes = [(kind, field, names_of(command, kind)) for kind, field in NAMES_IN.items()]
    if not any(name.strip() for _, _, names in boxes for name in names):
        raise ContentMissing(
            "No element is entered. Enter at least one name, one per line.", field="entry_points"
        )
    for kind, field, names in boxes:
        check_count("names", len(names), field=field)
        for name in names:
            if name.strip():
                _, decision = _named_or_added(kind, name, field, decision)
    if not decision.recorded:
        raise NothingChanged("All of these elements already exist.")
    return decision


def draw_flows(command: DrawFlows, decision: Decision) -> Decision:
    """Add the flows that do not exist yet, with the new elements they name."""
    if not command.flows:
        raise ContentMissing("No data flow is entered. Enter at least one, one per line.", field="flows")
    check_count("flows", len(command.flows), field="flows")
    for drawn in command.flows:
        decision = _draw(drawn, decision)
    if not decision.recorded:
        raise NothingChanged("All of these data flows already exist.")
    return decision


def place_components(command: PlaceComponents, decision: Decision) -> Decision:
    """Set kind, trust level and boundary of components."""
    for placement in command.placements:
        old = require_element(decision.model, placement.component, Kind.COMPONENT)
        boundary = None
        if placement.boundary.strip():
            boundary, decision = _named_or_added(
                Kind.TRUST_BOUNDARY, placement.boundary, "boundary", decision
            )
        if not isinstance(old, Component):
            continue
        check_sort(decision.model, old.id, placement.sort)
        new = replace(
            old,
            sort=placement.sort,
            technology=stated_technology(placement.technology, old),
            trust_level=require_element_if_given(
                decision.model, placement.trust_level, Kind.TRUST_LEVEL, field="trust_level"
            ),
            boundary=boundary,
        )
        if new != old:
            decision = decision.revise(new)
    return decision


def describe_elements(command: DescribeElements, decision: Decision) -> Decision:
    """Set the stated details of external dependencies, entry points and assets."""
    for details in command.details:
        old = require_element(decision.model, details.element)
        if not isinstance(old, ExternalDependency | EntryPoint | Asset):
            continue
        new = _described(details, old, decision.model)
        if new != old:
            decision = decision.revise(new)
    return decision


def _described(
    details: ElementDetails, old: ExternalDependency | EntryPoint | Asset, model: ThreatModel
) -> ExternalDependency | EntryPoint | Asset:
    """Return an element with the details that are stated and that its kind has."""
    stated: dict[str, Any] = {
        key: value
        for key in old.__struct_fields__
        if key in _DETAILS and (value := getattr(details, key)) is not UNSET
    }
    for key, value in stated.items():
        match _REFERRED.get(key):
            case None:
                if key in _WORDS:
                    stated[key] = clean_word(value, what=_WORDS[key], field=key)
            case kind if key in _SEVERAL:
                stated[key] = require_elements(model, value, kind, field=key)
            case kind:
                stated[key] = require_element_if_given(model, value, kind, field=key)
    return replace(old, **stated)


_REFERRED = {
    "component": Kind.COMPONENT,
    "lowest_trust_level": Kind.TRUST_LEVEL,
    "stored_in": Kind.COMPONENT,
    "readers": Kind.TRUST_LEVEL,
    "writers": Kind.TRUST_LEVEL,
}
_SEVERAL = frozenset({"stored_in", "readers", "writers"})
_WORDS = {"owner": "The owner", "sort": "The type", "protocol": "The protocol"}
_DETAILS = frozenset(ElementDetails.__struct_fields__) - {"element"}


def _draw(drawn: FlowByNames, decision: Decision) -> Decision:
    source, decision = _end(drawn.source, drawn.source_end, decision)
    target, decision = _end(drawn.target, drawn.target_end, decision)
    assets, decision = _assets(drawn.assets, decision)
    assets_back, decision = _assets(drawn.assets_back, decision)
    entry_point = None
    if drawn.entry_point.strip():
        entry_point, decision = _named_or_added(Kind.ENTRY_POINT, drawn.entry_point, "flows", decision)
    flow = AddDataFlow(
        by=decision.by,
        at=decision.at,
        source=source,
        target=target,
        assets=assets,
        entry_point=entry_point,
        protocol=drawn.protocol,
        two_way=drawn.two_way,
        assets_back=assets_back,
    )
    try:
        return add(flow, decision)
    except FlowAlreadyDrawn as there:
        known = decision.model.elements.get(there.element)
        if drawn.protocol and isinstance(known, DataFlow) and known.protocol != drawn.protocol:
            return decision.revise(replace(known, protocol=drawn.protocol))
        return decision


def _end(name: str, stated: FlowEnd, decision: Decision) -> tuple[ElementId, Decision]:
    """Return the component at an end of a flow, and the decision with what the line states about it."""
    id, decision = _named_or_added(Kind.COMPONENT, name, "flows", decision)
    old = decision.model.elements.get(id)
    boundary, technology = None, None
    if stated.boundary.strip():
        boundary, decision = _named_or_added(Kind.TRUST_BOUNDARY, stated.boundary, "flows", decision)
    if isinstance(old, Component):
        technology = stated_technology(stated.technology or None, old)
        new = replace(old, boundary=boundary or old.boundary, technology=technology)
        if new != old:
            decision = decision.revise(new)
    return id, decision


def _assets(names: tuple[str, ...], decision: Decision) -> tuple[tuple[ElementId, ...], Decision]:
    found: list[ElementId] = []
    for name in names:
        asset, decision = _named_or_added(Kind.ASSET, name, "flows", decision)
        found.append(asset)
    return tuple(found), decision


def _named_or_added(kind: Kind, text: str, field: str, decision: Decision) -> tuple[ElementId, Decision]:
    """Return the id of the element with a name, and the decision, to which it was added if it was missing.

    A name that was said to mean an existing element is not added.
    """
    name = clean_name(text, field=field)
    there = find_by_name(decision.model, kind, name)
    if there is None and (same := chosen_name(decision.choices, kind, name)):
        there = find_by_name(decision.model, kind, same)
    if there is not None:
        return there.id, decision
    return decision.next_id(kind), add(_add_command(kind, name, decision), decision)


def _add_command(kind: Kind, name: str, decision: Decision) -> AddCommand:
    by, at = decision.by, decision.at
    match kind:
        case Kind.EXTERNAL_DEPENDENCY:
            return AddExternalDependency(by=by, at=at, name=name)
        case Kind.ENTRY_POINT:
            return AddEntryPoint(by=by, at=at, name=name)
        case Kind.ASSET:
            return AddAsset(by=by, at=at, name=name)
        case Kind.TRUST_LEVEL:
            return AddTrustLevel(by=by, at=at, name=name)
        case Kind.COMPONENT:
            return AddComponent(by=by, at=at, name=name)
        case Kind.TRUST_BOUNDARY:
            return AddTrustBoundary(by=by, at=at, name=name)
        case Kind.DATA_FLOW:
            raise TypeError("a data flow is not told by its name alone")
