"""Periodic reads of channels: queued work, one channel at a time, spread over time."""

import threading
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bot.delivery.work_kinds import NO_WAIT, Done, Kind
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.store import EventStore, StoreError
from bot.store.work_queue import MAX_PLAUSIBLE_SECONDS, Claim, Item, Touch, gradual_wait
from domain.kernel.elements import ChannelId

CHANNEL_READ: Final = "channel_read"
"""Kind of this work: one row per channel with models."""

EVERY_SECONDS: Final = 3_000.0
"""Seconds between two reads of a channel, unless told otherwise."""

SUSPENDED_SECONDS: Final = 600.0
"""Seconds between two reads of a suspended channel: Slack may send no event when posting works again."""

FIRST_SUSPENDED_SECONDS: Final = 5.0
"""Seconds from a suspension to the first read; the wait doubles with each read, up to SUSPENDED_SECONDS.

What was refused may have been allowed before the refusal was recorded.
"""

IDLE_AFTER: Final = timedelta(days=7)
"""Time without a change of any model of a channel after which the channel is idle."""

CHANNEL_INTERVAL_SECONDS: Final = 0.25
"""Seconds between two channels when all are read, as at the start."""

_LANE = "directory"
_FOREVER = 1e9


class ChannelReads(msgspec.Struct, eq=False):
    """Periodic reads of a workspace's channels; `is_suspended` returns whether a channel is suspended.

    `wrote` is called with each read, so that the next one is delayed. A channel is read again after `every`
    seconds, an idle one after `idle_every`: a person who uses an idle workspace again has its channels read.
    """

    lookup: DirectoryLookup
    events: EventStore
    tenant: str
    is_suspended: Callable[[ChannelId], bool]
    wrote: Callable[[], None]
    touch: Callable[[Iterable[Touch]], None]
    now: Callable[[], datetime]
    every: float = EVERY_SECONDS
    idle_every: float = 0.0
    _under_way: set[ChannelId] = msgspec.field(default_factory=set[ChannelId])
    _requested: threading.Event = msgspec.field(default_factory=threading.Event)
    _requests: int = 0
    """Number of requests to read every channel; a read that began before one does not fulfill it."""
    _current: set[ChannelId] = msgspec.field(default_factory=set[ChannelId])
    """Channels that were read since the last such request."""
    _waits: dict[ChannelId, float] = {}
    """Seconds until the next read of channels that were suspended a short time ago."""

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        return [Kind(name=CHANNEL_READ, waits=NO_WAIT, run=self._read)]

    def request_all(self) -> None:
        """Request a read of every channel without waiting for the database: events may have been missed."""
        self._requests += 1
        self._current.clear()
        self._requested.set()

    def request_missed(self) -> None:
        """Request a read of the channels that this process has not read yet, like `request_all`.

        A workspace is often opened because a channel is to be read, which then is not read twice.
        """
        self._requested.set()

    @property
    def is_requested(self) -> bool:
        """Whether a read of every channel was requested and not scheduled yet."""
        return self._requested.is_set()

    def read_requested(self) -> None:
        """Read the requested channels soon; where it fails, they stay requested."""
        if self._requested.is_set():
            self._requested.clear()
            try:
                self.read_all(but=frozenset(self._current))
            except StoreError:
                self._requested.set()
                raise

    def read_all(self, *, but: Collection[ChannelId] = ()) -> None:
        """Schedule a read of every channel with models, one after the other, `but` some."""
        channels = dict.fromkeys(
            stream.channel for stream in self.events.streams(self.tenant) if stream.channel not in but
        )
        self.touch(
            Touch(
                item=self._item(one),
                lane=_LANE,
                quiet=gradual_wait(number, CHANNEL_INTERVAL_SECONDS),
                longest=_FOREVER,
                patient=True,
            )
            for number, one in enumerate(channels)
        )

    def was_read(self, channel: ChannelId) -> None:
        """Schedule the next regular read of a channel, unless one is scheduled."""
        if channel not in self._under_way:  # else the end of the work schedules it
            self._plan(channel, min(self._wait(channel), EVERY_SECONDS))

    def suspended(self, channel: ChannelId) -> None:
        """Schedule an early read of a channel that was suspended, also if it was resumed in vain."""
        self._plan(channel, self._waits.setdefault(channel, FIRST_SUSPENDED_SECONDS))

    def _read(self, claim: Claim) -> Done:
        channel = ChannelId(claim.item.subject)
        models = self.events.streams(self.tenant, channel=channel)
        if not models:
            return Done()
        self.wrote()
        idle = max(model.updated_at for model in models) < self.now() - IDLE_AFTER
        again, requests = self._wait_after_read(channel, idle=idle), self._requests
        self._under_way.add(channel)
        try:
            self.lookup.read_channel(channel)
        finally:
            self._under_way.discard(channel)
        if requests == self._requests:
            self._current.add(channel)
        if again > MAX_PLAUSIBLE_SECONDS:
            return Done(again_at=self.now() + timedelta(seconds=again))
        return Done(again_after=again)

    def _wait_after_read(self, channel: ChannelId, *, idle: bool) -> float:
        """Return the seconds until the next regular read; each one of a suspended channel waits longer."""
        if self.is_suspended(channel):
            # After a start, an event delivered late may suspend a channel again that this read resumes.
            wait = self._waits.get(channel, FIRST_SUSPENDED_SECONDS)
            self._waits[channel] = min(2 * wait, SUSPENDED_SECONDS)
            return self._wait(channel)
        self._waits.pop(channel, None)
        return max(self.every, self.idle_every) if idle else self.every

    def _wait(self, channel: ChannelId) -> float:
        return self._waits.get(channel, SUSPENDED_SECONDS) if self.is_suspended(channel) else self.every

    def _plan(self, channel: ChannelId, seconds: float) -> None:
        # A read that is planned for an earlier moment stays so.
        self.touch((Touch(item=self._item(channel), lane=_LANE, quiet=seconds, patient=True),))

    def _item(self, channel: ChannelId) -> Item:
        return Item(self.tenant, CHANNEL_READ, channel)
