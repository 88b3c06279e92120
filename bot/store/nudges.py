"""What became of each nudge: events of one place's day, and one row per nudge in the same transaction."""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime

import msgspec

from bot.store.connections import Connections
from bot.store.protocol import EventStore
from bot.store.records import CommandKey, StreamId, of_model, of_place
from bot.store.times import AT_ONCE, moment_of, stamp
from domain.deliveries import (
    THREAD,
    Delivery,
    DeliveryEvent,
    DeliveryState,
    NudgeClaimed,
    NudgeKey,
    NudgeSkipped,
    WhyNot,
    deliveries_after,
)
from domain.elements import ModelKey, PersonId
from domain.reminders import Nudge


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A model that it is time to look at, and how often it had been touched by then."""

    stream: StreamId
    touched: int


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Some nudges to one place that one process is about to send, or was when it died.

    It is told by the event of `version` in `stream`; `models` has the key of each nudge's model.
    """

    stream: StreamId
    version: int
    to: PersonId
    place: str
    keys: tuple[NudgeKey, ...]
    models: tuple[ModelKey, ...]


class SentNudge(msgspec.Struct, frozen=True, kw_only=True):
    """A nudge in a message, and for when it had been due."""

    delivery: Delivery
    due: datetime


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """When nudges were last looked for, and how many seconds that took."""

    at: datetime
    seconds: float


def place_of(to: PersonId, model: ModelKey) -> str:
    """Where a nudge is sent: to a person, or into the thread of a model."""
    return f"{THREAD}/{model}" if to == THREAD else to


class NudgeStore:
    """The nudges of one workspace; every method raises StoreUnavailable when the database cannot be used.

    A nudge is sent by whoever wrote its claim; of two that try, one finds the other's row. Nothing here
    looks at a clock: how long a claim has been standing is for its watchers to say.
    """

    def __init__(self, store: EventStore, database: Connections, tenant: str) -> None:
        self._store = store
        self._database = database
        self._tenant = tenant

    # What it is time to look at

    def to_look_at(self, now: datetime) -> list[Look]:
        """The models that may have something due, those first of which something was said."""
        rows = self._all(_TO_LOOK_AT, stamp(now))
        return [Look(stream=StreamId(stream), touched=int(touched)) for stream, touched in rows]

    def looked(self, look: Look, again: datetime | None) -> None:
        """Note when to look at a model again (None: when something is said), unless it was touched since."""
        with self._database.writing() as connection:
            connection.execute(_LOOKED, (again and stamp(again), look.stream, look.touched))

    def note_tick(self, tick: Tick) -> None:
        """Remember that nudges were looked for."""
        with self._database.writing() as connection:
            connection.execute(_TICKED, (self._tenant, stamp(tick.at), tick.seconds))

    def last_tick(self) -> Tick | None:
        """When nudges were last looked for by any process, to the minute."""
        for at, seconds in self._all(_TICK):
            return Tick(at=moment_of(at), seconds=float(seconds))
        return None

    # What became of nudges

    def of(self, model: ModelKey) -> dict[NudgeKey, Delivery]:
        """What became of the nudges of a model."""
        found = [_delivery(row) for row in self._all(_OF_MODEL, model)]
        return {one.key: one for one in found}

    def in_message(self, channel: str, ts: str) -> list[SentNudge]:
        """The nudges that a message holds, in the order in which it shows them."""
        rows = self._all(_IN_MESSAGE, channel, ts)
        return [SentNudge(delivery=_delivery(row), due=moment_of(row[3])) for row in rows]

    def claims(self) -> list[Claim]:
        """Every claim that is not settled, whoever wrote it."""
        return self._claims(self._all(_CLAIMED))

    def is_held(self, claim: Claim) -> bool:
        """Whether a claim stands as it was written: not settled, not taken over."""
        standing = self._claims(self._all(_CLAIMED_AT, claim.place))
        return (claim.stream, claim.version) in {(one.stream, one.version) for one in standing}

    def claim(
        self, nudges: Sequence[Nudge], *, place: str, day: date, now: datetime, overtaken: Iterable[NudgeKey]
    ) -> Claim | None:
        """Claim nudges that go to one place in one message, as far as nobody has; None where that is none.

        While another message to the place is under way, or waits for Slack, nothing is claimed, so that none
        overtakes it.
        """
        if self._is_taken(place, now):
            return None
        with self._exclusively():
            if self._is_taken(place, now):
                return None
            keys = [one.key for one in nudges]
            over = self._over([*keys, *overtaken])
            free = [one for one in nudges if one.key not in over]
            if not free:
                return None
            to, stream = free[0].to, of_place(self._tenant, place, day)
            claimed = NudgeClaimed(
                at=now, to=to, keys=tuple(one.key for one in free), models=tuple(one.model for one in free)
            )
            version = self._tell(stream, place, [claimed], due={one.key: one.due for one in free})
            passed = tuple(key for key in overtaken if key not in over)
            if passed:
                models = tuple(_model_of(key) for key in passed)
                skipped = NudgeSkipped(at=now, to=to, keys=passed, models=models, why=WhyNot.OVERTAKEN)
                self._tell(stream, place, [skipped])
            return Claim(
                stream=stream, version=version, to=to, place=place, keys=claimed.keys, models=claimed.models
            )

    def take_over(self, claim: Claim, now: datetime) -> Claim | None:
        """Make another's claim one's own; None where it is settled, or somebody else has done so."""
        with self._exclusively():
            if not self.is_held(claim):
                return None
            again = NudgeClaimed(at=now, to=claim.to, keys=claim.keys, models=claim.models)
            version = self._tell(claim.stream, claim.place, [again])
            return msgspec.structs.replace(claim, version=version)

    def settle(self, claim: Claim, events: Sequence[DeliveryEvent]) -> bool:
        """Tell what became of the nudges of a claim; False where it is not held: then nothing is told."""
        with self._exclusively():
            if not self.is_held(claim):
                return False
            self._tell(claim.stream, claim.place, events)
            self._touch(claim.models)
            return True

    def hold(self, nudges: Sequence[Nudge], *, place: str, day: date, now: datetime) -> None:
        """Tell of nudges that wait for working hours, as far as that was not told before."""
        if not (untold := self._untold(nudges)):
            return
        with self._exclusively():
            over = self._over([one.key for one in untold])
            events = [
                NudgeSkipped(
                    at=now,
                    to=one.to,
                    keys=(one.key,),
                    models=(one.model,),
                    why=WhyNot.QUIET_HOURS,
                    until=one.due,
                )
                for one in untold
                if one.key not in over
            ]
            if events:
                due = {one.key: one.due for one in untold}
                self._tell(of_place(self._tenant, place, day), place, events, due=due)

    def _is_taken(self, place: str, now: datetime) -> bool:
        # What was told later than now was told before the clock went back, and is no reason to wait.
        moment = stamp(now)
        return bool(self._all(_CLAIMED_AT, place) or self._all(_WAITS, place, moment, moment))

    def _untold(self, nudges: Sequence[Nudge]) -> list[Nudge]:
        told = {one.key: one.until for one in self._known([one.key for one in nudges])}
        return [one for one in nudges if told.get(one.key) != one.due]

    def _over(self, keys: Sequence[NudgeKey]) -> set[NudgeKey]:
        return {one.key for one in self._known(keys) if one.over}

    def _known(self, keys: Sequence[NudgeKey]) -> list[Delivery]:
        return [_delivery(row) for key in keys for row in self._all(_ROW, key)]

    def _claims(self, rows: Iterable[tuple[str, ...]]) -> list[Claim]:
        together: dict[tuple[str, str, str, str], list[tuple[str, str]]] = {}
        for stream, version, place, person, key, model in rows:
            together.setdefault((stream, version, place, person), []).append((key, model))
        return [
            Claim(
                stream=StreamId(stream),
                version=int(version),
                to=PersonId(person),
                place=place,
                keys=tuple(NudgeKey(key) for key, _ in nudges),
                models=tuple(ModelKey(model) for _, model in nudges),
            )
            for (stream, version, place, person), nudges in together.items()
        ]

    def _tell(
        self,
        stream: StreamId,
        place: str,
        events: Sequence[DeliveryEvent],
        *,
        due: dict[NudgeKey, datetime] | None = None,
    ) -> int:
        """Append events and write the rows that they make true; gives the stream's version after that."""
        state = self._store.state(stream)
        before = state.version if state else 0
        request = hashlib.sha256(msgspec.json.encode(events, order="deterministic")).digest()
        appended = self._store.append(
            self._tenant,
            stream,
            events,
            expected=before,
            key=CommandKey(f"nudges:{stream}:{before}"),
            request=request,
            summary=None,
        )
        known = {one.key: one for event in events for one in self._known(event.keys)}
        with self._database.writing() as connection:
            for key, one in deliveries_after(events, known).items():
                told = (self._tenant, key, one.model, one.to, place, one.state, one.reason)
                when = (stamp((due or {}).get(key, one.at)), stamp(one.at), one.until and stamp(one.until))
                connection.execute(_TOLD, (*told, *when, stream, appended.version, one.channel, one.ts))
        return appended.version

    def _touch(self, models: Iterable[ModelKey]) -> None:
        with self._database.writing() as connection:
            for model in sorted(set(models)):
                connection.execute(_TOUCH, (AT_ONCE, of_model(self._tenant, model)))

    def _exclusively(self) -> AbstractContextManager[None]:
        return self._store.exclusively(self._tenant)

    def _all(self, sql: str, *values: str) -> list[tuple[str, ...]]:
        with self._database.explained():
            return self._database.here().execute(sql, (self._tenant, *values)).fetchall()


def forget_nudges(connection: sqlite3.Connection, stream: StreamId) -> None:
    """Forget what was sent about a model that is erased; what was told of it names only ids."""
    tenant, _, model = stream.partition("/")
    connection.execute("DELETE FROM nudges WHERE tenant = ? AND model = ?", (tenant, model))


def _model_of(key: NudgeKey) -> ModelKey:
    return ModelKey(key.partition(":")[0])


def _delivery(row: tuple[str, ...]) -> Delivery:
    key, model, person, _, state, reason, at, until, channel, ts = row
    return Delivery(
        key=NudgeKey(key),
        model=ModelKey(model),
        to=PersonId(person),
        state=DeliveryState(state),
        reason=reason,
        at=moment_of(at),
        until=moment_of(until) if until else None,
        channel=channel,
        ts=ts,
    )


_FIELDS = "key, model, person, due, state, reason, at, until, channel, ts"
_CLAIM = "stream, version, place, person, key, model"
_OF_MODEL = f"SELECT {_FIELDS} FROM nudges WHERE tenant = ? AND model = ?"  # noqa: S608  (our own column names)
_ROW = f"SELECT {_FIELDS} FROM nudges WHERE tenant = ? AND key = ?"  # noqa: S608  (our own column names)
_IN_MESSAGE = (
    f"SELECT {_FIELDS} FROM nudges WHERE tenant = ? AND channel = ? AND ts = ? AND ts <> '' ORDER BY due, key"  # noqa: S608  (our own column names)
)
_CLAIMED = f"""
    SELECT {_CLAIM} FROM nudges INDEXED BY nudges_under_way
    WHERE tenant = ? AND state = 'claimed' ORDER BY place, due, key
"""  # noqa: S608  (our own column names)
_CLAIMED_AT = (
    f"SELECT {_CLAIM} FROM nudges WHERE tenant = ? AND place = ? AND state = 'claimed' ORDER BY due, key"  # noqa: S608  (our own column names)
)
_WAITS = """
    SELECT 1 FROM nudges WHERE tenant = ? AND place = ? AND state = 'held back' AND reason <> 'quiet hours'
    AND until > ? AND at <= ? LIMIT 1
"""
_TOLD = """
    INSERT INTO nudges
        (tenant, key, model, person, place, state, reason, due, at, until, stream, version, channel, ts)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, key) DO UPDATE SET place = excluded.place, state = excluded.state,
        reason = excluded.reason, at = excluded.at, until = excluded.until, stream = excluded.stream,
        version = excluded.version, channel = excluded.channel, ts = excluded.ts
"""
_TO_LOOK_AT = "SELECT stream, touched FROM streams WHERE tenant = ? AND look_at <= ? ORDER BY look_at, stream"
_LOOKED = "UPDATE streams SET look_at = ? WHERE stream = ? AND touched = ?"
_TOUCH = """
    UPDATE streams SET look_at = ?, touched = touched + 1 WHERE stream = ? AND name IS NOT NULL
"""
_TICKED = "INSERT OR REPLACE INTO ticks (tenant, at, seconds) VALUES (?, ?, ?)"
_TICK = "SELECT at, seconds FROM ticks WHERE tenant = ?"
