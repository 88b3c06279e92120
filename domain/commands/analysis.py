"""Commands about threats and about what the rules bring up."""

from datetime import date

import msgspec

from domain.commands.base_command import BaseCommand
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.thought_prompt import PromptKind
from domain.kernel.threat import Stride, SuggestedThreatId, ThreatId


class _ThreatFields(BaseCommand, frozen=True, kw_only=True):
    title: str
    stride: tuple[Stride, ...]
    description: str = ""
    element: ElementId | None = None


class ReportThreat(_ThreatFields, frozen=True, kw_only=True, tag="ReportThreat"):
    """Report a threat; `link` leads to the message in which it was first mentioned."""

    link: str = ""


class ReviseThreat(_ThreatFields, frozen=True, kw_only=True, tag="ReviseThreat"):
    """Change a threat; its link stays."""

    threat: ThreatId


class WithdrawThreat(BaseCommand, frozen=True, kw_only=True, tag="WithdrawThreat"):
    """Withdraw a threat."""

    threat: ThreatId


class MergeThreats(BaseCommand, frozen=True, kw_only=True, tag="MergeThreats"):
    """Merge a threat into another one, which is kept."""

    kept: ThreatId
    merged: ThreatId


class ConfirmSuggestedThreats(BaseCommand, frozen=True, kw_only=True, tag="ConfirmSuggestedThreats"):
    """Confirm suggested threats as threats: those of one group become one threat with several places.

    With a `threat` they become further places of it instead.
    """

    suggested_threats: tuple[SuggestedThreatId, ...]
    threat: ThreatId | None = None


class DismissSuggestedThreats(BaseCommand, frozen=True, kw_only=True, tag="DismissSuggestedThreats"):
    """Dismiss suggested threats, with a reason."""

    suggested_threats: tuple[SuggestedThreatId, ...]
    reason: str = ""


class DecideGroup(BaseCommand, frozen=True, kw_only=True, tag="DecideGroup"):
    """Confirm some places of a group and dismiss others, in one answer.

    The confirmed ones become one threat, or further places of `threat`; dismissing needs a reason. Only
    suggested threats that are still undecided are touched.
    """

    confirmed: tuple[SuggestedThreatId, ...] = ()
    dismissed: tuple[SuggestedThreatId, ...] = ()
    threat: ThreatId | None = None
    reason: str = ""


class RemovePlaces(BaseCommand, frozen=True, kw_only=True, tag="RemovePlaces"):
    """Remove places from a threat; their suggested threats need a decision again."""

    threat: ThreatId
    suggested_threats: tuple[SuggestedThreatId, ...]


class ReopenSuggestedThreat(BaseCommand, frozen=True, kw_only=True, tag="ReopenSuggestedThreat"):
    """Reopen a dismissed suggested threat for decision."""

    suggested_threat: SuggestedThreatId


class ConsiderRow(BaseCommand, frozen=True, kw_only=True, tag="ConsiderRow"):
    """State that an element was considered in every category without further threats, with a reason."""

    element: ElementId
    reason: str = ""


class ConsiderRows(BaseCommand, frozen=True, kw_only=True, tag="ConsiderRows"):
    """State of several elements, with one reason, that they were considered without further threats."""

    elements: tuple[ElementId, ...]
    reason: str = ""


class ReopenRow(BaseCommand, frozen=True, kw_only=True, tag="ReopenRow"):
    """Reopen the consideration of an element."""

    element: ElementId


class AnswerPrompt(BaseCommand, frozen=True, kw_only=True, tag="AnswerPrompt"):
    """Answer a prompt about an element with a threat in one line, or without a title that there is none."""

    prompt: PromptKind
    element: ElementId
    title: str = ""
    stride: tuple[Stride, ...] = ()


class OpenQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question, identified by element and fact."""

    element: ElementId
    fact: str


class AskPerson(BaseCommand, frozen=True, kw_only=True, tag="AskPerson"):
    """Hand questions to a person who knows the answers, until a day."""

    person: PersonId
    questions: tuple[OpenQuestion, ...]
    due: date | None = None
    urgent: bool = False


class ScreeningReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer about one topic of the screening."""

    topic: str
    answer: Answer


class AnswerScreening(BaseCommand, frozen=True, kw_only=True, tag="AnswerScreening"):
    """Say which rare features exist anywhere in the system.

    `left_open` are the topics that were shown and got no answer: none of them may have said *yes* before, or
    that no one knows.
    """

    replies: tuple[ScreeningReply, ...]
    left_open: tuple[str, ...] = ()


class ConfirmScreening(BaseCommand, frozen=True, kw_only=True, tag="ConfirmScreening"):
    """Agree, as a second person, that the features screened out do not exist."""


AnalysisCommand = (
    ReportThreat
    | ReviseThreat
    | WithdrawThreat
    | ConfirmSuggestedThreats
    | DismissSuggestedThreats
    | DecideGroup
    | RemovePlaces
    | ReopenSuggestedThreat
    | MergeThreats
    | ConsiderRow
    | ConsiderRows
    | ReopenRow
    | AnswerPrompt
    | AskPerson
    | AnswerScreening
    | ConfirmScreening
)
"""The commands about threats and suggested threats."""
