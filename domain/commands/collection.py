"""What one may note: facts, finished registers, assumptions."""

import msgspec

from domain.commands.base_command import BaseCommand
from domain.kernel.answer import Answer
from domain.kernel.elements import AssumptionId, ElementId, Kind, PersonId


class OrderTrustLevels(BaseCommand, frozen=True, kw_only=True, tag="OrderTrustLevels"):
    """Put the trust levels in order, the least trusted first."""

    order: tuple[ElementId, ...]


class RemoveElement(BaseCommand, frozen=True, kw_only=True, tag="RemoveElement"):
    """Take an element out of the model."""

    element: ElementId


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to one question; with `for_all_alike` also to the same question about others of its sort."""

    element: ElementId
    fact: str
    answer: Answer
    for_all_alike: bool = False


class AnswerQuestions(BaseCommand, frozen=True, kw_only=True, tag="AnswerQuestions"):
    """Answer questions about elements."""

    replies: tuple[Reply, ...]


class CompleteRegister(BaseCommand, frozen=True, kw_only=True, tag="CompleteRegister"):
    """Say that nothing is missing in a register."""

    register: Kind


class ReopenRegister(BaseCommand, frozen=True, kw_only=True, tag="ReopenRegister"):
    """Say that something is missing in a register after all."""

    register: Kind


class RecordAssumption(BaseCommand, frozen=True, kw_only=True, tag="RecordAssumption"):
    """Say what is taken for true; who holds it is the asker unless somebody else is named."""

    text: str
    held_by: PersonId | None = None


class ReviseAssumption(BaseCommand, frozen=True, kw_only=True, tag="ReviseAssumption"):
    """Word an assumption anew."""

    assumption: AssumptionId
    text: str
    held_by: PersonId | None = None


class WithdrawAssumption(BaseCommand, frozen=True, kw_only=True, tag="WithdrawAssumption"):
    """Say that an assumption does not hold any more."""

    assumption: AssumptionId


CollectionCommand = (
    OrderTrustLevels
    | RemoveElement
    | AnswerQuestions
    | CompleteRegister
    | ReopenRegister
    | RecordAssumption
    | ReviseAssumption
    | WithdrawAssumption
)
