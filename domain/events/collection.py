"""Events about elements, facts, registers and assumptions, and about settled drafts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from domain.drafts.settlement import DraftId, ReleasedKey, SettledDraft, SettledItem
from domain.events.base_event import BaseEvent
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import AnswerBasis, AnswerCheck
from domain.kernel.elements import (
    Asset,
    Assumption,
    AssumptionId,
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementAssumptions,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    TrustBoundary,
    TrustLevel,
)


class ExternalDependencyAdded(BaseEvent, frozen=True, kw_only=True, tag="ExternalDependencyAdded"):
    """An external dependency was added."""

    dependency: ExternalDependency


class ExternalDependencyRevised(BaseEvent, frozen=True, kw_only=True, tag="ExternalDependencyRevised"):
    """An external dependency was changed; the event holds its new state."""

    dependency: ExternalDependency


class EntryPointAdded(BaseEvent, frozen=True, kw_only=True, tag="EntryPointAdded"):
    """An entry point was added."""

    entry_point: EntryPoint


class EntryPointRevised(BaseEvent, frozen=True, kw_only=True, tag="EntryPointRevised"):
    """An entry point was changed; the event holds its new state."""

    entry_point: EntryPoint


class AssetAdded(BaseEvent, frozen=True, kw_only=True, tag="AssetAdded"):
    """An asset was added."""

    asset: Asset


class AssetRevised(BaseEvent, frozen=True, kw_only=True, tag="AssetRevised"):
    """An asset was changed; the event holds its new state."""

    asset: Asset


class TrustLevelAdded(BaseEvent, frozen=True, kw_only=True, tag="TrustLevelAdded"):
    """A trust level was added."""

    level: TrustLevel


class TrustLevelRevised(BaseEvent, frozen=True, kw_only=True, tag="TrustLevelRevised"):
    """A trust level was changed; the event holds its new state."""

    level: TrustLevel


class TrustLevelsOrdered(BaseEvent, frozen=True, kw_only=True, tag="TrustLevelsOrdered"):
    """The trust levels were ordered from the least to the most trusted."""

    order: tuple[ElementId, ...]


class DataFlowAdded(BaseEvent, frozen=True, kw_only=True, tag="DataFlowAdded"):
    """A data flow was added."""

    flow: DataFlow


class DataFlowRevised(BaseEvent, frozen=True, kw_only=True, tag="DataFlowRevised"):
    """A data flow was changed; the event holds its new state."""

    flow: DataFlow


class ComponentAdded(BaseEvent, frozen=True, kw_only=True, tag="ComponentAdded"):
    """A component was added."""

    component: Component


class ComponentRevised(BaseEvent, frozen=True, kw_only=True, tag="ComponentRevised"):
    """A component was changed or placed; the event holds its new state."""

    component: Component


class TrustBoundaryAdded(BaseEvent, frozen=True, kw_only=True, tag="TrustBoundaryAdded"):
    """A trust boundary was added."""

    boundary: TrustBoundary


class TrustBoundaryRevised(BaseEvent, frozen=True, kw_only=True, tag="TrustBoundaryRevised"):
    """A trust boundary was changed; the event holds its new state."""

    boundary: TrustBoundary


class _OfElement(BaseEvent, frozen=True, kw_only=True):
    element: ElementId


class ElementRemoved(_OfElement, frozen=True, kw_only=True, tag="ElementRemoved"):
    """An element was removed from the model; its id is never reused."""


class ElementRestored(_OfElement, frozen=True, kw_only=True, tag="ElementRestored"):
    """A removed element was restored."""


class ElementsMerged(_OfElement, frozen=True, kw_only=True, tag="ElementsMerged"):
    """An element was merged into another one of its kind, and is removed; its id is never reused.

    The events before it in the same answer are what the other one takes over.
    """

    into: ElementId


class FactAnswered(_OfElement, frozen=True, kw_only=True, tag="FactAnswered"):
    """A question about an element was answered; None means that the answer was undone.

    Without a `basis`, the author has stated it of this element.
    """

    fact: str
    reply: Answer | None = None
    basis: AnswerBasis | None = None


class AnswerChecked(_OfElement, frozen=True, kw_only=True, tag="AnswerChecked"):
    """The answer to a question about an element was spot-checked; None means that this was undone.

    A wrong answer is *no* from then on; a confirmed one keeps who gave it and when.
    """

    fact: str
    check: AnswerCheck | None = None


class FactsAssumed(_OfElement, frozen=True, kw_only=True, tag="FactsAssumed"):
    """What is assumed of an element changed with its technology or protocol; the event holds all of it.

    None means that nothing has been assumed, as before the first such event.
    """

    assumptions: ElementAssumptions | None = None


class BulkAnswered(BaseEvent, frozen=True, kw_only=True, tag="BulkAnswered"):
    """A question was answered in one line for several elements; None means that this was undone.

    It covers the elements that it names, and none that are added later. Without a `basis`, the author has
    stated it for all of them.
    """

    fact: str
    elements: tuple[ElementId, ...]
    reply: Answer | None = None
    basis: AnswerBasis | None = None


class _OfPair(BaseEvent, frozen=True, kw_only=True):
    dependency: ElementId
    component: ElementId


class ElementsLinked(_OfPair, frozen=True, kw_only=True, tag="ElementsLinked"):
    """An external dependency and a component were stated to be the same thing.

    `former_sort` is the kind of the component before, which is an external entity from then on.
    """

    former_sort: ComponentKind | None = None


class ElementsSeparated(_OfPair, frozen=True, kw_only=True, tag="ElementsSeparated"):
    """An external dependency and a component were stated to be two things."""


class LinkWithdrawn(_OfPair, frozen=True, kw_only=True, tag="LinkWithdrawn"):
    """It was left open again whether an external dependency and a component are the same thing."""


class RegisterCompleted(BaseEvent, frozen=True, kw_only=True, tag="RegisterCompleted"):
    """A register was marked as complete."""

    register: Kind


class RegisterReopened(BaseEvent, frozen=True, kw_only=True, tag="RegisterReopened"):
    """A register was marked as incomplete again."""

    register: Kind


class AssumptionRecorded(BaseEvent, frozen=True, kw_only=True, tag="AssumptionRecorded"):
    """An assumption was recorded."""

    assumption: Assumption


class AssumptionRevised(BaseEvent, frozen=True, kw_only=True, tag="AssumptionRevised"):
    """An assumption was reworded."""

    assumption: Assumption


class AssumptionWithdrawn(BaseEvent, frozen=True, kw_only=True, tag="AssumptionWithdrawn"):
    """An assumption was withdrawn."""

    assumption: AssumptionId


ElementAdded = (
    ExternalDependencyAdded
    | EntryPointAdded
    | AssetAdded
    | TrustLevelAdded
    | DataFlowAdded
    | ComponentAdded
    | TrustBoundaryAdded
)

ElementRevised = (
    ExternalDependencyRevised
    | EntryPointRevised
    | AssetRevised
    | TrustLevelRevised
    | DataFlowRevised
    | ComponentRevised
    | TrustBoundaryRevised
)

CollectionEvent = (
    ElementAdded
    | ElementRevised
    | TrustLevelsOrdered
    | ElementRemoved
    | ElementRestored
    | ElementsMerged
    | FactAnswered
    | AnswerChecked
    | FactsAssumed
    | BulkAnswered
    | ElementsLinked
    | ElementsSeparated
    | LinkWithdrawn
    | RegisterCompleted
    | RegisterReopened
    | AssumptionRecorded
    | AssumptionRevised
    | AssumptionWithdrawn
)
"""Events about elements, facts, registers and assumptions."""


class ElementEvents(msgspec.Struct, frozen=True):
    """The two events that describe elements of one type, and their attribute that holds the element."""

    added: type[ElementAdded]
    revised: type[ElementRevised]
    attribute: str


ELEMENT_EVENTS: Final[Mapping[type[Element], ElementEvents]] = MappingProxyType(
    {
        ExternalDependency: ElementEvents(ExternalDependencyAdded, ExternalDependencyRevised, "dependency"),
        EntryPoint: ElementEvents(EntryPointAdded, EntryPointRevised, "entry_point"),
        Asset: ElementEvents(AssetAdded, AssetRevised, "asset"),
        TrustLevel: ElementEvents(TrustLevelAdded, TrustLevelRevised, "level"),
        DataFlow: ElementEvents(DataFlowAdded, DataFlowRevised, "flow"),
        Component: ElementEvents(ComponentAdded, ComponentRevised, "component"),
        TrustBoundary: ElementEvents(TrustBoundaryAdded, TrustBoundaryRevised, "boundary"),
    }
)
_ATTRIBUTE = {event: row.attribute for row in ELEMENT_EVENTS.values() for event in (row.added, row.revised)}


def described_element(event: ElementAdded | ElementRevised) -> Element:
    """Return the element that an event holds."""
    return getattr(event, _ATTRIBUTE[type(event)])


class DraftSettled(BaseEvent, frozen=True, kw_only=True, tag="DraftSettled"):
    """Parts of a draft were taken or left; the events that follow in the same answer are what was taken.

    `gone` and `kept` are no longer in its sources: the elements of the former were removed, and their keys
    stand for nothing from then on; those of the latter stay.
    """

    settled: SettledDraft
    taken: tuple[SettledItem, ...] = ()
    left: tuple[SettledItem, ...] = ()
    gone: tuple[ReleasedKey, ...] = ()
    kept: tuple[SettledItem, ...] = ()


class DraftReopened(BaseEvent, frozen=True, kw_only=True, tag="DraftReopened"):
    """The settlement of a draft was undone: `restored` are its keys that were settled before.

    `settled` is the draft as it was settled before; without it, nothing of the draft is settled.
    """

    draft: DraftId
    settled: SettledDraft | None = None
    restored: tuple[SettledItem, ...] = ()
    released: tuple[ReleasedKey, ...] = ()


DraftEvent = DraftSettled | DraftReopened
