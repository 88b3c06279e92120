"""Decisions on bulk entry: many elements in lines of names."""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from domain.catalog.protocol_names import protocol_typed
from domain.commands import (
    AddDataFlow,
    DescribeElements,
    DrawFlows,
    ElementDetails,
    FlowByNames,
    FlowEnd,
    NameElements,
    PlaceComponents,
    ProtocolMeaning,
    TechnologyMeaning,
)
from domain.commands.bulk_entry import USUAL_TRUST_LEVELS
from domain.decide.decision import Decision
from domain.decide.element_entry import add, check_sort, checked_attribute, stated_technology
from domain.decide.input_checks import (
    check_count,
    clean_name,
    clean_word,
    find_by_name,
    require_element,
    require_element_if_given,
)
from domain.decide.name_spelling import chosen_name, one_spelling, spelled_alike
from domain.element_kinds import ADD_COMMANDS, NAMES_IN, names_of
from domain.kernel.elements import (
    Asset,
    Component,
    DataFlow,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    kind_of,
)
from domain.kernel.length_limits import NAME, TEXT
from domain.model import ThreatModel, id_order
from domain.model.element_labels import same_name
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
        spelling = one_spelling(kind, filter(str.strip, names), decision.model, command.choices)
        for name in names:
            if name.strip():
                _, decision = _named_or_added(kind, spelling.get(name, name), field, decision)
    if not decision.recorded:
        raise NothingChanged("All of these elements already exist.")
    return decision


def draw_flows(command: DrawFlows, decision: Decision) -> Decision:
    """Add the flows that do not exist yet, with the new elements they name, and the first trust levels."""
    levels = command.trust_levels
    if command.usual_levels and not decision.model.of_kind(Kind.TRUST_LEVEL):
        levels = (*levels, *USUAL_TRUST_LEVELS)
    if not (command.flows or levels or command.usual_levels):
        raise ContentMissing("No data flow is entered. Enter at least one, one per line.", field="flows")
    check_count("flows", len(command.flows), field="flows")
    check_count("names", len(levels), field="trust_levels")
    for level in levels:
        _, decision = _named_or_added(Kind.TRUST_LEVEL, level, "trust_levels", decision)
    for drawn in spelled_alike(command.flows, decision.model, command.choices):
        decision = _draw(_with_known_name(drawn, decision.model), decision)
    if command.flows and not decision.recorded:
        raise NothingChanged("All of these data flows already exist.")
    return decision


def place_components(command: PlaceComponents, decision: Decision) -> Decision:
    """Set kind, technology, trust level and boundary of components; settle what unknown words mean."""
    for protocol in command.protocols:
        decision = _settle_protocol(protocol, decision)
    for technology in command.technologies:
        decision = _settle_technology(technology, decision)
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
            technology=stated_technology(decision.model, placement.technology, old.technology),
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
    stated = {
        attribute: checked_attribute(model, kind_of(old), attribute, value)
        for attribute in old.__struct_fields__
        if (value := getattr(details, attribute, UNSET)) is not UNSET
    }
    return replace(old, **stated)


def _settle_technology(meaning: TechnologyMeaning, decision: Decision) -> Decision:
    """Replace a technology that the catalog lacks, and describe the component by it.

    One that was replaced meanwhile stays.
    """
    old = require_element(decision.model, meaning.component, Kind.COMPONENT)
    typed = old.technology if isinstance(old, Component) else ""
    if not isinstance(old, Component) or not typed or decision.model.catalog.technology_of(typed):
        return decision
    described = f"{old.name}\n{old.description}"
    longer = f"{old.description}\n{typed}".strip()
    kept = typed.casefold() in described.casefold() or len(longer) > TEXT
    return decision.revise(
        replace(
            old,
            technology=stated_technology(decision.model, meaning.technology, old.technology),
            description=old.description if kept else longer,
        )
    )


def _settle_protocol(meaning: ProtocolMeaning, decision: Decision) -> Decision:
    """Replace a protocol that the catalog lacks in every flow; one that was replaced meanwhile stays."""
    asked = require_element(decision.model, meaning.flow, Kind.DATA_FLOW)
    typed = asked.protocol if isinstance(asked, DataFlow) else ""
    if not typed or protocol_typed(decision.model.catalog, typed):
        return decision
    protocol = clean_word(meaning.protocol, what="The protocol", field=f"protocol/{meaning.flow}")
    for flow in sorted(decision.model.of_type(DataFlow), key=lambda data_flow: id_order(data_flow.id)):
        if same_name(flow.protocol) != same_name(typed):
            continue
        if protocol:
            decision = decision.revise(replace(flow, protocol=protocol))
        else:
            decision = _part_of_the_name(flow, decision)
    return decision


def _part_of_the_name(flow: DataFlow, decision: Decision) -> Decision:
    """Give what was read as the protocol of a flow back to the name of its last asset."""
    last = (*flow.assets, *flow.assets_back)[-1:]
    asset = decision.model.elements.get(last[0]) if last else None
    plain = replace(flow, protocol="")
    if asset is None:
        added, decision = _named_or_added(Kind.ASSET, flow.protocol, "flows", decision)
        return decision.revise(replace(plain, assets=(added,)))
    name = _in_parentheses(asset.name, flow.protocol)
    there = find_by_name(decision.model, Kind.ASSET, name)
    if there is not None:
        swapped = {asset.id: there.id}
        assets, back = (
            tuple(dict.fromkeys(swapped.get(one, one) for one in some))
            for some in (flow.assets, flow.assets_back)
        )
        return decision.revise(replace(plain, assets=assets, assets_back=back))
    if len(name) <= NAME and not same_name(asset.name).endswith(f"({same_name(flow.protocol)})"):
        decision = decision.revise(replace(asset, name=name))
    return decision.revise(plain)


def _with_known_name(drawn: FlowByNames, model: ThreatModel) -> FlowByNames:
    """Return a line whose unknown protocol is part of the name of the data, if the model has that name."""
    last = (*drawn.assets, *drawn.assets_back)[-1:]
    if not last or not drawn.protocol or protocol_typed(model.catalog, drawn.protocol):
        return drawn
    name = _in_parentheses(last[0], drawn.protocol)
    if find_by_name(model, Kind.ASSET, name) is None:
        return drawn
    assets, back = (
        tuple(name if one == last[0] else one for one in some) for some in (drawn.assets, drawn.assets_back)
    )
    return replace(drawn, protocol="", assets=assets, assets_back=back)


def _in_parentheses(name: str, text: str) -> str:
    return f"{name} ({text})"


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
    boundary = None
    if stated.boundary.strip():
        boundary, decision = _named_or_added(Kind.TRUST_BOUNDARY, stated.boundary, "flows", decision)
    if isinstance(old, Component):
        typed = clean_word(stated.technology, what="The technology", field="flows")
        technology = typed or old.technology
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
    # A data flow takes more than a name, and has no place in `NAMES_IN`.
    command: Any = ADD_COMMANDS[kind]
    return decision.next_id(kind), add(command(by=decision.by, at=decision.at, name=name), decision)
