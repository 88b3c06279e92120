"""Descriptions of single events."""

from typing import assert_never

from domain.events import (
    AnalysisEvent,
    CollectionEvent,
    DraftEvent,
    Event,
    RemediationEvent,
    ReminderSnoozed,
    RetrospectiveAnswered,
    SteeringEvent,
    TrackerEvent,
    VotingEvent,
)
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.wording.analysis import describe_analysis
from domain.wording.collection import describe_collection
from domain.wording.drafts import describe_draft
from domain.wording.event_phrases import threat_phrase
from domain.wording.remediation import describe_remediation
from domain.wording.steering import describe_steering
from domain.wording.trackers import describe_tracker
from domain.wording.voting import describe_voting


def describe_event(event: Event, before: ThreatModel) -> str:
    """Return what the author did, to follow the author's name; `before` is the model before the event."""
    words = _words(event, before)
    return f"undid: {words}" if event.undoes is not None else words


def _words(event: Event, before: ThreatModel) -> str:
    if isinstance(event, CollectionEvent):
        return describe_collection(event, before)
    if isinstance(event, DraftEvent):
        return describe_draft(event)
    if isinstance(event, AnalysisEvent):
        return describe_analysis(event, before)
    if isinstance(event, VotingEvent):
        return describe_voting(event)
    if isinstance(event, RemediationEvent):
        return describe_remediation(event, before)
    if isinstance(event, TrackerEvent):
        return describe_tracker(event, before)
    if isinstance(event, SteeringEvent):
        return describe_steering(event, before)
    match event:
        case ReminderSnoozed():
            reminder = f"the reminder{_reminded_of(event.key, before)}"
            return f"snoozed {reminder}" if event.until else f"ended the snooze of {reminder}"
        case RetrospectiveAnswered():
            return (
                "answered the retrospective" if event.answers else "removed the answers to the retrospective"
            )
    assert_never(event)


def _reminded_of(reminder: str, before: ThreatModel) -> str:
    """Return the subject of a reminder in words; empty for a model or a person."""
    about = reminder.split(":")[3] if reminder.count(":") > 3 else ""
    if about in before.mitigations:
        return f" about “{before.mitigations[MitigationId(about)].title}” ({about})"
    return f" about {threat_phrase(before, ThreatId(about))}" if about in before.threats else ""
