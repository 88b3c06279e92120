"""What is kept of nudges, and when to look at each model for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from bot.store.records import StreamId
from domain.deliveries import Delivery, NudgeKey
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


class NudgeRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one nudge, the place it goes to, and the event that tells it."""

    delivery: Delivery
    due: datetime
    place: str
    stream: StreamId
    version: int


class NudgeRows(Protocol):
    """The nudges of one workspace as rows; raises StoreUnavailable like every store."""

    def to_look_at(self, until: datetime) -> list[Look]:
        """Return the models whose next look is due by a moment, those that were touched first."""
        ...

    def to_look_at_after(self, moment: datetime) -> list[Look]:
        """Return the models whose next look comes after a moment."""
        ...

    def looked(self, look: Look, again: datetime | None) -> None:
        """Note when to look at a model again, unless it was touched since."""
        ...

    def touch(self, model: StreamId) -> None:
        """Have a model looked at immediately."""
        ...

    def recorded(self) -> int:
        """Return the sequence of the last event."""
        ...

    def note_tick(self, tick: Tick) -> None:
        """Remember when nudges were looked for."""
        ...

    def last_tick(self) -> Tick | None:
        """Return when nudges were last looked for."""
        ...

    def erasures(self) -> dict[StreamId, int]:
        """Return how often something was erased in each stream in which something was."""
        ...

    def of_model(self, model: ModelKey) -> list[NudgeRow]:
        """Return the nudges of a model, the earliest first."""
        ...

    def find(self, key: NudgeKey) -> NudgeRow | None:
        """Return one nudge, if anything became of it."""
        ...

    def in_message(self, channel: str, ts: str) -> list[NudgeRow]:
        """Return the nudges that a message holds, the earliest first."""
        ...

    def claimed(self, place: str | None = None) -> list[NudgeRow]:
        """Return the nudges that are claimed, by place and the earliest first: all, or those of one place."""
        ...

    def waits(self, place: str, planned: Planned) -> bool:
        """Whether a nudge to a place was put off by Slack when others were planned, or has been since."""
        ...

    def keep(self, rows: Sequence[NudgeRow]) -> None:
        """Remember nudges as they are now; when one had been due first stays."""
        ...
