"""The context in which reminders are planned, and a planned reminder."""

from datetime import datetime

import msgspec

from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.reminder_deliveries import THREAD, Deliveries
from domain.reminders.reachability import People, Reachability
from domain.reminders.reminder import Occasion
from domain.reminders.reminder_policy import ReminderPolicy


class PlannedReminder(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder to one person at a moment; `mark` distinguishes it from others of its occasion.

    It is independent of zone and working hours: otherwise a person who moves would be reminded again.
    It is never sent before `since`, even if the next working hours are later.
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
    """Everything that occasions are computed from."""

    model: ThreatModel
    deliveries: Deliveries
    now: datetime
    people: People
    policy: ReminderPolicy

    @property
    def facilitator(self) -> PersonId:
        """Return the facilitator, or the thread if their account is gone."""
        there = self.model.facilitator
        return THREAD if self.people(there).gone else there

    def reach(self, person: PersonId) -> Reachability:
        """Return how a person can be reached; the thread follows the facilitator's working hours."""
        if person != THREAD:
            return self.people(person)
        return msgspec.structs.replace(self.people(self.model.facilitator), gone=False)
