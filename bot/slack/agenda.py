"""When each card is due: soon after the last word, never faster than its channel may be written to."""

import threading
import time

import msgspec

from bot.store import StreamId
from domain.elements import ChannelId

MOST_SECONDS = 60.0
"""Between two tries of a card that fails again and again."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: a card waits until nobody answered for `quiet`, but no longer than `longest`.

    A channel is written to once in `between`; what failed is tried again after `again`; every `look`
    seconds the models are looked through for what another process said.
    """

    quiet: float = 0.2
    longest: float = 1.0
    between: float = 1.0
    again: float = 2.0
    look: float = 5.0


class _Due(msgspec.Struct, kw_only=True):
    first: float
    last: float


class Agenda:
    """The cards that are due, by the monotonic clock; one thread takes them, any thread may put them on."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._due: dict[StreamId, _Due] = {}
        self._tries: dict[StreamId, int] = {}
        self._channels: dict[StreamId, ChannelId] = {}
        self._not_before: dict[ChannelId, float] = {}
        self._changed = threading.Condition()
        self._in_hand: StreamId | None = None
        self.ended = False

    def touch(self, stream: StreamId, *, at_once: bool = False) -> None:
        """A card is due soon; the longer somebody goes on speaking the later, within limits."""
        now = 0.0 if at_once else time.monotonic()
        with self._changed:
            due = self._due.setdefault(stream, _Due(first=now, last=now))
            due.last = max(due.last, now)
            self._changed.notify_all()

    def put_off(self, stream: StreamId, *, wait: float = 0.0) -> float:
        """What failed is due again after `wait` seconds, or ever later; gives the seconds.

        With a `wait`, which is Slack's, nothing else is written in the channel before.
        """
        with self._changed:
            tries = self._tries[stream] = self._tries.get(stream, 0) + 1
            seconds = wait or min(self._pace.again * 2 ** min(tries - 1, 8), MOST_SECONDS)
            later = time.monotonic() + seconds
            if wait and stream in self._channels:
                self._not_before[self._channels[stream]] = later
            self._due.setdefault(stream, _Due(first=later - self._pace.quiet, last=later - self._pace.quiet))
            return seconds

    def wrote(self, stream: StreamId, channel: ChannelId) -> None:
        """Something is written in a channel now: the next card there waits a little."""
        with self._changed:
            self._channels[stream] = channel
            self._not_before[channel] = time.monotonic() + self._pace.between

    def take(self, until: float) -> StreamId | None:
        """Wait for a card to be due and take it; None at the end, or at `until` when there is none."""
        with self._changed:
            while not self.ended:
                now = time.monotonic()
                moments = {stream: self._moment(stream, due) for stream, due in self._due.items()}
                ready = [stream for stream, moment in moments.items() if moment <= now]
                if ready:
                    self._in_hand = min(ready, key=lambda one: moments[one])
                    del self._due[self._in_hand]
                    return self._in_hand
                if now >= until:
                    return None
                self._changed.wait(max(0.0, min([until, *moments.values()]) - now))
        return None

    def done(self, *, well: bool) -> None:
        """The card that was taken is as it should be, or was put off."""
        with self._changed:
            if well and self._in_hand is not None:
                self._tries.pop(self._in_hand, None)
            self._in_hand = None
            self._changed.notify_all()

    def end(self, seconds: float = 0.0) -> None:
        """Take no more, once everything that is due is done or so many seconds are over."""
        with self._changed:
            self._changed.wait_for(lambda: not self._due and self._in_hand is None, seconds)
            self.ended = True
            self._changed.notify_all()

    def _moment(self, stream: StreamId, due: _Due) -> float:
        settled = min(due.last + self._pace.quiet, due.first + self._pace.longest)
        channel = self._channels.get(stream)
        return max(settled, self._not_before.get(channel, 0.0)) if channel else settled
