"""The rows of nudges in a SQLite file."""

from collections.abc import Sequence
from datetime import datetime

from bot.store.nudge_rows import Look, NudgeRow, Planned, Tick
from bot.store.records import StreamId
from bot.store.sqlite_repositories.rows import WorkspaceRows
from bot.store.times import AT_ONCE, moment_of, stamp
from domain.deliveries import Delivery, DeliveryState, NudgeKey
from domain.elements import ModelKey, PersonId

_FIELDS = "key, model, person, due, state, reason, at, until, channel, ts, place, stream, version"
_ALL = f"SELECT {_FIELDS} FROM nudges WHERE tenant = ?1"  # noqa: S608  (our own column names)
_OF_MODEL = f"{_ALL} AND model = ?2 ORDER BY due, key"
_FIND = f"{_ALL} AND key = ?2"
_IN_MESSAGE = f"{_ALL} AND channel = ?2 AND ts = ?3 AND ts <> '' ORDER BY due, key"
_CLAIMED = f"""
    SELECT {_FIELDS} FROM nudges INDEXED BY nudges_under_way
    WHERE tenant = ?1 AND state = 'claimed' ORDER BY place, due, key
"""  # noqa: S608  (our own column names)
_CLAIMED_AT = f"{_ALL} AND place = ?2 AND state = 'claimed' ORDER BY due, key"
# What was told later than the plan's moment was told before the clock went back: no reason to wait. Which of
# two came first in the record no clock says, for what is told gets its moment before it is recorded.
_WAITS = """
    SELECT 1 FROM nudges INDEXED BY nudges_waiting JOIN events USING (tenant, stream, version)
    WHERE tenant = ?1 AND place = ?2 AND state = 'held back'
    AND ((until > ?3 AND at <= ?3 AND reason <> 'quiet hours') OR sequence > ?4) LIMIT 1
"""
_RECORDED = "SELECT ifnull(max(sequence), 0) FROM events WHERE tenant = ?1"
_ERASURES = "SELECT stream, erasures FROM streams WHERE tenant = ?1 AND erasures > 0 ORDER BY stream"
_KEEP = """
    INSERT INTO nudges
        (tenant, key, model, person, due, state, reason, at, until, channel, ts, place, stream, version)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    ON CONFLICT (tenant, key) DO UPDATE SET place = excluded.place, state = excluded.state,
        reason = excluded.reason, at = excluded.at, until = excluded.until, stream = excluded.stream,
        version = excluded.version, channel = excluded.channel, ts = excluded.ts
"""
_TO_LOOK_AT = """
    SELECT stream, touched FROM streams WHERE tenant = ?1 AND look_at <= ?2 ORDER BY look_at, stream
"""
_TO_LOOK_AT_AFTER = """
    SELECT stream, touched FROM streams WHERE tenant = ?1 AND look_at > ?2 ORDER BY look_at, stream
"""
_LOOKED = "UPDATE streams SET look_at = ?4 WHERE tenant = ?1 AND stream = ?2 AND touched = ?3"
_TOUCH = """
    UPDATE streams SET look_at = ?3, touched = touched + 1
    WHERE tenant = ?1 AND stream = ?2 AND name IS NOT NULL
"""
_NOTE_TICK = "INSERT OR REPLACE INTO ticks (tenant, at, seconds) VALUES (?1, ?2, ?3)"
_LAST_TICK = "SELECT at, seconds FROM ticks WHERE tenant = ?1"


class SqliteNudgeRows:
    """Nudge rows in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def to_look_at(self, until: datetime) -> list[Look]:
        """Return the models whose next look is due by a moment, those that were touched first."""
        return _looks(self._rows.all(_TO_LOOK_AT, stamp(until)))

    def to_look_at_after(self, moment: datetime) -> list[Look]:
        """Return the models whose next look comes after a moment."""
        return _looks(self._rows.all(_TO_LOOK_AT_AFTER, stamp(moment)))

    def looked(self, look: Look, again: datetime | None) -> None:
        """Note when to look at a model again, unless it was touched since."""
        self._rows.write(_LOOKED, look.stream, look.touched, again and stamp(again))

    def touch(self, model: StreamId) -> None:
        """Have a model looked at immediately."""
        self._rows.write(_TOUCH, model, AT_ONCE)

    def recorded(self) -> int:
        """Return the sequence of the last event."""
        (sequence,) = self._rows.one(_RECORDED)
        return sequence

    def note_tick(self, tick: Tick) -> None:
        """Remember when nudges were looked for."""
        self._rows.write(_NOTE_TICK, stamp(tick.at), tick.seconds)

    def last_tick(self) -> Tick | None:
        """Return when nudges were last looked for."""
        row = self._rows.one(_LAST_TICK)
        return Tick(at=moment_of(row[0]), seconds=row[1]) if row else None

    def erasures(self) -> dict[StreamId, int]:
        """Return how often something was erased in each stream in which something was."""
        return {StreamId(stream): times for stream, times in self._rows.all(_ERASURES)}

    def of_model(self, model: ModelKey) -> list[NudgeRow]:
        """Return the nudges of a model, the earliest first."""
        return [_nudge(row) for row in self._rows.all(_OF_MODEL, model)]

    def find(self, key: NudgeKey) -> NudgeRow | None:
        """Return one nudge, if anything became of it."""
        row = self._rows.one(_FIND, key)
        return _nudge(row) if row else None

    def in_message(self, channel: str, ts: str) -> list[NudgeRow]:
        """Return the nudges that a message holds, the earliest first."""
        return [_nudge(row) for row in self._rows.all(_IN_MESSAGE, channel, ts)]

    def claimed(self, place: str | None = None) -> list[NudgeRow]:
        """Return the nudges that are claimed, by place and the earliest first: all, or those of one place."""
        rows = self._rows.all(_CLAIMED) if place is None else self._rows.all(_CLAIMED_AT, place)
        return [_nudge(row) for row in rows]

    def waits(self, place: str, planned: Planned) -> bool:
        """Whether a nudge to a place was put off by Slack when others were planned, or has been since."""
        return self._rows.one(_WAITS, place, stamp(planned.at), planned.sequence) is not None

    def keep(self, rows: Sequence[NudgeRow]) -> None:
        """Remember nudges as they are now; when one had been due first stays."""
        self._rows.write_each(_KEEP, (_row(one) for one in rows))


def _looks(rows: list[tuple[str, int]]) -> list[Look]:
    return [Look(stream=StreamId(stream), touched=touched) for stream, touched in rows]


def _row(one: NudgeRow) -> tuple[str | int | None, ...]:
    told = one.delivery
    when = (stamp(told.at), told.until and stamp(told.until))
    became = (told.state, told.reason, *when, told.channel, told.ts)
    return (told.key, told.model, told.to, stamp(one.due), *became, one.place, one.stream, one.version)


def _nudge(row: tuple[str, str, str, str, str, str, str, str | None, str, str, str, str, int]) -> NudgeRow:
    key, model, person, due, state, reason, at, until, channel, ts, place, stream, version = row
    return NudgeRow(
        delivery=Delivery(
            key=NudgeKey(key),
            model=ModelKey(model),
            to=PersonId(person),
            state=DeliveryState(state),
            reason=reason,
            at=moment_of(at),
            until=moment_of(until) if until else None,
            channel=channel,
            ts=ts,
        ),
        due=moment_of(due),
        place=place,
        stream=StreamId(stream),
        version=version,
    )
