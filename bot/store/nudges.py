"""What became of each nudge: events of one place's day, and one row per nudge in the same transaction."""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

import msgspec

from bot.store import nudge_rows
from bot.store.connections import Connections
from bot.store.nudge_rows import Claim, Look, Planned, Tick, ToldNudge, delivery_of, told_of
from bot.store.protocol import EventStore
from bot.store.records import CommandKey, StreamId, of_model, of_place
from bot.store.times import AT_ONCE, moment_of, stamp
from domain.deliveries import (
    THREAD,
    Delivery,
    DeliveryEvent,
    NudgeClaimed,
    NudgeKey,
    NudgeSkipped,
    WhyNot,
    deliveries_after,
)
from domain.elements import ModelKey, PersonId
from domain.reminders import Nudge


def place_of(to: PersonId, model: ModelKey) -> str:
    """Where a nudge is sent: to a person, or into the thread of a model."""
    return f"{THREAD}/{model}" if to == THREAD else to


LATEST = timedelta(days=1, hours=1)
"""No look is put off for longer than a day; another replica's clock may be ahead."""


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
        """The models that may have something due, those first of which something was said.

        Also those that were looked at while the clock was ahead, whose next look would come too late.
        """
        rows = self._all(nudge_rows.TO_LOOK_AT, stamp(now))
        rows += self._all(nudge_rows.PUT_OFF_TOO_FAR, stamp(now + LATEST))
        return [Look(stream=StreamId(stream), touched=int(touched)) for stream, touched in rows]

    def recorded(self) -> int:
        """The sequence of the last event; to be asked before what a plan is made of."""
        (sequence,) = self._all(nudge_rows.RECORDED)[0]
        return int(sequence)

    def looked(self, look: Look, again: datetime | None) -> None:
        """Note when to look at a model again (None: when something is said), unless it was touched since."""
        with self._database.writing() as connection:
            connection.execute(nudge_rows.LOOKED, (again and stamp(again), look.stream, look.touched))

    def note_tick(self, tick: Tick) -> None:
        """Remember that nudges were looked for."""
        with self._database.writing() as connection:
            connection.execute(nudge_rows.TICKED, (self._tenant, stamp(tick.at), tick.seconds))

    def last_tick(self) -> Tick | None:
        """When nudges were last looked for by any process, to the minute."""
        for at, seconds in self._all(nudge_rows.TICK):
            return Tick(at=moment_of(at), seconds=float(seconds))
        return None

    # What became of nudges

    def of(self, model: ModelKey) -> dict[NudgeKey, Delivery]:
        """What became of the nudges of a model."""
        found = [delivery_of(row) for row in self._all(nudge_rows.OF_MODEL, model)]
        return {one.key: one for one in found}

    def in_message(self, channel: str, ts: str) -> list[ToldNudge]:
        """The nudges that a message holds, in the order in which it shows them."""
        return [told_of(row) for row in self._all(nudge_rows.IN_MESSAGE, channel, ts)]

    def told(self, model: ModelKey) -> list[ToldNudge]:
        """What became of the nudges of a model, and for when each had been due; the earliest first."""
        return [told_of(row) for row in self._all(nudge_rows.TOLD_OF, model)]

    def erasures(self) -> dict[StreamId, int]:
        """How often something was erased in each model in which something was."""
        return {StreamId(stream): int(times) for stream, times in self._all(nudge_rows.ERASURES)}

    def became(self, keys: Sequence[NudgeKey]) -> list[Delivery]:
        """What became of some nudges, as far as anything did."""
        return [delivery_of(row) for key in keys for row in self._all(nudge_rows.ROW, key)]

    def claims(self) -> list[Claim]:
        """Every claim that is not settled, whoever wrote it."""
        return self._claims(self._all(nudge_rows.CLAIMED))

    def is_held(self, claim: Claim) -> bool:
        """Whether a claim stands as it was written: not settled, not taken over."""
        standing = self._claims(self._all(nudge_rows.CLAIMED_AT, claim.place))
        return (claim.stream, claim.version) in {(one.stream, one.version) for one in standing}

    def claim(
        self,
        nudges: Sequence[Nudge],
        *,
        place: str,
        day: date,
        planned: Planned,
        now: datetime,
        overtaken: Iterable[NudgeKey],
    ) -> Claim | None:
        """Claim nudges that go to one place in one message, as far as nobody has; None where that is none.

        While another message to the place is under way nothing is claimed, so that none overtakes it; nor
        where one waited for Slack when these were `planned`, or was put off since: it comes first.
        """
        if self._is_taken(place, planned):
            return None
        with self._exclusively():
            if self._is_taken(place, planned):
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

    def _is_taken(self, place: str, planned: Planned) -> bool:
        return bool(
            self._all(nudge_rows.CLAIMED_AT, place)
            or self._all(nudge_rows.PUT_OFF, place, stamp(planned.at), planned.sequence)
        )

    def _untold(self, nudges: Sequence[Nudge]) -> list[Nudge]:
        told = {one.key: one.until for one in self.became([one.key for one in nudges])}
        return [one for one in nudges if told.get(one.key) != one.due]

    def _over(self, keys: Sequence[NudgeKey]) -> set[NudgeKey]:
        return {one.key for one in self.became(keys) if one.over}

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
        known = {one.key: one for event in events for one in self.became(event.keys)}
        with self._database.writing() as connection:
            for key, one in deliveries_after(events, known).items():
                told = (self._tenant, key, one.model, one.to, place, one.state, one.reason)
                when = (stamp((due or {}).get(key, one.at)), stamp(one.at), one.until and stamp(one.until))
                connection.execute(
                    nudge_rows.TOLD, (*told, *when, stream, appended.version, one.channel, one.ts)
                )
        return appended.version

    def _touch(self, models: Iterable[ModelKey]) -> None:
        with self._database.writing() as connection:
            for model in sorted(set(models)):
                connection.execute(nudge_rows.TOUCH, (AT_ONCE, of_model(self._tenant, model)))

    def _exclusively(self) -> AbstractContextManager[None]:
        return self._store.exclusively(self._tenant)

    def _all(self, sql: str, *values: str | int) -> list[tuple[str, ...]]:
        with self._database.explained():
            return self._database.here().execute(sql, (self._tenant, *values)).fetchall()


def _model_of(key: NudgeKey) -> ModelKey:
    return ModelKey(key.partition(":")[0])
