"""Events about threats, suggested threats, rows of the coverage grid, and handed-over questions."""

from datetime import date

from domain.events.base_event import BaseEvent
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.screening_answer import ScreeningAnswer
from domain.kernel.thought_prompt import PromptAnswer, PromptKind
from domain.kernel.threat import (
    AnswerAtDecision,
    ConfirmedPlace,
    Consideration,
    Dismissal,
    SuggestedThreatId,
    Threat,
    ThreatId,
)


class ThreatReported(BaseEvent, frozen=True, kw_only=True, tag="ThreatReported"):
    """A threat was reported."""

    threat: Threat


class ThreatRevised(BaseEvent, frozen=True, kw_only=True, tag="ThreatRevised"):
    """A threat was changed; the event holds its new state."""

    threat: Threat


class ThreatWithdrawn(BaseEvent, frozen=True, kw_only=True, tag="ThreatWithdrawn"):
    """A threat was withdrawn; its id is never reused."""

    threat: ThreatId


class ThreatsMerged(BaseEvent, frozen=True, kw_only=True, tag="ThreatsMerged"):
    """A threat was merged into another one; the event holds the new state of the kept threat."""

    kept: Threat
    merged: ThreatId


class ThreatsParted(BaseEvent, frozen=True, kw_only=True, tag="ThreatsParted"):
    """A merge was undone; the event holds the previous state of the kept threat."""

    kept: Threat
    merged: ThreatId


class SuggestedThreatConfirmed(BaseEvent, frozen=True, kw_only=True, tag="SuggestedThreatConfirmed"):
    """A suggested threat was confirmed as a threat; the event holds the facts the decision was based on.

    `others` are further suggested threats of the same rule that were confirmed with it, as places of the
    threat.
    """

    suggested_threat: SuggestedThreatId
    threat: Threat
    rule_version: int
    facts: tuple[AnswerAtDecision, ...] = ()
    others: tuple[ConfirmedPlace, ...] = ()

    @property
    def suggested_threats(self) -> tuple[SuggestedThreatId, ...]:
        """Return all suggested threats that were confirmed as this threat."""
        return self.suggested_threat, *(other.suggested_threat for other in self.others)


class PlacesAdded(BaseEvent, frozen=True, kw_only=True, tag="PlacesAdded"):
    """Suggested threats became further places of a threat; the event holds its new state."""

    threat: Threat
    places: tuple[ConfirmedPlace, ...]


class PlacesRemoved(BaseEvent, frozen=True, kw_only=True, tag="PlacesRemoved"):
    """Places of a threat were removed, and their suggested threats need a decision again.

    The event holds the threat's new state.
    """

    threat: Threat
    suggested_threats: tuple[SuggestedThreatId, ...]


class SuggestedThreatDismissed(BaseEvent, frozen=True, kw_only=True, tag="SuggestedThreatDismissed"):
    """A suggested threat was dismissed; `others` were dismissed with it for the same reason."""

    dismissal: Dismissal
    others: tuple[Dismissal, ...] = ()

    @property
    def dismissals(self) -> tuple[Dismissal, ...]:
        """Return all dismissals of the event."""
        return self.dismissal, *self.others


class SuggestedThreatReopened(BaseEvent, frozen=True, kw_only=True, tag="SuggestedThreatReopened"):
    """A dismissed suggested threat was reopened for decision, together with `others`."""

    suggested_threat: SuggestedThreatId
    others: tuple[SuggestedThreatId, ...] = ()

    @property
    def suggested_threats(self) -> tuple[SuggestedThreatId, ...]:
        """Return all suggested threats that were reopened."""
        return self.suggested_threat, *self.others


class RowConsidered(BaseEvent, frozen=True, kw_only=True, tag="RowConsidered"):
    """An element was considered in every category without further threats."""

    consideration: Consideration


class RowReopened(BaseEvent, frozen=True, kw_only=True, tag="RowReopened"):
    """The consideration of an element was reopened."""

    element: ElementId


class PromptAnswered(BaseEvent, frozen=True, kw_only=True, tag="PromptAnswered"):
    """A person considered a prompt to think further; a threat that came of it has an event of its own."""

    reply: PromptAnswer


class PromptReopened(BaseEvent, frozen=True, kw_only=True, tag="PromptReopened"):
    """A person's answer to a prompt was undone."""

    prompt: PromptKind
    element: ElementId


class PersonAsked(BaseEvent, frozen=True, kw_only=True, tag="PersonAsked"):
    """A question was handed to a person until a day; a person of None means that this was undone."""

    element: ElementId
    fact: str
    person: PersonId | None = None
    due: date | None = None
    urgent: bool = False


class ScreeningAnswered(BaseEvent, frozen=True, kw_only=True, tag="ScreeningAnswered"):
    """A topic of the screening was answered for the whole model; the event holds its new state."""

    screening: ScreeningAnswer


class ScreeningWithdrawn(BaseEvent, frozen=True, kw_only=True, tag="ScreeningWithdrawn"):
    """The answer about a topic of the screening was undone."""

    topic: str


class ScreeningConfirmed(BaseEvent, frozen=True, kw_only=True, tag="ScreeningConfirmed"):
    """A second person agreed that the features screened out do not exist."""

    topics: tuple[str, ...]


AnalysisEvent = (
    ThreatReported
    | ThreatRevised
    | ThreatWithdrawn
    | ThreatsMerged
    | ThreatsParted
    | SuggestedThreatConfirmed
    | PlacesAdded
    | PlacesRemoved
    | SuggestedThreatDismissed
    | SuggestedThreatReopened
    | RowConsidered
    | RowReopened
    | PromptAnswered
    | PromptReopened
    | PersonAsked
    | ScreeningAnswered
    | ScreeningWithdrawn
    | ScreeningConfirmed
)
"""Events about suggested threats, threats and rows of the coverage grid."""
