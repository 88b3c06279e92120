"""What happened to threats and to what the rules bring up."""

from domain.events.base_event import BaseEvent
from domain.kernel.decisions import AnswerAtDecision, CandidateId, Consideration, Dismissal
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.threat import Threat, ThreatId


class ThreatReported(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatReported"):
    """Somebody said what could go wrong."""

    threat: Threat


class ThreatRevised(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatRevised"):
    """A reported threat is now described so."""

    threat: Threat


class ThreatWithdrawn(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatWithdrawn"):
    """A reported threat is none after all; its id is never used again."""

    threat: ThreatId


class ThreatsMerged(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatsMerged"):
    """A threat says the same as another one, which is kept and now described so."""

    kept: Threat
    merged: ThreatId


class ThreatsParted(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatsParted"):
    """A merged threat stands by itself again; the one that was kept is described so again."""

    kept: Threat
    merged: ThreatId


class CandidateConfirmed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="CandidateConfirmed"):
    """What a rule found is a threat; beside it stands what was known when somebody decided so."""

    candidate: CandidateId
    threat: Threat
    rule_version: int
    facts: tuple[AnswerAtDecision, ...] = ()


class CandidateDismissed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="CandidateDismissed"):
    """What a rule found is no threat here."""

    dismissal: Dismissal


class CandidateReopened(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="CandidateReopened"):
    """A dismissed candidate is to be looked at again."""

    candidate: CandidateId


class RowConsidered(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RowConsidered"):
    """An element was considered in every category, and nothing more was found."""

    consideration: Consideration


class RowReopened(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RowReopened"):
    """An element has to be considered after all."""

    element: ElementId


class PersonAsked(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="PersonAsked"):
    """A question was handed to somebody who knows; nobody means that the asking was taken back."""

    element: ElementId
    fact: str
    person: PersonId | None = None
    urgent: bool = False


AnalysisEvent = (
    ThreatReported
    | ThreatRevised
    | ThreatWithdrawn
    | ThreatsMerged
    | ThreatsParted
    | CandidateConfirmed
    | CandidateDismissed
    | CandidateReopened
    | RowConsidered
    | RowReopened
    | PersonAsked
)
"""What was said of candidates, threats and rows of the coverage grid."""
