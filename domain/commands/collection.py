"""Commands about facts, registers, assumptions, and the order and removal of elements."""

import msgspec

from domain.commands.base_command import BaseCommand
from domain.kernel.answer import Answer
from domain.kernel.elements import AssumptionId, ElementId, Kind, PersonId


class OrderTrustLevels(BaseCommand, frozen=True, kw_only=True, tag="OrderTrustLevels"):
    """Order the trust levels, the least trusted first."""

    order: tuple[ElementId, ...]


class RemoveElement(BaseCommand, frozen=True, kw_only=True, tag="RemoveElement"):
    """Remove an element from the model, and what other elements say of it.

    `replacement` takes its place for them. Without one, and only if they are removed `together`, data flows
    that begin or end at the element are removed, and the others no longer refer to it. `dependents` is how
    many of them the person saw; None if nothing refers to the element.
    """

    element: ElementId
    replacement: ElementId | None = None
    together: bool = False
    dependents: int | None = None


class OpenFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of an element."""

    element: ElementId
    fact: str


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to one question; `for_all_alike` applies it to the same question about similar elements."""

    element: ElementId
    fact: str
    answer: Answer
    for_all_alike: bool = False


class AnswerQuestions(BaseCommand, frozen=True, kw_only=True, tag="AnswerQuestions"):
    """Answer questions about elements."""

    replies: tuple[Reply, ...]


class ConfirmAssumptions(BaseCommand, frozen=True, kw_only=True, tag="ConfirmAssumptions"):
    """Confirm assumed facts of elements, which makes them answers; those answered since are skipped."""

    facts: tuple[OpenFact, ...]


class AdoptCatalog(BaseCommand, frozen=True, kw_only=True, tag="AdoptCatalog"):
    """Assume what follows from technologies and protocols by the current catalog, for all elements."""


class BulkReply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to the same question about all elements that were left."""

    fact: str
    elements: tuple[ElementId, ...]
    answer: Answer


class MissingControl(msgspec.Struct, frozen=True, kw_only=True):
    """A control, by its fact, that an element needs and does not have."""

    element: ElementId
    fact: str


class AnswerOpenQuestions(BaseCommand, frozen=True, kw_only=True, tag="AnswerOpenQuestions"):
    """Answer questions that are still open: a decided answer is never replaced.

    `missing` are controls that an element needs and does not have.
    """

    replies: tuple[Reply, ...] = ()
    bulk: tuple[BulkReply, ...] = ()
    missing: tuple[MissingControl, ...] = ()


class LinkReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer whether an external dependency and a component are the same thing."""

    dependency: ElementId
    component: ElementId
    same: bool


class AnswerLinks(BaseCommand, frozen=True, kw_only=True, tag="AnswerLinks"):
    """State of external dependencies and components whether they are the same thing."""

    replies: tuple[LinkReply, ...]


class CompleteRegister(BaseCommand, frozen=True, kw_only=True, tag="CompleteRegister"):
    """Mark a register as complete."""

    register: Kind


class ReopenRegister(BaseCommand, frozen=True, kw_only=True, tag="ReopenRegister"):
    """Mark a register as incomplete again."""

    register: Kind


class RecordAssumption(BaseCommand, frozen=True, kw_only=True, tag="RecordAssumption"):
    """Record an assumption; its holder is the author unless another person is named."""

    text: str
    held_by: PersonId | None = None


class ReviseAssumption(BaseCommand, frozen=True, kw_only=True, tag="ReviseAssumption"):
    """Reword an assumption."""

    assumption: AssumptionId
    text: str
    held_by: PersonId | None = None


class WithdrawAssumption(BaseCommand, frozen=True, kw_only=True, tag="WithdrawAssumption"):
    """Withdraw an assumption."""

    assumption: AssumptionId


CollectionCommand = (
    OrderTrustLevels
    | RemoveElement
    | AnswerQuestions
    | ConfirmAssumptions
    | AdoptCatalog
    | AnswerOpenQuestions
    | AnswerLinks
    | CompleteRegister
    | ReopenRegister
    | RecordAssumption
    | ReviseAssumption
    | WithdrawAssumption
)
