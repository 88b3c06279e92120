"""Looks at the models that it is time to look at, and joins what is due by where it is sent."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache

import msgspec

from bot.commands.command_handler import NoSuchModel, Workshop
from bot.nudges.apart import apart
from bot.store import StreamId
from bot.store.nudges import Look, NudgeStore, Planned, place_of
from domain.deliveries import THREAD, NudgeKey
from domain.elements import ChannelId, PersonId
from domain.model import ThreatModel
from domain.reminders import Nudge, People, Plan, plan_nudges

REST = timedelta(minutes=10)
"""How soon a model is looked at again about which nothing may be said just now, or that cannot be read."""

PeopleOf = Callable[[ChannelId], People]
"""How each person can be reached about what happens in a channel."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What is due at one place on one local day, as it was `planned`, the earliest first: one message."""

    to: PersonId
    place: str
    day: date
    planned: Planned
    nudges: tuple[Nudge, ...]

    @property
    def overtaken(self) -> tuple[NudgeKey, ...]:
        """The keys of earlier nudges in whose place these are sent."""
        return tuple(key for one in self.nudges for key in one.overtakes)


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a model had due when it was looked at, good until it is touched or its time has come."""

    touched: int
    at: datetime
    good_until: datetime
    due: tuple[Nudge, ...]


class Looking:
    """Plans the nudges of one workspace.

    `rests` says of a model whether nothing may be said about it just now.
    """

    def __init__(
        self,
        workshop: Workshop,
        nudges: NudgeStore,
        *,
        people: PeopleOf,
        rests: Callable[[ThreatModel], bool],
    ) -> None:
        self._workshop = workshop
        self._nudges = nudges
        self._people = people
        self._rests = rests
        self._seen: dict[StreamId, _Seen] = {}

    def batches(self, now: datetime) -> list[Batch]:
        """What is due now, joined by where it is sent, the place that has waited longest first."""
        planned = Planned(at=now, sequence=self._nudges.recorded())
        looks = self._nudges.to_look_at(now)

        @cache  # many models may have one channel, and many nudges go to one person
        def people(channel: ChannelId) -> People:
            return cache(self._people(channel))

        due = [nudge for look in looks for nudge in self._due_apart(look, now, people)]
        # What has gone or was sent need not be remembered.
        known = {look.stream for look in looks}
        self._seen = {stream: seen for stream, seen in self._seen.items() if stream in known}
        return _joined(due, planned, self._days(people, now))

    def plan(self, model: ThreatModel, now: datetime, *, without: Iterable[NudgeKey] = ()) -> Plan:
        """The nudges of a model now; those `without` are planned as though nobody had claimed them."""
        deliveries = self._nudges.of(model.key)
        for key in without:
            deliveries.pop(key, None)
        return plan_nudges(model, deliveries, now, cache(self._people(model.channel)))

    def _due_apart(self, look: Look, now: datetime, people: PeopleOf) -> tuple[Nudge, ...]:
        with apart("a model cannot be looked at", of=look.stream):
            return self._due(look, now, people)
        self._nudges.looked(look, now + REST)
        return ()

    def _due(self, look: Look, now: datetime, people: PeopleOf) -> tuple[Nudge, ...]:
        seen = self._seen.get(look.stream)
        if seen is not None and seen.touched == look.touched and seen.at <= now < seen.good_until:
            return seen.due
        try:
            model = self._workshop.model(look.stream)
        except NoSuchModel:
            self._nudges.looked(look, None)
            return ()
        if self._rests(model):
            self._nudges.looked(look, now + REST)
            return ()
        plan = plan_nudges(model, self._nudges.of(model.key), now, people(model.channel))
        self._hold(plan.held, model, now, people)
        if not plan.due:
            self._nudges.looked(look, plan.look_at)
            return ()
        # As long as something is due the model stays on the list: this process may die before it is sent.
        good_until = min(plan.look_at or now + REST, now + REST)
        self._seen[look.stream] = _Seen(touched=look.touched, at=now, good_until=good_until, due=plan.due)
        return plan.due

    def _hold(self, held: Iterable[Nudge], model: ThreatModel, now: datetime, people: PeopleOf) -> None:
        together: dict[PersonId, list[Nudge]] = {}
        for one in held:
            together.setdefault(one.to, []).append(one)
        for to, nudges in together.items():
            day = now.date() if to == THREAD else people(model.channel)(to).day_of(now)
            self._nudges.hold(nudges, place=place_of(to, model.key), day=day, now=now)

    def _days(self, people: PeopleOf, now: datetime) -> Callable[[PersonId], date]:
        # Where somebody lives is the same in every channel.
        anywhere = people(ChannelId(""))
        return lambda person: now.date() if person == THREAD else anywhere(person).day_of(now)


def _joined(due: Iterable[Nudge], planned: Planned, day_of: Callable[[PersonId], date]) -> list[Batch]:
    together: dict[str, list[Nudge]] = {}
    for one in sorted(due, key=lambda one: (one.due, one.key)):
        together.setdefault(place_of(one.to, one.model), []).append(one)
    return [
        Batch(
            to=nudges[0].to,
            place=place,
            day=day_of(nudges[0].to),
            planned=planned,
            nudges=tuple(nudges[:MOST_JOINED]),
        )
        for place, nudges in together.items()
    ]


MOST_JOINED = 200
"""Nudges in one message; their keys go with it, and Slack takes 16,000 characters of those."""
