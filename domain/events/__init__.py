"""Events: the permanent record of a model, one struct for each event type.

All events are imported from here; each module below holds those of one part of the work.
"""

# ruff: noqa: F403, F405

from typing import get_args

import msgspec

from domain.events.analysis import *
from domain.events.base_event import *
from domain.events.collection import *
from domain.events.remediation import *
from domain.events.steering import *
from domain.events.voting import *


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """A placeholder for an erased event, which keeps its position in the sequence."""


Event = (
    SteeringEvent
    | CollectionEvent
    | DraftEvent
    | AnalysisEvent
    | VotingEvent
    | RemediationEvent
    | TrackerEvent
    | ReminderSnoozed
    | RetrospectiveAnswered
)

EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)

RecordedEvent = Event | Erased
"""An event as a reader of the record may meet it."""
