"""Deliveries: one row for each slot, such as the card of a model or a direct message."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from bot.store.records import StreamId


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


class Deliveries(Protocol):
    """Slots of one workspace; raises StoreUnavailable like every store.

    Each change but `add_missing`, `begin` and `put` is conditional on the post: it is refused if another post
    was attempted since.
    """

    def find(self, slot: str) -> DeliveryRecord | None:
        """Return the record of a slot."""
        ...

    def of_model(self, stream: StreamId, kind: str = "") -> list[DeliveryRecord]:
        """Return the slots of a model, by name: all, or those of one kind."""
        ...

    def of_kind(self, kind: str) -> list[DeliveryRecord]:
        """Return every slot of a kind, by name."""
        ...

    def in_place(self, place: str, kind: str = "") -> list[DeliveryRecord]:
        """Return the slots in a channel or conversation, by name: all, or those of one kind."""
        ...

    def changeable_kinds(self, stream: StreamId) -> frozenset[str]:
        """Return the kinds of the slots that a change of a model may change.

        These are the slots of the model, and those of no single model, such as Home tabs; final slots never
        change.
        """
        ...

    def by_attempt(self, attempt: str) -> DeliveryRecord | None:
        """Return the slot whose post has this attempt ID."""
        ...

    def add_missing(self, *records: DeliveryRecord) -> list[DeliveryRecord]:
        """Add slots that do not exist; return those that were added."""
        ...

    def put(self, record: DeliveryRecord) -> None:
        """Write a slot, replacing an earlier record."""
        ...

    def set_parameters(self, record: DeliveryRecord) -> bool:
        """Change the parameters of a slot and its thread; False if it does not exist."""
        ...

    def begin(self, before: DeliveryRecord, attempt: str) -> DeliveryRecord | None:
        """Record that a post may exist from now on; None if the slot has changed since `before`."""
        ...

    def settle(self, attempted: DeliveryRecord, outcome: DeliveryRecord) -> bool:
        """Record the result of an attempt, or of an update; False where the slot holds another post by now.

        The post, its content and whether it is over is recorded. The place is recorded only where none was:
        a channel may get another id meanwhile.
        """
        ...

    def mark_unknown(self, *slots: str) -> None:
        """Record that the content of some slots is unknown."""
        ...

    def mark_model_unknown(self, stream: StreamId) -> None:
        """Record that the content of every slot that may show a model is unknown.

        These are the slots of the model, and those of no single model, such as Home tabs.
        """
        ...

    def drop(self, *slots: str) -> None:
        """Delete slots that show nothing."""
        ...

    def drop_kinds(self, kinds: Iterable[str]) -> None:
        """Delete every slot of some kinds, after their Slack workspace was deleted."""
        ...

    def change_channel_id(self, old: str, new: str) -> None:
        """Record that a channel has a new ID: the messages in it stay."""
        ...
