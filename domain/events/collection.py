"""What happened to elements, facts, registers and assumptions."""

from domain.events.base_event import BaseEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Assumption,
    AssumptionId,
    Component,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    TrustBoundary,
    TrustLevel,
)


class ExternalDependencyAdded(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ExternalDependencyAdded"
):
    """An external dependency was named."""

    dependency: ExternalDependency


class ExternalDependencyRevised(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ExternalDependencyRevised"
):
    """An external dependency is now described so."""

    dependency: ExternalDependency


class EntryPointAdded(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="EntryPointAdded"):
    """An entry point was named."""

    entry_point: EntryPoint


class EntryPointRevised(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="EntryPointRevised"):
    """An entry point is now described so."""

    entry_point: EntryPoint


class AssetAdded(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AssetAdded"):
    """An asset was named."""

    asset: Asset


class AssetRevised(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AssetRevised"):
    """An asset is now described so."""

    asset: Asset


class TrustLevelAdded(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="TrustLevelAdded"):
    """A trust level was named."""

    level: TrustLevel


class TrustLevelRevised(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="TrustLevelRevised"):
    """A trust level is now described so."""

    level: TrustLevel


class TrustLevelsOrdered(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="TrustLevelsOrdered"):
    """The trust levels from the least to the most trusted."""

    order: tuple[ElementId, ...]


class DataFlowAdded(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="DataFlowAdded"):
    """A data flow was drawn."""

    flow: DataFlow


class DataFlowRevised(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="DataFlowRevised"):
    """A data flow is now described so."""

    flow: DataFlow


class ComponentAdded(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ComponentAdded"):
    """A component was named."""

    component: Component


class ComponentRevised(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ComponentRevised"):
    """A component is now described or placed so."""

    component: Component


class TrustBoundaryAdded(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="TrustBoundaryAdded"):
    """A trust boundary was drawn."""

    boundary: TrustBoundary


class TrustBoundaryRevised(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="TrustBoundaryRevised"
):
    """A trust boundary is now described so."""

    boundary: TrustBoundary


class ElementRemoved(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ElementRemoved"):
    """An element is no part of the model any more; its id is never used again."""

    element: ElementId


class ElementRestored(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ElementRestored"):
    """A removed element is part of the model again."""

    element: ElementId


class FactAnswered(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="FactAnswered"):
    """A question about an element was answered; no answer means that one was taken back."""

    element: ElementId
    fact: str
    reply: Answer | None = None


class RegisterCompleted(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RegisterCompleted"):
    """The team says that nothing is missing in a register."""

    register: Kind


class RegisterReopened(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RegisterReopened"):
    """Something is missing in a register after all."""

    register: Kind


class AssumptionRecorded(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AssumptionRecorded"):
    """Somebody takes something for true."""

    assumption: Assumption


class AssumptionRevised(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AssumptionRevised"):
    """An assumption is now worded so."""

    assumption: Assumption


class AssumptionWithdrawn(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AssumptionWithdrawn"
):
    """An assumption does not hold any more."""

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
    | FactAnswered
    | RegisterCompleted
    | RegisterReopened
    | AssumptionRecorded
    | AssumptionRevised
    | AssumptionWithdrawn
)
"""What was said about elements, facts, registers and assumptions."""


def described_element(event: ElementAdded | ElementRevised) -> Element:
    """The element that an event describes in whole."""
    match event:
        case ExternalDependencyAdded() | ExternalDependencyRevised():
            return event.dependency
        case EntryPointAdded() | EntryPointRevised():
            return event.entry_point
        case AssetAdded() | AssetRevised():
            return event.asset
        case TrustLevelAdded() | TrustLevelRevised():
            return event.level
        case DataFlowAdded() | DataFlowRevised():
            return event.flow
        case ComponentAdded() | ComponentRevised():
            return event.component
        case TrustBoundaryAdded() | TrustBoundaryRevised():
            return event.boundary
