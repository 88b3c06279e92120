"""Deliveries: one row for each slot, such as the card of a model or a direct message."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from bot.store.records import StreamId
from bot.store.sql.rows import Repository, Table


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


DELIVERIES = Table("deliveries", DeliveryRecord, "slot", more=("kind",))


def _by(index: str, condition: str) -> str:
    """Return a query by an index: by default, SQLite reads every slot of the workspace in order."""
    return f"""
        SELECT {DELIVERIES.fields} FROM deliveries INDEXED BY {index}
        WHERE tenant = :tenant AND {condition} ORDER BY slot
    """  # noqa: S608  (our own names)


_OF_MODEL = _by("deliveries_of_model", "stream = :stream AND (:kind = '' OR kind = :kind)")
_OF_KIND = _by("deliveries_of_kind", "kind = :kind")
_CHANGEABLE_KINDS = """
    SELECT DISTINCT kind FROM deliveries INDEXED BY deliveries_of_model
    WHERE tenant = :tenant AND stream IN (:stream, '') AND final = 0
"""
_IN_PLACE = _by("deliveries_in_place", "place = :place")
# A slot begins with its kind and a slash, which the digit 0 follows in order.
_OF_KIND_IN_PLACE = _by(
    "deliveries_in_place", "place = :place AND slot >= :kind || '/' AND slot < :kind || '0'"
)
_BY_ATTEMPT = _by("deliveries_by_attempt", "attempt = :attempt AND attempt <> ''")
_SETTLE = """
    UPDATE deliveries SET attempt = :attempt, external_id = :external_id, shown = :shown,
        erasures = :erasures, final = :final, place = CASE place WHEN '' THEN :place ELSE place END
    WHERE tenant = :tenant AND slot = :slot AND attempt = :held_attempt AND external_id = :held_external_id
"""
_DOUBT = "UPDATE deliveries SET shown = '' WHERE tenant = :tenant AND slot = :slot"
_DROP = "DELETE FROM deliveries WHERE tenant = :tenant AND slot = :slot"
_DROP_KIND = "DELETE FROM deliveries WHERE tenant = :tenant AND kind = :kind"


class Deliveries(Repository):
    """Slots of one workspace.

    Each change but `add_missing`, `begin` and `put` is conditional on the post: it is refused if another post
    was attempted since.
    """

    def find(self, slot: str) -> DeliveryRecord | None:
        """Return the record of a slot."""
        return self._rows.find(DELIVERIES, slot=slot)

    def of_model(self, stream: StreamId, kind: str = "") -> list[DeliveryRecord]:
        """Return the slots of a model, by name: all, or those of one kind."""
        return self._all(_OF_MODEL, stream=stream, kind=kind)

    def of_kind(self, kind: str) -> list[DeliveryRecord]:
        """Return every slot of a kind, by name."""
        return self._all(_OF_KIND, kind=kind)

    def in_place(self, place: str, kind: str = "") -> list[DeliveryRecord]:
        """Return the slots in a channel or conversation, by name: all, or those of one kind."""
        if not kind:
            return self._all(_IN_PLACE, place=place)
        return self._all(_OF_KIND_IN_PLACE, place=place, kind=kind)

    def changeable_kinds(self, stream: StreamId) -> frozenset[str]:
        """Return the kinds of the slots that a change of a model may change.

        These are the slots of the model, and those of no single model, such as Home tabs; final slots never
        change.
        """
        return frozenset(kind for (kind,) in self._rows.all(_CHANGEABLE_KINDS, stream=stream))

    def by_attempt(self, attempt: str) -> DeliveryRecord | None:
        """Return the slot whose post has this attempt ID."""
        return next(iter(self._all(_BY_ATTEMPT, attempt=attempt)), None)

    def add_missing(self, *records: DeliveryRecord) -> list[DeliveryRecord]:
        """Add slots that do not exist; return those that were added."""
        if not records:
            return []
        with self._rows.together():
            return [
                record
                for record in records
                if self._rows.add_missing(DELIVERIES, self._own(record), kind=record.kind)
            ]

    def put(self, record: DeliveryRecord) -> None:
        """Write a slot, replacing an earlier record."""
        self._rows.put(DELIVERIES, self._own(record), kind=record.kind)

    def set_parameters(self, record: DeliveryRecord) -> bool:
        """Change the parameters of a slot and its thread; False if it does not exist."""
        changes = {"parameters": record.parameters, "thread": record.thread}
        return self._rows.update(DELIVERIES, changes, slot=record.slot) > 0

    def begin(self, before: DeliveryRecord, attempt: str) -> DeliveryRecord | None:
        """Record that a post may exist from now on; None if the slot has changed since `before`."""
        begun = replace(before, attempt=attempt, external_id="", shown="")
        changed = self._rows.update(
            DELIVERIES,
            {"attempt": attempt, "external_id": "", "shown": ""},
            slot=before.slot,
            attempt=before.attempt,
            external_id=before.external_id,
            final=False,
        )
        return begun if changed else None

    def settle(self, attempted: DeliveryRecord, outcome: DeliveryRecord) -> bool:
        """Record the result of an attempt, or of an update; False where the slot holds another post by now.

        The post, its content and whether it is over is recorded. The place is recorded only where none was:
        a channel may get another id meanwhile.
        """
        settled = self._rows.write(
            _SETTLE,
            slot=attempted.slot,
            held_attempt=attempted.attempt,
            held_external_id=attempted.external_id,
            attempt=outcome.attempt,
            external_id=outcome.external_id,
            shown=outcome.shown,
            erasures=outcome.erasures,
            final=outcome.final,
            place=outcome.place,
        )
        return settled > 0

    def mark_unknown(self, *slots: str) -> None:
        """Record that the content of some slots is unknown."""
        self._rows.write_each(_DOUBT, [{"slot": slot} for slot in slots])

    def drop(self, *slots: str) -> None:
        """Delete slots that show nothing."""
        self._rows.write_each(_DROP, [{"slot": slot} for slot in slots])

    def drop_kinds(self, kinds: Iterable[str]) -> None:
        """Delete every slot of some kinds, after their Slack workspace was deleted."""
        self._rows.write_each(_DROP_KIND, [{"kind": kind} for kind in kinds])

    def change_channel_id(self, old: str, new: str) -> None:
        """Record that a channel has a new ID: the messages in it stay."""
        self._rows.update(DELIVERIES, {"place": new}, place=old)

    def _all(self, sql: str, **values: str) -> list[DeliveryRecord]:
        return [DELIVERIES.decoded(row) for row in self._rows.all(sql, **values)]

    def _own(self, record: DeliveryRecord) -> DeliveryRecord:
        if record.stream:
            self._rows.own(record.stream)
        return record
