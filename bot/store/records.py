"""What goes into a store and what comes out of it."""

from datetime import date, datetime
from typing import NewType

import msgspec

from domain.events import Event, RecordedEvent
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.nudge_deliveries import DeliveryEvent
from domain.working_hours import WorkingHoursChosen

StreamId = NewType("StreamId", str)
"""One stream of events, beginning with its workspace: `T0123/TM-7`."""

CommandKey = NewType("CommandKey", str)
"""The business identity of a command, the same however often it is delivered."""


StorableEvent = Event | WorkingHoursChosen | DeliveryEvent
"""What a store keeps.

A stream of a model holds that model's events, a person's stream what they chose, and the stream of a place's
day what became of the nudges sent there.
"""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of models shows of one; written in the transaction that makes it true."""

    name: str
    channel: ChannelId
    phase: str
    next_due: datetime | None = None


class StreamSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A model as the list of models knows it."""

    tenant: str
    stream: StreamId
    key: ModelKey
    name: str
    channel: ChannelId
    phase: str
    version: int
    next_due: datetime | None
    updated_at: datetime


class StreamState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a stream goes, and how often something in it was erased."""

    version: int
    erasures: int


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a command: its events are the versions `first` to `version`.

    A command that changed nothing has a `version` one below its `first`.
    """

    stream: StreamId
    first: int
    version: int
    repeated: bool = False


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it lies in the store."""

    position: int
    sequence: int
    stream: StreamId
    version: int
    event: RecordedEvent
    recorded_at: datetime


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A folded model in encoded form, good for one release's way of folding only."""

    version: int
    fold: str
    data: bytes
    erasures: int
    """How often the stream was erased in when the snapshot was made."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a workspace's hash chain: what an outside witness keeps."""

    tenant: str
    sequence: int
    hash: bytes


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A chain without a fault: how many events were checked, how many of them are erased."""

    events: int
    erased: int
    heads: tuple[Head, ...]
    removed: tuple[Head, ...] = ()
    """The last heads of removed workspaces."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """The first event that is not as it was recorded, and what is wrong with it.

    A fault that belongs to no single event (a damaged file, a cut tail) has neither stream nor version; one
    that is not in the chain has the sequence 0, and one of the whole file no workspace.
    """

    tenant: str
    sequence: int
    stream: StreamId | None
    version: int | None
    what: str

    def __str__(self) -> str:
        where = f"workspace {self.tenant}" if self.tenant else "the database"
        if self.tenant and self.sequence:
            where = f"event {self.sequence} of {where}"
        place = f"{self.stream}, version {self.version}" if self.version else self.stream
        return f"{where}{f' ({place})' if place else ''}: {self.what}"


def person_stream(tenant: str, person: PersonId) -> StreamId:
    """The stream of what somebody chose for themselves: `T0123/people/U0456`."""
    return StreamId(f"{tenant}/people/{person}")


def place_stream(tenant: str, place: str, day: date) -> StreamId:
    """The stream of the nudges of one local day to one place: `T0123/nudges/U0456/2026-11-25`."""
    return StreamId(f"{tenant}/nudges/{place}/{day}")


def model_stream(tenant: str, key: ModelKey) -> StreamId:
    """The stream of a model: `T0123/TM-7`."""
    return StreamId(f"{tenant}/{key}")


def tenant_of(stream: StreamId) -> str:
    """The workspace that a stream belongs to."""
    return stream.partition("/")[0]


def key_of(stream: StreamId) -> ModelKey:
    """The key of the model that a stream records: `TM-7` of `T0123/TM-7`."""
    return ModelKey(stream.partition("/")[2])
