"""Descriptions of single events."""

from typing import assert_never

from domain.events import (
    AnalysisEvent,
    CollectionEvent,
    Event,
    NudgeSnoozed,
    RemediationEvent,
    RetrospectiveAnswered,
    SteeringEvent,
    VotingEvent,
)
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.wording.analysis import analysis_words
from domain.wording.collection import collection_words
from domain.wording.event_phrases import threat_words
from domain.wording.remediation import remediation_words
from domain.wording.steering import steering_words
from domain.wording.voting import voting_words


def describe_event(event: Event, before: ThreatModel) -> str:
    """Return what the author did, to follow the author's name; `before` is the model before the event."""
    words = _words(event, before)
    return f"took back: {words}" if event.undoes is not None else words


def _words(event: Event, before: ThreatModel) -> str:
    if isinstance(event, CollectionEvent):
        return collection_words(event, before)
    if isinstance(event, AnalysisEvent):
        return analysis_words(event, before)
    if isinstance(event, VotingEvent):
        return voting_words(event)
    if isinstance(event, RemediationEvent):
        return remediation_words(event, before)
    if isinstance(event, SteeringEvent):
        return steering_words(event, before)
    match event:
        case NudgeSnoozed():
            reminder = f"the reminder{_reminded_of(event.key, before)}"
            return f"snoozed {reminder}" if event.until else f"wants {reminder} when it is due"
        case RetrospectiveAnswered():
            return "looked back on the work" if event.answers else "looks back on the work no longer"
    assert_never(event)


def _reminded_of(reminder: str, before: ThreatModel) -> str:
    """Return the subject of a reminder in words; empty for a model or a person."""
    about = reminder.split(":")[3] if reminder.count(":") > 3 else ""
    if about in before.mitigations:
        return f" about “{before.mitigations[MitigationId(about)].title}” ({about})"
    return f" about {threat_words(before, ThreatId(about))}" if about in before.threats else ""
