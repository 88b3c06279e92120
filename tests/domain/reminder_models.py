"""Models with due mitigations, votes and risks, and the planning of their reminders."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.model import ThreatModel
from domain.reminder_deliveries import Deliveries, Delivery, DeliveryState, ReminderKey
from domain.reminders import Occasion, People, Reachability, Reminder, plan_reminders
from domain.replay import replay
from tests.domain.remediation_story import THREATS, plan
from tests.examples import CHI, decide_all

MI1 = MitigationId("MI-1")
HERE = Reachability()


def model_with_mitigation(due: date, *, owner: PersonId | None = CHI) -> ThreatModel:
    """A model with one mitigation, planned on Monday 2 March 2026, 9:10 UTC."""
    return replay(decide_all(replace(plan(), due=due, owner=owner), after=THREATS))


def utc_time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local_time(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def same_reach_for_all(reach: Reachability) -> Callable[[PersonId], Reachability]:
    return lambda _: reach


def sent_deliveries(
    *reminders: Reminder, state: DeliveryState = DeliveryState.SENT
) -> dict[ReminderKey, Delivery]:
    return {
        one.key: Delivery(key=one.key, model=one.model, to=one.to, state=state, at=one.due)
        for one in reminders
    }


def of_override(reminder: Reminder) -> bool:
    """Whether it is about an overridden condition, as the stories have on their way to remediation."""
    return reminder.occasion in (Occasion.OVERRIDE_OPEN, Occasion.OVERRIDE_OVER)


def reminders_due(
    model: ThreatModel, deliveries: Deliveries, now: datetime, people: People
) -> tuple[Reminder, ...]:
    return tuple(one for one in plan_reminders(model, deliveries, now, people).due if not of_override(one))


def due_reminders(
    model: ThreatModel, now: datetime, *, reach: Reachability = HERE, deliveries: Deliveries | None = None
) -> list[str]:
    """Return the due reminders as `<person> <occasion> <subject>`."""
    found = reminders_due(model, deliveries or {}, now, same_reach_for_all(reach))
    return [f"{one.to} {one.occasion} {one.subject}" for one in found]


def sent_until(
    model: ThreatModel,
    until: datetime,
    *,
    reach: Reachability = HERE,
    people: Callable[[PersonId], Reachability] | None = None,
    overrides: bool = False,
) -> list[tuple[datetime, Reminder]]:
    """Each reminder with the moment at which it is sent by one who looks exactly when told to."""
    known: dict[ReminderKey, Delivery] = {}
    told_at: list[tuple[datetime, Reminder]] = []
    now: datetime | None = utc_time("2026-03-02T09:30")
    while now is not None and now <= until:
        seen = plan_reminders(model, known, now, people or same_reach_for_all(reach))
        told_at += [(now, one) for one in seen.due if overrides or not of_override(one)]
        known |= sent_deliveries(*seen.due)
        now = seen.again_at
    return told_at
