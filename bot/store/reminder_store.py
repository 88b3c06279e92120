"""Outcomes of reminders: events by place and day, and a row for each in the same transaction."""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Final

import msgspec
from msgspec.structs import asdict

from bot.store.event_store import EventStore
from bot.store.records import CommandKey, StreamId, place_stream
from bot.store.sql.reminder_rows import FIELDS, ReminderRow, reminder_of
from bot.store.sql.rows import WorkspaceRows
from bot.store.timestamps import parse_timestamp
from bot.store.work_queue import Item, Touch, WorkQueue
from domain.kernel.elements import ModelKey, PersonId
from domain.reminder_deliveries import (
    THREAD,
    Delivery,
    DeliveryEvent,
    ReminderClaimed,
    ReminderKey,
    ReminderSkipped,
    SkipReason,
    deliveries_after,
)
from domain.reminders import Reminder

REMINDERS: Final = "reminders"
"""The kind of work that plans the reminders of a model.

A row is due when the model is to be planned again.
"""

_ALL = f"SELECT {FIELDS} FROM reminders WHERE tenant = :tenant"  # noqa: S608  (our own column names)
_OF_MODEL = f"{_ALL} AND model = :model ORDER BY due, key"
_FIND = f"{_ALL} AND key = :key"
_IN_MESSAGE = f"{_ALL} AND channel = :channel AND ts = :ts AND ts <> '' ORDER BY due, key"
_CLAIMED = f"""
    SELECT {FIELDS} FROM reminders INDEXED BY reminders_under_way
    WHERE tenant = :tenant AND (:place = '' OR place = :place) AND state = 'claimed' ORDER BY place, due, key
"""  # noqa: S608  (our own column names)
# An outcome later than now was recorded before the clock was set back: no reason to wait.
_WAITS_UNTIL = """
    SELECT max(until) FROM reminders INDEXED BY reminders_waiting
    WHERE tenant = :tenant AND place = :place AND state = 'held back'
    AND until > :now AND at <= :now AND reason <> 'quiet hours'
"""
_ERASURES = "SELECT stream, erasures FROM streams WHERE tenant = :tenant AND erasures > 0 ORDER BY stream"
_KEEP = """
    INSERT INTO reminders
        (tenant, key, model, person, due, state, reason, at, until, channel, ts, place, stream, version)
    VALUES (:tenant, :key, :model, :to, :due, :state, :reason, :at, :until, :channel, :ts, :place, :stream,
        :version)
    ON CONFLICT (tenant, key) DO UPDATE SET place = excluded.place, state = excluded.state,
        reason = excluded.reason, at = excluded.at, until = excluded.until, stream = excluded.stream,
        version = excluded.version, channel = excluded.channel, ts = excluded.ts
"""


def place_of(to: PersonId, model: ModelKey) -> str:
    """Return the destination of a reminder: a person, or the thread of a model."""
    return f"{THREAD}/{model}" if to == THREAD else to


def plan_touch(tenant: str, model: ModelKey) -> Touch:
    """Have the reminders of a model planned now."""
    return Touch(item=Item(tenant, REMINDERS, model), lane=f"{REMINDERS}/{model}")


class ReminderAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """Attempt to send reminders to one place: a message with them may exist.

    It is recorded by the event of `version` in `stream`; `models` has the key of each reminder's model.
    """

    stream: StreamId
    version: int
    to: PersonId
    place: str
    keys: tuple[ReminderKey, ...]
    models: tuple[ModelKey, ...]


class ReminderStore:
    """Reminders of one workspace; every method raises StoreUnavailable when the database cannot be used.

    A sender holds the work of its place, so no two processes send to the same place at the same time.
    """

    def __init__(self, store: EventStore, rows: WorkspaceRows, work: WorkQueue, tenant: str) -> None:
        self._store = store
        self._rows = rows
        self._work = work
        self._tenant = tenant

    def of(self, model: ModelKey) -> dict[ReminderKey, Delivery]:
        """Return the outcomes of a model's reminders."""
        return {row.delivery.key: row.delivery for row in self.outcomes_of(model)}

    def in_message(self, channel: str, ts: str) -> list[ReminderRow]:
        """Return the reminders in a message, in their displayed order."""
        return self._all(_IN_MESSAGE, channel=channel, ts=ts)

    def outcomes_of(self, model: ModelKey) -> list[ReminderRow]:
        """Return the outcomes of a model's reminders with their due times, in that order."""
        return self._all(_OF_MODEL, model=model)

    def erasures(self) -> dict[StreamId, int]:
        """Return the number of erasures in each model that has any."""
        return {StreamId(stream): times for stream, times in self._rows.all(_ERASURES)}

    def outcomes(self, keys: Sequence[ReminderKey]) -> list[Delivery]:
        """Return the outcomes of some reminders, if any."""
        return [row.delivery for key in keys for row in self._all(_FIND, key=key)]

    def waits_until(self, place: str, now: datetime) -> datetime | None:
        """Return the time until which nothing is sent to a place, because Slack postponed a reminder."""
        (until,) = self._rows.one(_WAITS_UNTIL, place=place, now=now)
        return parse_timestamp(until) if until else None

    def attempts(self, place: str | None = None) -> list[ReminderAttempt]:
        """Return the attempts with an unknown outcome: all, or those at one place."""
        return _attempts(self._all(_CLAIMED, place=place))

    def attempt(
        self,
        reminders: Sequence[Reminder],
        *,
        place: str,
        day: date,
        now: datetime,
        overtaken: Iterable[ReminderKey],
    ) -> ReminderAttempt | None:
        """Record an attempt to send reminders to a place in one message; None if all were sent.

        Until it is settled, a message may exist: nothing else is sent to the place before a search for it.
        """
        with self._exclusively():
            keys = [reminder.key for reminder in reminders]
            over = self._over([*keys, *overtaken])
            free = [reminder for reminder in reminders if reminder.key not in over]
            if not free or self.attempts(place):
                return None
            to, stream = free[0].to, place_stream(self._tenant, place, day)
            claimed = ReminderClaimed(
                at=now, to=to, keys=tuple(one.key for one in free), models=tuple(one.model for one in free)
            )
            version = self._record(stream, place, [claimed], due={one.key: one.due for one in free})
            passed = tuple(key for key in overtaken if key not in over)
            if passed:
                models = tuple(_model_of(key) for key in passed)
                skipped = ReminderSkipped(at=now, to=to, keys=passed, models=models, why=SkipReason.OVERTAKEN)
                self._record(stream, place, [skipped])
            return ReminderAttempt(
                stream=stream, version=version, to=to, place=place, keys=claimed.keys, models=claimed.models
            )

    def settle(self, attempt: ReminderAttempt, events: Sequence[DeliveryEvent]) -> bool:
        """Record the outcome of an attempt; False, without changes, if it was recorded already.

        The models of the attempt are then planned again.
        """
        with self._exclusively():
            status = {(one.stream, one.version) for one in self.attempts(attempt.place)}
            if (attempt.stream, attempt.version) not in status:
                return False
            self._record(attempt.stream, attempt.place, events)
            self._work.touch(*(plan_touch(self._tenant, model) for model in sorted(set(attempt.models))))
            return True

    def hold(self, reminders: Sequence[Reminder], *, place: str, day: date, now: datetime) -> None:
        """Record that reminders wait for working hours, unless that is recorded already."""
        if not (untold := self._untold(reminders)):
            return
        with self._exclusively():
            over = self._over([one.key for one in untold])
            events = [
                ReminderSkipped(
                    at=now,
                    to=one.to,
                    keys=(one.key,),
                    models=(one.model,),
                    why=SkipReason.QUIET_HOURS,
                    until=one.due,
                )
                for one in untold
                if one.key not in over
            ]
            if events:
                due = {one.key: one.due for one in untold}
                self._record(place_stream(self._tenant, place, day), place, events, due=due)

    def _untold(self, reminders: Sequence[Reminder]) -> list[Reminder]:
        recorded = {outcome.key: outcome.until for outcome in self.outcomes([one.key for one in reminders])}
        return [reminder for reminder in reminders if recorded.get(reminder.key) != reminder.due]

    def _over(self, keys: Sequence[ReminderKey]) -> set[ReminderKey]:
        return {outcome.key for outcome in self.outcomes(keys) if outcome.over}

    def _record(
        self,
        stream: StreamId,
        place: str,
        events: Sequence[DeliveryEvent],
        *,
        due: dict[ReminderKey, datetime] | None = None,
    ) -> int:
        """Append events and write the resulting rows; return the stream's new version."""
        state = self._store.state(stream)
        before = state.version if state else 0
        request = hashlib.sha256(msgspec.json.encode(events, order="deterministic")).digest()
        appended = self._store.append(
            self._tenant,
            stream,
            events,
            expected=before,
            key=CommandKey(f"reminders:{stream}:{before}"),
            request=request,
            summary=None,
        )
        earlier = {outcome.key: outcome for event in events for outcome in self.outcomes(event.keys)}
        placed = {"place": place, "stream": stream, "version": appended.version}
        self._rows.write_each(
            _KEEP,
            [
                {**asdict(one), "due": (due or {}).get(key, one.at), **placed}
                for key, one in deliveries_after(events, earlier).items()
            ],
        )
        return appended.version

    def _all(self, sql: str, **values: str | None) -> list[ReminderRow]:
        return [reminder_of(row) for row in self._rows.all(sql, **values)]

    def _exclusively(self) -> AbstractContextManager[None]:
        return self._store.exclusively(self._tenant)


def _attempts(rows: Iterable[ReminderRow]) -> list[ReminderAttempt]:
    together: dict[tuple[StreamId, int, str, PersonId], list[ReminderRow]] = {}
    for row in rows:
        together.setdefault((row.stream, row.version, row.place, row.delivery.to), []).append(row)
    return [
        ReminderAttempt(
            stream=stream,
            version=version,
            to=person,
            place=place,
            keys=tuple(reminder.delivery.key for reminder in reminders),
            models=tuple(reminder.delivery.model for reminder in reminders),
        )
        for (stream, version, place, person), reminders in together.items()
    ]


def _model_of(key: ReminderKey) -> ModelKey:
    return ModelKey(key.partition(":")[0])
