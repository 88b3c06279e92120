"""Deliveries: one row for each slot, such as the card of a model or a direct message."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from bot.store.records import StreamId
from bot.store.sql.rows import WorkspaceRows


class DeliveryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """State of one slot.

    `slot` is the kind and the subject of its work, `card/TM-7`; `sink` names how it is delivered. `stream` is
    the model that it shows, or empty if it may show any model. `place` is the channel or conversation,
    `thread` the first message of the thread.

    `attempt` is a random ID that is recorded before a post: with an `external_id` it is the ID of the current
    post; without one, an unrecorded post may exist. `external_id` is a message's timestamp, a file's ID or a
    canvas's ID. `shown` is a salted digest of the content, empty if the content is unknown, and `erasures` is
    the model's count of erasures when it was made. A `final` slot never changes. `parameters`
    are encoded and never contain text of users.
    """

    slot: str
    sink: str
    stream: StreamId = StreamId("")
    place: str = ""
    thread: str = ""
    external_id: str = ""
    attempt: str = ""
    shown: str = ""
    erasures: int = 0
    final: bool = False
    parameters: bytes = b""

    @property
    def kind(self) -> str:
        """The kind of work that keeps the slot up to date."""
        return self.slot.partition("/")[0]

    @property
    def subject(self) -> str:
        """The subject of that work."""
        return self.slot.partition("/")[2]

    @property
    def is_uncertain(self) -> bool:
        """Return whether a post was attempted and may exist without being recorded."""
        return bool(self.attempt) and not self.external_id and not self.final


_FIELDS = "slot, sink, stream, place, thread, external_id, attempt, shown, erasures, over, of"
_FIND = f"SELECT {_FIELDS} FROM deliveries WHERE tenant = ?1 AND slot = ?2"  # noqa: S608  (our own column names)


def _by(index: str, condition: str) -> str:
    """Return a query by an index: by default, SQLite reads every slot of the workspace in order."""
    return f"""
        SELECT {_FIELDS} FROM deliveries INDEXED BY {index}
        WHERE tenant = ?1 AND {condition} ORDER BY slot
    """  # noqa: S608  (our own names)


_OF_MODEL = _by("deliveries_of_model", "stream = ?2 AND (?3 = '' OR kind = ?3)")
_OF_KIND = _by("deliveries_of_kind", "kind = ?2")
_CHANGEABLE_KINDS = """
    SELECT DISTINCT kind FROM deliveries INDEXED BY deliveries_of_model
    WHERE tenant = ?1 AND stream IN (?2, '') AND over = 0
"""
_IN_PLACE = _by("deliveries_in_place", "place = ?2")
# A slot begins with its kind and a slash, which the digit 0 follows in order.
_OF_KIND_IN_PLACE = _by("deliveries_in_place", "place = ?2 AND slot >= ?3 || '/' AND slot < ?3 || '0'")
_BY_ATTEMPT = _by("deliveries_by_attempt", "attempt = ?2 AND attempt <> ''")
_INTO = f"""
    INTO deliveries (tenant, kind, {_FIELDS})
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
"""
_WANT = f"INSERT {_INTO} ON CONFLICT (tenant, slot) DO NOTHING"
_PUT = f"""
    INSERT {_INTO} ON CONFLICT (tenant, slot) DO UPDATE SET kind = excluded.kind, sink = excluded.sink,
        stream = excluded.stream, place = excluded.place, thread = excluded.thread,
        external_id = excluded.external_id, attempt = excluded.attempt, shown = excluded.shown,
        erasures = excluded.erasures, over = excluded.over, of = excluded.of
"""
_DESCRIBE = "UPDATE deliveries SET of = ?3, thread = ?4 WHERE tenant = ?1 AND slot = ?2"
_HELD = "tenant = ?1 AND slot = ?2 AND attempt = ?3 AND external_id = ?4"
_BEGIN = f"""
    UPDATE deliveries SET attempt = ?5, external_id = '', shown = '' WHERE {_HELD} AND over = 0
"""  # noqa: S608  (our own constant)
_SETTLE = f"""
    UPDATE deliveries SET attempt = ?5, external_id = ?6, shown = ?7, erasures = ?8, over = ?9,
        place = CASE place WHEN '' THEN ?10 ELSE place END
    WHERE {_HELD}
"""  # noqa: S608  (our own constant)
_DOUBT = "UPDATE deliveries SET shown = '' WHERE tenant = ?1 AND slot = ?2"
_DOUBT_MODEL = "UPDATE deliveries SET shown = '' WHERE tenant = ?1 AND stream IN (?2, '')"
_DROP = "DELETE FROM deliveries WHERE tenant = ?1 AND slot = ?2"
_DROP_KIND = "DELETE FROM deliveries WHERE tenant = ?1 AND kind = ?2"
_FOLLOW = "UPDATE deliveries SET place = ?3 WHERE tenant = ?1 AND place = ?2"


class Deliveries:
    """Slots of one workspace; raises StoreUnavailable like every store.

    Each change but `add_missing`, `begin` and `put` is conditional on the post: it is refused if another post
    was attempted since.
    """

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def find(self, slot: str) -> DeliveryRecord | None:
        """Return the record of a slot."""
        return self._one(_FIND, slot)

    def of_model(self, stream: StreamId, kind: str = "") -> list[DeliveryRecord]:
        """Return the slots of a model, by name: all, or those of one kind."""
        return [_record(row) for row in self._rows.all(_OF_MODEL, stream, kind)]

    def of_kind(self, kind: str) -> list[DeliveryRecord]:
        """Return every slot of a kind, by name."""
        return [_record(row) for row in self._rows.all(_OF_KIND, kind)]

    def in_place(self, place: str, kind: str = "") -> list[DeliveryRecord]:
        """Return the slots in a channel or conversation, by name: all, or those of one kind."""
        rows = self._rows.all(_OF_KIND_IN_PLACE, place, kind) if kind else self._rows.all(_IN_PLACE, place)
        return [_record(row) for row in rows]

    def changeable_kinds(self, stream: StreamId) -> frozenset[str]:
        """Return the kinds of the slots that a change of a model may change.

        These are the slots of the model, and those of no single model, such as Home tabs; final slots never
        change.
        """
        return frozenset(kind for (kind,) in self._rows.all(_CHANGEABLE_KINDS, stream))

    def by_attempt(self, attempt: str) -> DeliveryRecord | None:
        """Return the slot whose post has this attempt ID."""
        return self._one(_BY_ATTEMPT, attempt)

    def add_missing(self, *records: DeliveryRecord) -> list[DeliveryRecord]:
        """Add slots that do not exist; return those that were added."""
        if not records:
            return []
        with self._rows.together():
            return [one for one in records if self._rows.write(_WANT, *self._row(one))]

    def put(self, record: DeliveryRecord) -> None:
        """Write a slot, replacing an earlier record."""
        self._rows.write(_PUT, *self._row(record))

    def set_parameters(self, record: DeliveryRecord) -> bool:
        """Change the parameters of a slot and its thread; False if it does not exist."""
        return self._rows.write(_DESCRIBE, record.slot, record.parameters, record.thread) > 0

    def begin(self, before: DeliveryRecord, attempt: str) -> DeliveryRecord | None:
        """Record that a post may exist from now on; None if the slot has changed since `before`."""
        if not self._rows.write(_BEGIN, *_post(before), attempt):
            return None
        return replace(before, attempt=attempt, external_id="", shown="")

    def settle(self, attempted: DeliveryRecord, outcome: DeliveryRecord) -> bool:
        """Record the result of an attempt, or of an update; False where the slot holds another post by now.

        The post, its content and whether it is over is recorded. The place is recorded only where none was:
        a channel may get another id meanwhile.
        """
        result = (
            outcome.attempt,
            outcome.external_id,
            outcome.shown,
            outcome.erasures,
            outcome.final,
            outcome.place,
        )
        return self._rows.write(_SETTLE, *_post(attempted), *result) > 0

    def mark_unknown(self, *slots: str) -> None:
        """Record that the content of some slots is unknown."""
        self._rows.write_each(_DOUBT, [(one,) for one in slots])

    def mark_model_unknown(self, stream: StreamId) -> None:
        """Record that the content of every slot that may show a model is unknown.

        These are the slots of the model, and those of no single model, such as Home tabs.
        """
        self._rows.write(_DOUBT_MODEL, stream)

    def drop(self, *slots: str) -> None:
        """Delete slots that show nothing."""
        self._rows.write_each(_DROP, [(one,) for one in slots])

    def drop_kinds(self, kinds: Iterable[str]) -> None:
        """Delete every slot of some kinds, after their Slack workspace was deleted."""
        self._rows.write_each(_DROP_KIND, [(one,) for one in kinds])

    def change_channel_id(self, old: str, new: str) -> None:
        """Record that a channel has a new ID: the messages in it stay."""
        self._rows.write(_FOLLOW, old, new)

    def _one(self, sql: str, value: str) -> DeliveryRecord | None:
        row = self._rows.one(sql, value)
        return _record(row) if row else None

    def _row(self, one: DeliveryRecord) -> tuple[str | int | bytes, ...]:
        stream = self._rows.own(one.stream) if one.stream else ""
        where = (one.place, one.thread, one.external_id)
        return (
            one.kind, one.slot, one.sink, stream, *where,
            one.attempt, one.shown, one.erasures, one.final, one.parameters,
        )  # fmt: skip


def _post(one: DeliveryRecord) -> tuple[str, str, str]:
    """Return the parameters that identify a post and its slot."""
    return one.slot, one.attempt, one.external_id


def _record(row: tuple[str, str, str, str, str, str, str, str, int, int, bytes]) -> DeliveryRecord:
    slot, sink, stream, place, thread, external_id, attempt, shown, erasures, over, of = row
    return DeliveryRecord(
        slot=slot,
        sink=sink,
        stream=StreamId(stream),
        place=place,
        thread=thread,
        external_id=external_id,
        attempt=attempt,
        shown=shown,
        erasures=erasures,
        final=bool(over),
        parameters=of,
    )
