"""When each surface is due: soon after the last word, never faster than its channel may be written to."""

import threading
import time
from typing import Literal, NamedTuple

import msgspec

from bot.nudges.nudging import NudgePace
from domain.elements import ChannelId

MOST_SECONDS = 60.0
"""Between two tries of what fails again and again."""

Surface = Literal[
    "card",
    "reveal",
    "picture",
    "diagram",
    "export",
    "summary",
    "erased",
    "home",
    "invitations",
    "handovers",
    "nudges",
]
"""What is kept true: a model's card and thread, or that nothing of it is shown; a person's Home tab.

`reveal` is what in a thread does not wait for people to pause, `picture` what is drawn of a round, `diagram`
what is drawn of the model, `export` its files for other tools; `invitations` are the direct messages of its
open rounds, `handovers` those that tell people what they were handed, `nudges` those that remind them of
something in it.
"""


class Job(NamedTuple):
    """One surface to look at, and whose: a stream's or a person's."""

    surface: Surface
    of: str


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: a surface waits until nobody said anything for `quiet`, but no longer than `longest`."""

    quiet: float
    longest: float


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: how long each surface waits, and what else takes time.

    A channel is written to once in `between`, whichever surface it is; what failed is tried again after
    `again`; every `look` seconds the models are looked through for what another process said, and every
    `tick` seconds for what time alone brings about; `nudges` says how fast people are reminded. With
    `quiet_hours` people are notified of what others did only in their working hours.
    """

    card: Waits = Waits(quiet=0.2, longest=1.0)
    summary: Waits = Waits(quiet=8.0, longest=40.0)
    home: Waits = Waits(quiet=1.0, longest=5.0)
    between: float = 1.0
    again: float = 2.0
    look: float = 5.0
    tick: float = 5.0
    nudges: NudgePace = NudgePace()
    quiet_hours: bool = True

    def of(self, surface: Surface) -> Waits:
        """How long a surface waits."""
        match surface:
            case "card" | "reveal" | "picture" | "diagram" | "export" | "erased" | "handovers":
                return self.card
            case "summary":
                return self.summary
            case "home" | "invitations" | "nudges":
                return self.home


class _Due(msgspec.Struct, kw_only=True):
    first: float
    last: float


class Agenda:
    """What is due, by the monotonic clock; one thread takes it, any thread may put something on."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._due: dict[Job, _Due] = {}
        self._tries: dict[Job, int] = {}
        self._channels: dict[str, ChannelId] = {}
        self._not_before: dict[ChannelId, float] = {}
        self._changed = threading.Condition()
        self._in_hand: Job | None = None
        self.ended = False

    def touch(self, job: Job, *, at_once: bool = False) -> None:
        """A surface is due soon; the longer somebody goes on speaking the later, within limits.

        `at_once` it does not wait for quiet, unless it waits already.
        """
        now = 0.0 if at_once else time.monotonic()
        with self._changed:
            due = self._due.setdefault(job, _Due(first=now, last=now))
            due.last = max(due.last, now)
            self._changed.notify_all()

    def put_off(self, job: Job, *, wait: float = 0.0) -> float:
        """What failed is due again after `wait` seconds, or ever later; gives the seconds.

        With a `wait`, which is Slack's, nothing else is written in the channel before.
        """
        with self._changed:
            tries = self._tries[job] = self._tries.get(job, 0) + 1
            seconds = wait or min(self._pace.again * 2 ** min(tries - 1, 8), MOST_SECONDS)
            later = time.monotonic() + seconds
            if wait and job.of in self._channels:
                self._not_before[self._channels[job.of]] = later
            begins = later - self._pace.of(job.surface).quiet
            self._due.setdefault(job, _Due(first=begins, last=begins))
            return seconds

    def wrote(self, of: str, channel: ChannelId) -> None:
        """Something of a model is written in its channel now: whatever comes next there waits a little."""
        with self._changed:
            self._channels[of] = channel
            self._not_before[channel] = time.monotonic() + self._pace.between

    def take(self, until: float) -> Job | None:
        """Wait for a surface to be due and take it; None at the end, or at `until` when there is none."""
        with self._changed:
            while not self.ended:
                now = time.monotonic()
                moments = {job: self._moment(job, due) for job, due in self._due.items()}
                ready = [job for job, moment in moments.items() if moment <= now]
                if ready:
                    self._in_hand = min(ready, key=lambda one: moments[one])
                    del self._due[self._in_hand]
                    return self._in_hand
                if now >= until:
                    return None
                self._changed.wait(max(0.0, min([until, *moments.values()]) - now))
        return None

    def done(self, *, well: bool) -> None:
        """The surface that was taken is as it should be, or was put off."""
        with self._changed:
            if well and self._in_hand is not None:
                self._tries.pop(self._in_hand, None)
            self._in_hand = None
            self._changed.notify_all()

    def end(self, seconds: float = 0.0) -> None:
        """Take no more, once every card that is due is done or so many seconds are over.

        Summaries are not waited for: the next start goes on where they are.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._in_hand is None and not self._cards_due(), seconds)
            self.ended = True
            self._changed.notify_all()

    def _cards_due(self) -> bool:
        return any(job.surface == "card" for job in self._due)

    def _moment(self, job: Job, due: _Due) -> float:
        waits = self._pace.of(job.surface)
        settled = min(due.last + waits.quiet, due.first + waits.longest)
        channel = self._channels.get(job.of)
        return max(settled, self._not_before.get(channel, 0.0)) if channel else settled
