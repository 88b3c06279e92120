"""Commands about facts, registers, assumptions and drafts, and the order and removal of elements."""

import msgspec

from domain.commands.base_command import BaseCommand
from domain.drafts.draft import (
    DraftItem,
    DraftSource,
    ProposedAnswer,
    ProposedAssumption,
    ProposedProgress,
    ProposedThreat,
    SourceKey,
)
from domain.drafts.settlement import DraftId, SettledItem
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind, CheckOutcome
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


class ChosenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer that stays where two elements that are merged contradict each other.

    `element` is the one that stays.
    """

    element: ElementId
    fact: str
    answer: Answer


class MergeElements(BaseCommand, frozen=True, kw_only=True, tag="MergeElements"):
    """Merge an element into another one of its kind that is the same thing, which keeps its name and its ID.

    The other one gets its answers, references, threats and links. `answers` are the choices where both have
    answers that contradict each other.
    """

    element: ElementId
    into: ElementId
    answers: tuple[ChosenAnswer, ...] = ()


class OpenFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of an element."""

    element: ElementId
    fact: str


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to one question."""

    element: ElementId
    fact: str
    answer: Answer


class AnswerQuestions(BaseCommand, frozen=True, kw_only=True, tag="AnswerQuestions"):
    """Answer questions about elements; `basis` is what the answers of a file rest on.

    With `only_changes` a reply that repeats the answer does not state it again. `still_true` are elements
    revised in a review whose earlier answers are stated again.
    """

    replies: tuple[Reply, ...] = ()
    basis: BasisKind = BasisKind.STATED
    only_changes: bool = False
    still_true: tuple[ElementId, ...] = ()


class CheckAnswer(BaseCommand, frozen=True, kw_only=True, tag="CheckAnswer"):
    """State the result of a spot check: how it is known that an answer is right.

    `answer` is the one that the person was shown. `evidence` is a link or a sentence, which a confirmation
    needs.
    """

    element: ElementId
    fact: str
    answer: Answer
    outcome: CheckOutcome
    evidence: str = ""


class ConfirmAssumptions(BaseCommand, frozen=True, kw_only=True, tag="ConfirmAssumptions"):
    """Confirm assumed facts of elements, which makes them answers; those answered since are skipped."""

    facts: tuple[OpenFact, ...]


class AdoptCatalog(BaseCommand, frozen=True, kw_only=True, tag="AdoptCatalog"):
    """Assume what follows from technologies and protocols by the current catalog, for all elements."""


class BulkReply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to the same question about several elements, stated in one line for all of them."""

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
    | MergeElements
    | AnswerQuestions
    | CheckAnswer
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


class AcceptedItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item that is accepted: as the element `same`, as the item `same_item`, or as another one.

    An item with the name of an element, or a similar one, needs one of these.

    Its answers are taken with it as far as they are open. `confirmed` are the facts whose answers the person
    chose by themselves: those that a control is in place, and those that replace answers of people.
    """

    item: DraftItem
    same: ElementId | None = None
    same_item: SourceKey = SourceKey("")
    another: bool = False
    confirmed: tuple[str, ...] = ()


class AcceptedAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A proposed answer that is accepted; `confirmed` if the person chose it by itself."""

    answer: ProposedAnswer
    confirmed: bool = False


class AcceptDraft(BaseCommand, frozen=True, kw_only=True, tag="AcceptDraft"):
    """Accept parts of a draft, and leave others.

    `removed` and `kept` are keys that are no longer in the sources: the elements of the former are removed,
    those of the latter stay.
    """

    draft: DraftId
    sources: tuple[DraftSource, ...]
    brought_by: PersonId | None = None
    client: str = ""
    items: tuple[AcceptedItem, ...] = ()
    answers: tuple[AcceptedAnswer, ...] = ()
    threats: tuple[ProposedThreat, ...] = ()
    assumptions: tuple[ProposedAssumption, ...] = ()
    progress: tuple[ProposedProgress, ...] = ()
    left: tuple[SettledItem, ...] = ()
    removed: tuple[SourceKey, ...] = ()
    kept: tuple[SourceKey, ...] = ()

    @property
    def taken(self) -> int:
        """Return the number of proposals that are accepted, with the elements to remove."""
        accepted = (self.items, self.answers, self.threats, self.assumptions, self.progress, self.removed)
        return sum(map(len, accepted))
