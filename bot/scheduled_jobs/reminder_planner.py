"""Planning of a model's reminders, and their grouping by place."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache

import msgspec

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.store import StreamId
from bot.store.records import model_stream
from bot.store.reminder_store import ReminderStore, place_of
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.model import ThreatModel
from domain.reminder_deliveries import THREAD, ReminderKey
from domain.reminders import People, Reminder, ReminderPlan, plan_reminders

PLANNING_INTERVAL = timedelta(minutes=10)
"""Interval until a model is planned again that has reminders to send, or whose sending is suspended."""

OVERDUE = timedelta(minutes=10)
"""Delay after which an unsent reminder is reported to the operator."""

MAX_JOINED = 200
"""Maximum reminders in one message; their keys go with it, limited by Slack to 16,000 characters."""

PeopleOf = Callable[[ChannelId], People]
"""Returns how each person can be reached about events in a channel."""


class PlannedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place to which reminders of a model are due: a person, or the thread of the model in its channel."""

    place: str
    to: PersonId
    channel: ChannelId


class PlannedModel(msgspec.Struct, frozen=True, kw_only=True):
    """The places to which reminders of a model are due, and when to plan them again."""

    places: tuple[PlannedPlace, ...] = ()
    again_at: datetime | None = None


class ReminderBatch(msgspec.Struct, frozen=True, kw_only=True):
    """The reminders due at one place on one local day, earliest first, in one message."""

    to: PersonId
    place: str
    day: date
    reminders: tuple[Reminder, ...]

    @property
    def overtaken(self) -> tuple[ReminderKey, ...]:
        """The keys of earlier reminders that these replace."""
        return tuple(key for reminder in self.reminders for key in reminder.overtakes)


class ReminderPlanner:
    """Planner of the reminders of one workspace; `is_suspended` returns whether a model is suspended."""

    def __init__(
        self,
        command_handler: CommandHandler,
        reminder_store: ReminderStore,
        *,
        tenant: str,
        people: PeopleOf,
        is_suspended: Callable[[ThreatModel], bool],
    ) -> None:
        self._command_handler = command_handler
        self._reminder_store = reminder_store
        self._tenant = tenant
        self._people = people
        self._is_suspended = is_suspended

    def plan_model(self, stream: StreamId, now: datetime) -> PlannedModel:
        """Plan the reminders of a model, and record which of them wait for working hours."""
        try:
            model = self._command_handler.model(stream)
        except NoSuchModel:
            return PlannedModel()
        if self._is_suspended(model):
            return PlannedModel(again_at=now + PLANNING_INTERVAL)
        plan = self.plan(model, now)
        self._hold(plan.held, model, now)
        places = {
            place_of(one.to, one.model): PlannedPlace(
                place=place_of(one.to, one.model), to=one.to, channel=model.channel
            )
            for one in plan.due
        }
        again = plan.again_at
        if places:
            # While something is due the model stays queued, whatever the outcome of the message.
            again = min(again or now + PLANNING_INTERVAL, now + PLANNING_INTERVAL)
        return PlannedModel(places=tuple(places.values()), again_at=again)

    def batch(self, place: str, models: Iterable[ModelKey], now: datetime) -> ReminderBatch | None:
        """Join the due reminders of a place about some models; None if nothing is due."""
        due = [one for key in models for one in self._due(key, now) if place_of(one.to, one.model) == place]
        if not due:
            return None
        reminders = sorted(due, key=lambda one: (one.due, one.key))[:MAX_JOINED]
        to = reminders[0].to
        # A person's time zone is the same in every channel.
        day = self._day(to, ChannelId(""), now)
        return ReminderBatch(to=to, place=place, day=day, reminders=tuple(reminders))

    def plan(self, model: ThreatModel, now: datetime, *, without: Iterable[ReminderKey] = ()) -> ReminderPlan:
        """Plan the reminders of a model; those `without` are planned as if they had not been attempted."""
        deliveries = self._reminder_store.of(model.key)
        for key in without:
            deliveries.pop(key, None)
        return plan_reminders(model, deliveries, now, cache(self._people(model.channel)))

    def overdue(self, models: Iterable[ModelKey], now: datetime) -> list[datetime]:
        """Return the due times of reminders that should have been sent some time ago."""
        return [one.due for key in models for one in self._due(key, now) if one.due < now - OVERDUE]

    def _due(self, key: ModelKey, now: datetime) -> tuple[Reminder, ...]:
        try:
            model = self._command_handler.model(model_stream(self._tenant, key))
        except NoSuchModel:
            return ()
        return () if self._is_suspended(model) else self.plan(model, now).due

    def _hold(self, held: Iterable[Reminder], model: ThreatModel, now: datetime) -> None:
        together: dict[PersonId, list[Reminder]] = {}
        for one in held:
            together.setdefault(one.to, []).append(one)
        for to, reminders in together.items():
            day = self._day(to, model.channel, now)
            self._reminder_store.hold(reminders, place=place_of(to, model.key), day=day, now=now)

    def _day(self, to: PersonId, channel: ChannelId, now: datetime) -> date:
        return now.date() if to == THREAD else self._people(channel)(to).day_of(now)
