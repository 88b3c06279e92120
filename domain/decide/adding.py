"""Deciding to add one element with its attributes."""

from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
)
from domain.decide.checks import (
    all_live,
    clean_name,
    clean_text,
    clean_word,
    live,
    maybe_live,
    name_is_free,
)
from domain.decide.draft import Draft
from domain.elements import (
    Asset,
    Component,
    DataFlow,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    TrustBoundary,
    TrustLevel,
)
from domain.events import (
    AssetAdded,
    ComponentAdded,
    DataFlowAdded,
    EntryPointAdded,
    ExternalDependencyAdded,
    TrustBoundaryAdded,
    TrustLevelAdded,
    TrustLevelsOrdered,
)
from domain.labels import flow_label, label
from domain.model import ThreatModel
from domain.rejections import FlowAlreadyDrawn, SameEnds


def external_dependency(command: AddExternalDependency, draft: Draft) -> ElementId:
    """Add an external dependency."""
    id = draft.next_id(Kind.EXTERNAL_DEPENDENCY)
    dependency = ExternalDependency(
        id=id,
        name=_free_name(draft.model, Kind.EXTERNAL_DEPENDENCY, command.name),
        description=description(command.description),
        owner=clean_word(command.owner, what="The owner", field="owner"),
        sort=clean_word(command.sort, what="The kind", field="sort"),
        outage=command.outage,
    )
    draft.say(ExternalDependencyAdded(by=draft.by, at=draft.at, answer=draft.answer, dependency=dependency))
    return id


def entry_point(command: AddEntryPoint, draft: Draft) -> ElementId:
    """Add an entry point, perhaps nested in another one."""
    model = draft.model
    parent = maybe_live(model, command.parent, Kind.ENTRY_POINT, field="parent")
    id = draft.next_id(Kind.ENTRY_POINT, parent)
    added = EntryPoint(
        id=id,
        name=_free_name(model, Kind.ENTRY_POINT, command.name),
        description=description(command.description),
        parent=parent,
        exposure=command.exposure,
        protocol=clean_word(command.protocol, what="The protocol", field="protocol"),
        component=maybe_live(model, command.component, Kind.COMPONENT, field="component"),
        lowest_trust_level=maybe_live(
            model, command.lowest_trust_level, Kind.TRUST_LEVEL, field="lowest_trust_level"
        ),
    )
    draft.say(EntryPointAdded(by=draft.by, at=draft.at, answer=draft.answer, entry_point=added))
    return id


def asset(command: AddAsset, draft: Draft) -> ElementId:
    """Add an asset."""
    model = draft.model
    id = draft.next_id(Kind.ASSET)
    added = Asset(
        id=id,
        name=_free_name(model, Kind.ASSET, command.name),
        description=description(command.description),
        sort=clean_word(command.sort, what="The kind", field="sort"),
        confidentiality=command.confidentiality,
        integrity=command.integrity,
        availability=command.availability,
        stored_in=all_live(model, command.stored_in, Kind.COMPONENT, field="stored_in"),
        readers=all_live(model, command.readers, Kind.TRUST_LEVEL, field="readers"),
        writers=all_live(model, command.writers, Kind.TRUST_LEVEL, field="writers"),
    )
    draft.say(AssetAdded(by=draft.by, at=draft.at, answer=draft.answer, asset=added))
    return id


def trust_level(command: AddTrustLevel, draft: Draft) -> ElementId:
    """Add a trust level: as the most trusted, as the least, or just above another one."""
    model = draft.model
    order = [level.id for level in levels(model)]
    above = maybe_live(model, command.above, Kind.TRUST_LEVEL, field="above")
    id = draft.next_id(Kind.TRUST_LEVEL)
    added = TrustLevel(
        id=id,
        name=_free_name(model, Kind.TRUST_LEVEL, command.name),
        description=description(command.description),
        rank=max((level.rank for level in levels(model)), default=0) + 1,
    )
    draft.say(TrustLevelAdded(by=draft.by, at=draft.at, answer=draft.answer, level=added))
    place = 0 if command.lowest else order.index(above) + 1 if above is not None else len(order)
    if place < len(order):
        order.insert(place, id)
        draft.say(TrustLevelsOrdered(by=draft.by, at=draft.at, answer=draft.answer, order=tuple(order)))
    return id


def data_flow(command: AddDataFlow, draft: Draft) -> ElementId:
    """Add a flow between two components."""
    id = draft.next_id(Kind.DATA_FLOW)
    flow = checked_flow(command, draft.model, id)
    draft.say(DataFlowAdded(by=draft.by, at=draft.at, answer=draft.answer, flow=flow))
    return id


def component(command: AddComponent, draft: Draft) -> ElementId:
    """Add a component."""
    model = draft.model
    id = draft.next_id(Kind.COMPONENT)
    added = Component(
        id=id,
        name=_free_name(model, Kind.COMPONENT, command.name),
        description=description(command.description),
        sort=command.sort,
        trust_level=maybe_live(model, command.trust_level, Kind.TRUST_LEVEL, field="trust_level"),
        boundary=maybe_live(model, command.boundary, Kind.TRUST_BOUNDARY, field="boundary"),
    )
    draft.say(ComponentAdded(by=draft.by, at=draft.at, answer=draft.answer, component=added))
    return id


def trust_boundary(command: AddTrustBoundary, draft: Draft) -> ElementId:
    """Add a trust boundary."""
    model = draft.model
    id = draft.next_id(Kind.TRUST_BOUNDARY)
    added = TrustBoundary(
        id=id,
        name=_free_name(model, Kind.TRUST_BOUNDARY, command.name),
        description=description(command.description),
        parent=maybe_live(model, command.parent, Kind.TRUST_BOUNDARY, field="parent"),
    )
    draft.say(TrustBoundaryAdded(by=draft.by, at=draft.at, answer=draft.answer, boundary=added))
    return id


def checked_flow(command: AddDataFlow, model: ThreatModel, id: ElementId) -> DataFlow:
    """The flow of that id; raises Rejected where its ends or its name do not do."""
    source = live(model, command.source, Kind.COMPONENT, field="source").id
    target = live(model, command.target, Kind.COMPONENT, field="target").id
    if source == target:
        raise SameEnds
    flow = DataFlow(
        id=id,
        name=clean_name(command.name) if command.name.strip() else "",
        description=description(command.description),
        source=source,
        target=target,
        assets=all_live(model, command.assets, Kind.ASSET, field="assets"),
        entry_point=maybe_live(model, command.entry_point, Kind.ENTRY_POINT, field="entry_point"),
        protocol=clean_word(command.protocol, what="The protocol", field="protocol"),
    )
    if flow.name:
        name_is_free(model, Kind.DATA_FLOW, flow.name, but=id)
    else:
        _not_drawn_already(model, flow)
    return flow


def levels(model: ThreatModel) -> list[TrustLevel]:
    """The trust levels, the least trusted first."""
    found = [level for level in model.of_kind(Kind.TRUST_LEVEL) if isinstance(level, TrustLevel)]
    return sorted(found, key=lambda level: level.rank)


def description(text: str) -> str:
    """A description, cleaned."""
    return clean_text(text, what="The description", field="description")


def _not_drawn_already(model: ThreatModel, flow: DataFlow) -> None:
    """An unnamed flow is told from the others by its ends, what it carries and its way."""
    for other in model.of_kind(Kind.DATA_FLOW):
        if not isinstance(other, DataFlow) or other.id == flow.id:
            continue
        if label(model, other) == flow_label(model, flow) and other.entry_point == flow.entry_point:
            raise FlowAlreadyDrawn(flow_label(model, flow), other.id)


def _free_name(model: ThreatModel, kind: Kind, text: str) -> str:
    name = clean_name(text)
    name_is_free(model, kind, name)
    return name
