"""What people are to be reminded of, and what that is found in."""

from datetime import datetime

import msgspec

from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.nudge_deliveries import THREAD, Deliveries
from domain.reminders.nudge import Occasion
from domain.reminders.reachability import People, Reachability
from domain.reminders.reminder_policy import ReminderPolicy


class PlannedNudge(msgspec.Struct, frozen=True, kw_only=True):
    """Something to remind one person of at a moment; `mark` tells it from others of its occasion.

    It says nothing of where they are or when they work: who moved would be told of everything once more.
    Of what began `since` a moment they are not reminded before it, also where later is out of hours.
    """

    to: PersonId
    occasion: Occasion
    subject: str
    occurs: datetime
    mark: str
    until: datetime | None = None
    since: datetime | None = None
    number: int = 0


class PlanningContext(msgspec.Struct, frozen=True, kw_only=True):
    """What the occasions are found in."""

    model: ThreatModel
    deliveries: Deliveries
    now: datetime
    people: People
    policy: ReminderPolicy

    @property
    def facilitator(self) -> PersonId:
        """Who steers the model; where they are gone, whoever reads its thread and may take over."""
        there = self.model.facilitator
        return THREAD if self.people(there).gone else there

    def reach(self, person: PersonId) -> Reachability:
        """How somebody can be reached; the thread is written to when the facilitator works."""
        if person != THREAD:
            return self.people(person)
        return msgspec.structs.replace(self.people(self.model.facilitator), gone=False)
