"""Commands about threats and about what the rules bring up."""

import msgspec

from domain.commands.base_command import BaseCommand
from domain.kernel.decisions import CandidateId
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.stride import Stride
from domain.kernel.threat import ThreatId


class _ThreatTold(BaseCommand, frozen=True, kw_only=True):
    title: str
    stride: tuple[Stride, ...]
    description: str = ""
    element: ElementId | None = None


class ReportThreat(_ThreatTold, frozen=True, kw_only=True, tag="ReportThreat"):
    """Say what could go wrong; `link` leads to where it was said first."""

    link: str = ""


class ReviseThreat(_ThreatTold, frozen=True, kw_only=True, tag="ReviseThreat"):
    """Describe a reported threat anew; where it was said first stays."""

    threat: ThreatId


class WithdrawThreat(BaseCommand, frozen=True, kw_only=True, tag="WithdrawThreat"):
    """Say that a reported threat is none after all."""

    threat: ThreatId


class MergeThreats(BaseCommand, frozen=True, kw_only=True, tag="MergeThreats"):
    """Say that a threat is the same as another one, which is kept."""

    kept: ThreatId
    merged: ThreatId


class ConfirmCandidates(BaseCommand, frozen=True, kw_only=True, tag="ConfirmCandidates"):
    """Say that what the rules found is a threat, each of it."""

    candidates: tuple[CandidateId, ...]


class DismissCandidates(BaseCommand, frozen=True, kw_only=True, tag="DismissCandidates"):
    """Say that what the rules found is no threat here, and why."""

    candidates: tuple[CandidateId, ...]
    reason: str = ""


class ReopenCandidate(BaseCommand, frozen=True, kw_only=True, tag="ReopenCandidate"):
    """Ask for another look at a dismissed candidate."""

    candidate: CandidateId


class ConsiderRow(BaseCommand, frozen=True, kw_only=True, tag="ConsiderRow"):
    """Say that an element was considered in every category and nothing more was found, and why."""

    element: ElementId
    reason: str = ""


class ReopenRow(BaseCommand, frozen=True, kw_only=True, tag="ReopenRow"):
    """Say that an element has to be considered after all."""

    element: ElementId


class OpenQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question by what it is about."""

    element: ElementId
    fact: str


class AskPerson(BaseCommand, frozen=True, kw_only=True, tag="AskPerson"):
    """Hand questions to somebody who knows."""

    person: PersonId
    questions: tuple[OpenQuestion, ...]
    urgent: bool = False


AnalysisCommand = (
    ReportThreat
    | ReviseThreat
    | WithdrawThreat
    | ConfirmCandidates
    | DismissCandidates
    | ReopenCandidate
    | MergeThreats
    | ConsiderRow
    | ReopenRow
    | AskPerson
)
"""The commands that settle what the rules bring up."""
