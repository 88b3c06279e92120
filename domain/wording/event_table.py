"""The event table: what each event says, changes, touches and presupposes, and whom it mentions."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from domain import events
from domain.kernel import event_subjects as of
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.event_subjects import Subject
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundEndCause
from domain.model import ThreatModel
from domain.voting.turnout import names_second_voter
from domain.wording.analysis import ANALYSIS_EVENTS, VOTING_EVENTS
from domain.wording.collection import COLLECTION_EVENTS, DRAFT_EVENTS
from domain.wording.event_row import EventKind, row, threat_phrase
from domain.wording.remediation import REMEDIATION_EVENTS
from domain.wording.steering import STEERING_EVENTS
from domain.wording.trackers import TRACKER_EVENTS

Lasting = (
    events.ThreatModelStarted
    | events.ThreatModelImported
    | events.FacilitatorChanged
    | events.ChannelFollowed
    | events.WorkspaceSettingsApplied
    | events.RoundOpened
    | events.BallotCast
    | events.RoundExtended
    | events.RoundFellShort
    | events.VoterLeft
    | events.RoundClosed
    | events.BallotExplained
    | events.PhaseMoved
    | events.ThreatModelClosed
    | events.ThreatModelReopened
    | events.ThreatModelArchived
)
"""Events that cannot be undone, because others continue from them: another command reverses them."""


def describe_event(event: events.Event, before: ThreatModel) -> str:
    """Return what the author did, to follow the author's name; `before` is the model before the event."""
    words = EVENT_KINDS[type(event)].says(event, before)
    return f"undid: {words}" if event.undoes is not None else words


def mentioned_people(event: events.Event) -> tuple[PersonId, ...]:
    """Return the people that the description of an event mentions."""
    kind = EVENT_KINDS[type(event)]
    named = (person for person in kind.people(event) if person is not None)
    return tuple(person for person in named if kind.mentions_author or person != event.by)


def changed_subjects(event: events.Event) -> Iterable[Subject]:
    """Return the subjects that an event changes; none for a step within a round, or for a question."""
    return EVENT_KINDS[type(event)].changes(event)


def touched_subjects(event: events.Event) -> frozenset[Subject]:
    """Return the subjects that an event touches, to detect conflicts between answers."""
    return frozenset(EVENT_KINDS[type(event)].touches(event))


def presupposed_subjects(event: events.Event) -> frozenset[Subject]:
    """Return the subjects that an event presupposes besides those it touches."""
    return frozenset(EVENT_KINDS[type(event)].builds_on(event))


def is_decision(event: events.Event) -> bool:
    """Return whether an event advances the work or decides something about a threat."""
    return EVENT_KINDS[type(event)].decides


def displayed_author(event: events.Event, model: ThreatModel) -> PersonId:
    """Return the person named as the author, given the model before the event.

    Empty if the person explained a ballot, voted again, or snoozed a reminder
    to do so: the turnout of a second vote has no names. A round that ends because all have voted is ended by
    the system, which also opens the second vote, and not by the person who voted last.
    """
    if isinstance(event, events.ReminderSnoozed) and names_second_voter(model, event.key):
        return PersonId("")
    if isinstance(event, events.BallotCast):
        known = model.rounds.get(event.round)
        return event.by if known is not None and known.revote_of is None else PersonId("")
    if isinstance(event, events.BallotExplained):
        return PersonId("")
    if isinstance(event, events.RoundClosed) and event.cause in _BY_ITSELF:
        return SYSTEM
    if isinstance(event, events.RoundOpened) and event.round.revote_of is not None:
        return SYSTEM
    return event.by


_BY_ITSELF = (RoundEndCause.ALL_VOTED, RoundEndCause.NO_THREATS, RoundEndCause.NO_VOTERS)


def _snoozed(event: events.ReminderSnoozed, before: ThreatModel) -> str:
    reminder = f"the reminder{_reminded_of(event.key, before)}"
    return f"snoozed {reminder}" if event.until else f"ended the snooze of {reminder}"


def _reminded_of(reminder: str, before: ThreatModel) -> str:
    """Return the subject of a reminder in words; empty for a model or a person."""
    about = reminder.split(":")[3] if reminder.count(":") > 3 else ""
    if about in before.mitigations:
        return f" about “{before.mitigations[MitigationId(about)].title}” ({about})"
    return f" about {threat_phrase(before, ThreatId(about))}" if about in before.threats else ""


def _retrospective(event: events.RetrospectiveAnswered, _before: ThreatModel) -> str:
    return "answered the retrospective" if event.answers else "removed the answers to the retrospective"


EVENT_KINDS: Final[Mapping[type[events.Event], EventKind]] = MappingProxyType(
    dict(
        (
            *STEERING_EVENTS,
            *COLLECTION_EVENTS,
            *DRAFT_EVENTS,
            *ANALYSIS_EVENTS,
            *VOTING_EVENTS,
            *REMEDIATION_EVENTS,
            *TRACKER_EVENTS,
            row(events.ReminderSnoozed, _snoozed, touches=lambda event: (of.reminder(event.key),)),
            row(events.RetrospectiveAnswered, _retrospective, lambda event: (of.retrospective(event.by),)),
        )
    )
)
"""Every event type. A test compares the keys with the union of events."""
