"""The rows that tell what became of each nudge and when to look at each model: queries, and their results."""

from datetime import datetime

import msgspec

from bot.store.records import StreamId
from bot.store.times import moment_of
from domain.deliveries import Delivery, DeliveryState, NudgeKey
from domain.elements import ModelKey, PersonId


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A model that it is time to look at, and how often it had been touched by then."""

    stream: StreamId
    touched: int


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """When nudges were planned, and the last event of the workspace that was recorded by then."""

    at: datetime
    sequence: int


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


class ToldNudge(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a nudge, and for when it had been due."""

    delivery: Delivery
    due: datetime


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """When nudges were last looked for, and how many seconds that took."""

    at: datetime
    seconds: float


def told_of(row: tuple[str, ...]) -> ToldNudge:
    """What a row of `FIELDS` tells, and for when it had been due."""
    return ToldNudge(delivery=delivery_of(row), due=moment_of(row[3]))


def delivery_of(row: tuple[str, ...]) -> Delivery:
    """What a row of `FIELDS` tells of a nudge."""
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


FIELDS = "key, model, person, due, state, reason, at, until, channel, ts"
CLAIM = "stream, version, place, person, key, model"
OF_MODEL = f"SELECT {FIELDS} FROM nudges WHERE tenant = ? AND model = ?"  # noqa: S608  (our own column names)
TOLD_OF = f"{OF_MODEL} ORDER BY due, key"
ROW = f"SELECT {FIELDS} FROM nudges WHERE tenant = ? AND key = ?"  # noqa: S608  (our own column names)
IN_MESSAGE = (
    f"SELECT {FIELDS} FROM nudges WHERE tenant = ? AND channel = ? AND ts = ? AND ts <> '' ORDER BY due, key"  # noqa: S608  (our own column names)
)
CLAIMED = f"""
    SELECT {CLAIM} FROM nudges INDEXED BY nudges_under_way
    WHERE tenant = ? AND state = 'claimed' ORDER BY place, due, key
"""  # noqa: S608  (our own column names)
CLAIMED_AT = (
    f"SELECT {CLAIM} FROM nudges WHERE tenant = ? AND place = ? AND state = 'claimed' ORDER BY due, key"  # noqa: S608  (our own column names)
)
# What was told later than the plan's moment was told before the clock went back: no reason to wait. Which of
# two came first in the record no clock says, for what is told gets its moment before it is recorded.
PUT_OFF = """
    SELECT 1 FROM nudges INDEXED BY nudges_waiting JOIN events USING (tenant, stream, version)
    WHERE tenant = ?1 AND place = ?2 AND state = 'held back'
    AND ((until > ?3 AND at <= ?3 AND reason <> 'quiet hours') OR sequence > ?4) LIMIT 1
"""
RECORDED = "SELECT ifnull(max(sequence), 0) FROM events WHERE tenant = ?"
ERASURES = "SELECT stream, erasures FROM streams WHERE tenant = ? AND erasures > 0 ORDER BY stream"
TOLD = """
    INSERT INTO nudges
        (tenant, key, model, person, place, state, reason, due, at, until, stream, version, channel, ts)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, key) DO UPDATE SET place = excluded.place, state = excluded.state,
        reason = excluded.reason, at = excluded.at, until = excluded.until, stream = excluded.stream,
        version = excluded.version, channel = excluded.channel, ts = excluded.ts
"""
TO_LOOK_AT = "SELECT stream, touched FROM streams WHERE tenant = ? AND look_at <= ? ORDER BY look_at, stream"
PUT_OFF_TOO_FAR = (
    "SELECT stream, touched FROM streams WHERE tenant = ? AND look_at > ? ORDER BY look_at, stream"
)
LOOKED = "UPDATE streams SET look_at = ? WHERE stream = ? AND touched = ?"
TOUCH = """
    UPDATE streams SET look_at = ?, touched = touched + 1 WHERE stream = ? AND name IS NOT NULL
"""
TICKED = "INSERT OR REPLACE INTO ticks (tenant, at, seconds) VALUES (?, ?, ?)"
TICK = "SELECT at, seconds FROM ticks WHERE tenant = ?"
