"""Deciding to describe an element anew, to order levels, or to remove an element."""

from domain.commands import (
    AddDataFlow,
    OrderTrustLevels,
    RemoveElement,
    ReviseAsset,
    ReviseComponent,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseExternalDependency,
    ReviseTrustBoundary,
    ReviseTrustLevel,
)
from domain.decide.adding import checked_flow, description, levels
from domain.decide.checks import all_live, clean_name, clean_word, live, maybe_live, name_is_free
from domain.decide.draft import Draft
from domain.elements import (
    Asset,
    Component,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    TrustBoundary,
    TrustLevel,
    references,
)
from domain.events import (
    AssetRevised,
    ComponentRevised,
    DataFlowRevised,
    ElementRemoved,
    EntryPointRevised,
    ExternalDependencyRevised,
    TrustBoundaryRevised,
    TrustLevelRevised,
    TrustLevelsOrdered,
)
from domain.model import ThreatModel, id_order
from domain.rejections import BoundaryInItself, OrderIncomplete, StillUsed


def external_dependency(command: ReviseExternalDependency, draft: Draft) -> None:
    """Describe an external dependency anew."""
    old = live(draft.model, command.element, Kind.EXTERNAL_DEPENDENCY)
    new = ExternalDependency(
        id=old.id,
        name=_new_name(draft.model, Kind.EXTERNAL_DEPENDENCY, command.name, old.id),
        description=description(command.description),
        owner=clean_word(command.owner, what="The owner", field="owner"),
        sort=clean_word(command.sort, what="The kind", field="sort"),
        outage=command.outage,
    )
    if new != old:
        draft.say(ExternalDependencyRevised(by=draft.by, at=draft.at, answer=draft.answer, dependency=new))


def entry_point(command: ReviseEntryPoint, draft: Draft) -> None:
    """Describe an entry point anew."""
    model = draft.model
    old = live(model, command.element, Kind.ENTRY_POINT)
    new = EntryPoint(
        id=old.id,
        name=_new_name(model, Kind.ENTRY_POINT, command.name, old.id),
        description=description(command.description),
        parent=old.parent if isinstance(old, EntryPoint) else None,
        exposure=command.exposure,
        protocol=clean_word(command.protocol, what="The protocol", field="protocol"),
        component=maybe_live(model, command.component, Kind.COMPONENT, field="component"),
        lowest_trust_level=maybe_live(
            model, command.lowest_trust_level, Kind.TRUST_LEVEL, field="lowest_trust_level"
        ),
    )
    if new != old:
        draft.say(EntryPointRevised(by=draft.by, at=draft.at, answer=draft.answer, entry_point=new))


def asset(command: ReviseAsset, draft: Draft) -> None:
    """Describe an asset anew."""
    model = draft.model
    old = live(model, command.element, Kind.ASSET)
    new = Asset(
        id=old.id,
        name=_new_name(model, Kind.ASSET, command.name, old.id),
        description=description(command.description),
        sort=clean_word(command.sort, what="The kind", field="sort"),
        confidentiality=command.confidentiality,
        integrity=command.integrity,
        availability=command.availability,
        stored_in=all_live(model, command.stored_in, Kind.COMPONENT, field="stored_in"),
        readers=all_live(model, command.readers, Kind.TRUST_LEVEL, field="readers"),
        writers=all_live(model, command.writers, Kind.TRUST_LEVEL, field="writers"),
    )
    if new != old:
        draft.say(AssetRevised(by=draft.by, at=draft.at, answer=draft.answer, asset=new))


def trust_level(command: ReviseTrustLevel, draft: Draft) -> None:
    """Describe a trust level anew; its place in the order stays."""
    old = live(draft.model, command.element, Kind.TRUST_LEVEL)
    new = TrustLevel(
        id=old.id,
        name=_new_name(draft.model, Kind.TRUST_LEVEL, command.name, old.id),
        description=description(command.description),
        rank=old.rank if isinstance(old, TrustLevel) else 0,
    )
    if new != old:
        draft.say(TrustLevelRevised(by=draft.by, at=draft.at, answer=draft.answer, level=new))


def data_flow(command: ReviseDataFlow, draft: Draft) -> None:
    """Describe a data flow anew."""
    old = live(draft.model, command.element, Kind.DATA_FLOW)
    as_if_new = AddDataFlow(
        by=command.by,
        at=command.at,
        source=command.source,
        target=command.target,
        name=command.name,
        description=command.description,
        assets=command.assets,
        entry_point=command.entry_point,
        protocol=command.protocol,
    )
    new = checked_flow(as_if_new, draft.model, old.id)
    if new != old:
        draft.say(DataFlowRevised(by=draft.by, at=draft.at, answer=draft.answer, flow=new))


def component(command: ReviseComponent, draft: Draft) -> None:
    """Describe or place a component anew."""
    model = draft.model
    old = live(model, command.element, Kind.COMPONENT)
    new = Component(
        id=old.id,
        name=_new_name(model, Kind.COMPONENT, command.name, old.id),
        description=description(command.description),
        sort=command.sort,
        trust_level=maybe_live(model, command.trust_level, Kind.TRUST_LEVEL, field="trust_level"),
        boundary=maybe_live(model, command.boundary, Kind.TRUST_BOUNDARY, field="boundary"),
    )
    if new != old:
        draft.say(ComponentRevised(by=draft.by, at=draft.at, answer=draft.answer, component=new))


def trust_boundary(command: ReviseTrustBoundary, draft: Draft) -> None:
    """Describe a trust boundary anew, or nest it in another one."""
    model = draft.model
    old = live(model, command.element, Kind.TRUST_BOUNDARY)
    new = TrustBoundary(
        id=old.id,
        name=_new_name(model, Kind.TRUST_BOUNDARY, command.name, old.id),
        description=description(command.description),
        parent=maybe_live(model, command.parent, Kind.TRUST_BOUNDARY, field="parent"),
    )
    _outside_itself(model, old.id, new.parent)
    if new != old:
        draft.say(TrustBoundaryRevised(by=draft.by, at=draft.at, answer=draft.answer, boundary=new))


def order_trust_levels(command: OrderTrustLevels, draft: Draft) -> None:
    """Put the trust levels in order."""
    before = tuple(level.id for level in levels(draft.model))
    if sorted(command.order) != sorted(before):
        raise OrderIncomplete
    if command.order != before:
        draft.say(TrustLevelsOrdered(by=draft.by, at=draft.at, answer=draft.answer, order=command.order))


def remove(command: RemoveElement, draft: Draft) -> None:
    """Take an element out that nothing else names."""
    element = live(draft.model, command.element)
    using = users(draft.model, element.id)
    if using:
        raise StillUsed(element.id, using)
    draft.say(ElementRemoved(by=draft.by, at=draft.at, answer=draft.answer, element=element.id))


def users(model: ThreatModel, id: ElementId) -> tuple[ElementId, ...]:
    """The elements that name another one."""
    using = [element.id for element in model.elements.values() if id in references(element)]
    return tuple(sorted(using, key=lambda one: (one.partition("-")[0], id_order(one))))


def _outside_itself(model: ThreatModel, id: ElementId, parent: ElementId | None) -> None:
    here = parent
    while here is not None:
        if here == id:
            raise BoundaryInItself(id)
        boundary = model.elements.get(here)
        here = boundary.parent if isinstance(boundary, TrustBoundary) else None


def _new_name(model: ThreatModel, kind: Kind, text: str, id: ElementId) -> str:
    name = clean_name(text)
    name_is_free(model, kind, name, but=id)
    return name
