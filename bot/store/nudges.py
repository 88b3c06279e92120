"""What became of each nudge: events of one place's day, and one row per nudge in the same transaction."""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

import msgspec

from bot.store.nudge_rows import Claim, Look, NudgeRow, NudgeRows, Planned, Tick, ToldNudge
from bot.store.protocol import EventStore
from bot.store.records import CommandKey, StreamId, of_model, of_place
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

    def __init__(self, store: EventStore, rows: NudgeRows, tenant: str) -> None:
        self._store = store
        self._rows = rows
        self._tenant = tenant

    # What it is time to look at

    def to_look_at(self, now: datetime) -> list[Look]:
        """The models that may have something due, those first of which something was said.

        Also those that were looked at while the clock was ahead, whose next look would come too late.
        """
        return [*self._rows.to_look_at(now), *self._rows.to_look_at_after(now + LATEST)]

    def recorded(self) -> int:
        """The sequence of the last event; to be asked before what a plan is made of."""
        return self._rows.recorded()

    def looked(self, look: Look, again: datetime | None) -> None:
        """Note when to look at a model again (None: when something is said), unless it was touched since."""
        self._rows.looked(look, again)

    def note_tick(self, tick: Tick) -> None:
        """Remember that nudges were looked for."""
        self._rows.note_tick(tick)

    def last_tick(self) -> Tick | None:
        """When nudges were last looked for by any process, to the minute."""
        return self._rows.last_tick()

    # What became of nudges

    def of(self, model: ModelKey) -> dict[NudgeKey, Delivery]:
        """What became of the nudges of a model."""
        found = [row.delivery for row in self._rows.of_model(model)]
        return {one.key: one for one in found}

    def in_message(self, channel: str, ts: str) -> list[ToldNudge]:
        """The nudges that a message holds, in the order in which it shows them."""
        return [_told(row) for row in self._rows.in_message(channel, ts)]

    def told(self, model: ModelKey) -> list[ToldNudge]:
        """What became of the nudges of a model, and for when each had been due; the earliest first."""
        return [_told(row) for row in self._rows.of_model(model)]

    def erasures(self) -> dict[StreamId, int]:
        """How often something was erased in each model in which something was."""
        return self._rows.erasures()

    def became(self, keys: Sequence[NudgeKey]) -> list[Delivery]:
        """What became of some nudges, as far as anything did."""
        return [row.delivery for key in keys if (row := self._rows.find(key)) is not None]

    def claims(self) -> list[Claim]:
        """Every claim that is not settled, whoever wrote it."""
        return _claims(self._rows.claimed())

    def is_held(self, claim: Claim) -> bool:
        """Whether a claim stands as it was written: not settled, not taken over."""
        standing = _claims(self._rows.claimed(claim.place))
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
        return bool(self._rows.claimed(place)) or self._rows.waits(place, planned)

    def _untold(self, nudges: Sequence[Nudge]) -> list[Nudge]:
        told = {one.key: one.until for one in self.became([one.key for one in nudges])}
        return [one for one in nudges if told.get(one.key) != one.due]

    def _over(self, keys: Sequence[NudgeKey]) -> set[NudgeKey]:
        return {one.key for one in self.became(keys) if one.over}

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
        self._rows.keep(
            [
                NudgeRow(
                    delivery=one,
                    due=(due or {}).get(key, one.at),
                    place=place,
                    stream=stream,
                    version=appended.version,
                )
                for key, one in deliveries_after(events, known).items()
            ]
        )
        return appended.version

    def _touch(self, models: Iterable[ModelKey]) -> None:
        for model in sorted(set(models)):
            self._rows.touch(of_model(self._tenant, model))

    def _exclusively(self) -> AbstractContextManager[None]:
        return self._store.exclusively(self._tenant)


def _told(row: NudgeRow) -> ToldNudge:
    return ToldNudge(delivery=row.delivery, due=row.due)


def _claims(rows: Iterable[NudgeRow]) -> list[Claim]:
    together: dict[tuple[StreamId, int, str, PersonId], list[NudgeRow]] = {}
    for row in rows:
        together.setdefault((row.stream, row.version, row.place, row.delivery.to), []).append(row)
    return [
        Claim(
            stream=stream,
            version=version,
            to=person,
            place=place,
            keys=tuple(one.delivery.key for one in nudges),
            models=tuple(one.delivery.model for one in nudges),
        )
        for (stream, version, place, person), nudges in together.items()
    ]


def _model_of(key: NudgeKey) -> ModelKey:
    return ModelKey(key.partition(":")[0])
