"""The rows of nudges in memory."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.memory.streams import Streams
from bot.store.nudge_rows import Look, NudgeRow, Planned, Tick
from bot.store.records import StreamId
from bot.store.times import AT_ONCE, stamp
from domain.deliveries import DeliveryState, NudgeKey, WhyNot
from domain.elements import ModelKey


class MemoryNudgeRows:
    """Nudge rows in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._kept = Streams(database, tenant)
        self._nudges = Table(database, tenant, "nudges", NudgeRow)
        self._ticks = Table(database, tenant, "ticks", Tick)

    def to_look_at(self, until: datetime) -> list[Look]:
        """Return the models whose next look is due by a moment, those that were touched first."""
        return [look for at, look in self._looks() if at <= stamp(until)]

    def to_look_at_after(self, moment: datetime) -> list[Look]:
        """Return the models whose next look comes after a moment."""
        return [look for at, look in self._looks() if at > stamp(moment)]

    def looked(self, look: Look, again: datetime | None) -> None:
        """Note when to look at a model again, unless it was touched since."""
        with self._database.writing():
            row = self._kept.streams.get(look.stream)
            if row is not None and row.touched == look.touched:
                self._kept.streams.put(replace(row, look_at=stamp(again) if again else None), look.stream)

    def touch(self, model: StreamId) -> None:
        """Have a model looked at immediately."""
        with self._database.writing():
            row = self._kept.streams.get(model)
            if row is not None and row.summary is not None:
                self._kept.streams.put(replace(row, look_at=AT_ONCE, touched=row.touched + 1), model)

    def recorded(self) -> int:
        """Return the sequence of the last event."""
        head = self._kept.heads.get()
        return head.sequence if head else 0

    def note_tick(self, tick: Tick) -> None:
        """Remember when nudges were looked for."""
        self._ticks.put(tick)

    def last_tick(self) -> Tick | None:
        """Return when nudges were last looked for."""
        return self._ticks.get()

    def erasures(self) -> dict[StreamId, int]:
        """Return how often something was erased in each stream in which something was."""
        return {row.stream: row.erasures for row in self._kept.streams.all() if row.erasures}

    def of_model(self, model: ModelKey) -> list[NudgeRow]:
        """Return the nudges of a model, the earliest first."""
        return [row for row in self._all() if row.delivery.model == model]

    def find(self, key: NudgeKey) -> NudgeRow | None:
        """Return one nudge, if anything became of it."""
        return self._nudges.get(key)

    def in_message(self, channel: str, ts: str) -> list[NudgeRow]:
        """Return the nudges that a message holds, the earliest first."""
        return [row for row in self._all() if ts and (row.delivery.channel, row.delivery.ts) == (channel, ts)]

    def claimed(self, place: str | None = None) -> list[NudgeRow]:
        """Return the nudges that are claimed, by place and the earliest first: all, or those of one place."""
        claimed = [row for row in self._all() if row.delivery.state is DeliveryState.CLAIMED]
        wanted = [row for row in claimed if place in (None, row.place)]
        return sorted(wanted, key=lambda row: row.place)

    def waits(self, place: str, planned: Planned) -> bool:
        """Whether a nudge to a place was put off by Slack when others were planned, or has been since."""
        for row in self._all():
            told = row.delivery
            if row.place != place or told.state is not DeliveryState.HELD_BACK:
                continue
            waited = told.until is not None and told.until > planned.at >= told.at
            event = self._kept.events.get(row.stream, row.version)
            since = event is not None and event.sequence > planned.sequence
            if since or (waited and told.reason != WhyNot.QUIET_HOURS.value):
                return True
        return False

    def keep(self, rows: Sequence[NudgeRow]) -> None:
        """Remember nudges as they are now; when one had been due first stays."""
        with self._database.writing():
            for row in rows:
                known = self._nudges.get(row.delivery.key)
                self._nudges.put(replace(row, due=known.due) if known else row, row.delivery.key)

    def _all(self) -> list[NudgeRow]:
        return sorted(self._nudges.all(), key=lambda row: (row.due, row.delivery.key))

    def _looks(self) -> list[tuple[str, Look]]:
        found = [
            (row.look_at, Look(stream=row.stream, touched=row.touched))
            for row in self._kept.streams.all()
            if row.look_at is not None
        ]
        return sorted(found, key=lambda one: (one[0], one[1].stream))
