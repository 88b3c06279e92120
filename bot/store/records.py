"""Records that a store accepts and returns."""

from datetime import date, datetime, timedelta
from typing import Final, NewType

import msgspec

from bot.store.replacements import EventsReplaced
from domain.events import Event, RecordedEvent
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.lifecycle import phase_of
from domain.model import ThreatModel
from domain.reminder_deliveries import DeliveryEvent
from domain.working_hours import WorkingHoursChosen
from domain.workspace_settings import WorkspaceEvent

StreamId = NewType("StreamId", str)
"""One stream of events, starting with its workspace: `T0123/TM-7`."""

CommandKey = NewType("CommandKey", str)
"""Identity of a command, the same for every delivery of it."""

COMMANDS_KEPT_FOR: Final = timedelta(days=30)
"""Time after which the key of a command is deleted: Slack repeats a request within hours, or never."""

RETURNED: Final = "restore/"
"""Beginning of the keys of models that came back. Erasing keeps them, because each model comes back once."""

StorableEvent = Event | WorkingHoursChosen | DeliveryEvent | WorkspaceEvent | EventsReplaced
"""Events that a store accepts.

A model's stream holds the events of the model, a person's stream the person's settings, the stream of a
place's day the outcomes of reminders sent there, and the workspace's own stream its settings.
`EventsReplaced` is in the stream of what it replaces.
"""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """List entry of a model, written in the transaction that changes the model."""

    name: str
    channel: ChannelId
    phase: str


def summary_of(model: ThreatModel) -> Summary:
    """Return the list entry of a model."""
    return Summary(name=model.name, channel=model.channel, phase=phase_of(model.step))


def listed(model: ThreatModel) -> Summary | None:
    """Return the list entry of a model; None if it was never started, or is erased."""
    return summary_of(model) if model.step else None


class StreamSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Model in the list of models; `erasures` counts the erasures in its stream."""

    tenant: str
    stream: StreamId
    key: ModelKey
    name: str
    channel: ChannelId
    phase: str
    version: int
    erasures: int
    updated_at: datetime


class StreamState(msgspec.Struct, frozen=True, kw_only=True):
    """Version of a stream, and number of erasures in it."""

    version: int
    erasures: int


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a command: its events are the versions `first` to `version`.

    A command without events has a `version` one below its `first`.
    """

    stream: StreamId
    first: int
    version: int
    repeated: bool = False


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """Event as it is stored."""

    position: int
    sequence: int
    stream: StreamId
    version: int
    event: RecordedEvent
    recorded_at: datetime


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """End of a workspace's hash chain, which an outside witness can store."""

    tenant: str
    sequence: int
    hash: bytes


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a check without a fault: the number of events, and of erased ones."""

    events: int
    erased: int
    heads: tuple[Head, ...]
    removed: tuple[Head, ...] = ()
    """The last heads of removed workspaces."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """First event that differs from its record, and the difference.

    A fault that belongs to no single event (a damaged file, a truncated chain) has neither stream nor
    version; one that is not in the chain has the sequence 0, and one of the whole file no workspace.
    """

    tenant: str = ""
    sequence: int = 0
    stream: StreamId | None = None
    version: int | None = None
    what: str
    repair: str = "Restore a backup"

    def __str__(self) -> str:
        where = f"workspace {self.tenant}" if self.tenant else "the database"
        if self.tenant and self.sequence:
            where = f"event {self.sequence} of {where}"
        place = f"{self.stream}, version {self.version}" if self.version else self.stream
        return f"{where}{f' ({place})' if place else ''}: {self.what}"


def person_stream(tenant: str, person: PersonId) -> StreamId:
    """Return the stream of a person's own settings: `T0123/people/U0456`."""
    return StreamId(f"{tenant}/people/{person}")


def workspace_stream(tenant: str) -> StreamId:
    """Return the stream of the settings of a workspace: `T0123/workspace/settings`."""
    return StreamId(f"{tenant}/workspace/settings")


def place_stream(tenant: str, place: str, day: date) -> StreamId:
    """Return the stream of one local day's reminders to one place: `T0123/reminders/U0456/2026-11-25`."""
    return StreamId(f"{tenant}/reminders/{place}/{day}")


def model_stream(tenant: str, key: ModelKey) -> StreamId:
    """Return the stream of a model: `T0123/TM-7`."""
    return StreamId(f"{tenant}/{key}")


def is_model(stream: StreamId) -> bool:
    """Return whether a stream is that of a model."""
    return "/" not in key_of(stream)


def tenant_of(stream: StreamId) -> str:
    """Return the workspace of a stream."""
    return stream.partition("/")[0]


def key_of(stream: StreamId) -> ModelKey:
    """Return the key of a stream's model: `TM-7` for `T0123/TM-7`."""
    return ModelKey(stream.partition("/")[2])
