"""The tick that reminds people: takes over what others left, then sends what is due."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from bot.commands.command_handler import Workshop
from bot.nudges.apart import apart
from bot.nudges.courier import Courier, Found, NotNow, NotTaken, Posted, Unclear
from bot.nudges.looking import Looking, PeopleOf
from bot.nudges.sending import Outcome, Sending
from bot.store import StreamId
from bot.store.nudges import Claim, NudgeStore, Tick
from bot.store.records import of_model
from domain.deliveries import WhyNot
from domain.model import ThreatModel

OVERDUE = timedelta(minutes=10)
"""From when on a nudge that was not sent is worth a word to whoever watches over the bot."""

NOTE_SECONDS = 60.0
"""How often it is noted down that the ticker lives; each note is a write."""


class NudgePace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: between two messages, of one tick at most, and how long another's claim is left alone."""

    between: float = 1.0
    longest: float = 5.0
    lease: float = 60.0


class Nudging:
    """Sends the nudges of one workspace; any number of processes may, and each nudge is sent once."""

    def __init__(
        self,
        nudges: NudgeStore,
        looking: Looking,
        sending: Sending,
        *,
        now: Callable[[], datetime],
        pace: NudgePace,
    ) -> None:
        self._nudges = nudges
        self._looking = looking
        self._sending = sending
        self._now = now
        self._pace = pace
        self._watched: dict[str, tuple[Claim, float]] = {}
        self._watched_at = time.monotonic()
        self._not_before = 0.0
        self._noted = float("-inf")
        self._looked = time.monotonic()
        self.overdue = 0
        """Nudges that should have been sent some time ago, as the last tick found them."""
        self._stopped = threading.Event()

    def tick(self) -> None:
        """Send what is due, as far as one tick reaches; the next one goes on. Raises StoreUnavailable."""
        if self._stopped.is_set():
            return
        began = time.monotonic()
        ends = began + self._pace.longest
        now = self._now()
        self._sending.catch_up()
        for claim in self._left_alone():
            if not self._paced(ends):
                return
            with apart("a claim cannot be taken over", of=claim.place):
                self._slow_down(self._sending.take_over(claim))
        batches = self._looking.batches(now)
        self.overdue = sum(one.due < now - OVERDUE for batch in batches for one in batch.nudges)
        self._looked = time.monotonic()
        for batch in batches:
            if not self._paced(ends):
                break
            with apart("a message cannot be sent", of=batch.place):
                self._slow_down(self._sending.send(batch))
        self._note(now, time.monotonic() - began)

    @property
    def quiet_seconds(self) -> float:
        """How long nobody has looked whether something is due."""
        return time.monotonic() - self._looked

    def stop(self) -> None:
        """Begin no message any more."""
        self._stopped.set()

    def _left_alone(self) -> list[Claim]:
        """The claims that have been standing for a lease, by this process's own watch.

        That goes on by half a lease at most from one look to the next: where this process was stopped in
        between, most likely the whole machine was, and whoever claimed could not go on either.
        """
        claims = {claim.place: claim for claim in self._nudges.claims()}
        now = time.monotonic()  # not before they were read: each may have been written until then
        passed = min(now - self._watched_at, self._pace.lease / 2)
        self._watched_at = now
        watched: dict[str, tuple[Claim, float]] = {}
        for place, claim in claims.items():
            before = self._watched.get(place)
            same = before is not None and _same(before[0], claim)
            watched[place] = (claim, before[1] + passed if before is not None and same else 0.0)
        self._watched = watched
        return [claim for claim, seconds in watched.values() if seconds >= self._pace.lease]

    def _paced(self, ends: float) -> bool:
        """Wait until the next message may leave; False where that is after the end of this tick."""
        wait = self._not_before - time.monotonic()
        if time.monotonic() + max(0.0, wait) > ends:
            return False
        return not self._stopped.wait(wait) if wait > 0 else not self._stopped.is_set()

    def _slow_down(self, outcome: Outcome | Unclear | None) -> None:
        match outcome:
            case NotNow(why=WhyNot.SLOW_DOWN):
                self._not_before = time.monotonic() + outcome.seconds
            case Posted() | Unclear() | NotNow():
                self._not_before = time.monotonic() + self._pace.between
            case Found() | NotTaken() | None:
                pass

    def _note(self, now: datetime, seconds: float) -> None:
        if time.monotonic() - self._noted >= NOTE_SECONDS:
            self._nudges.note_tick(Tick(at=now, seconds=seconds))
            self._noted = time.monotonic()


def nudging_of(
    workshop: Workshop,
    nudges: NudgeStore,
    courier: Courier,
    *,
    people: PeopleOf,
    rests: Callable[[ThreatModel], bool],
    tenant: str,
    now: Callable[[], datetime],
    pace: NudgePace,
    sent: Callable[[StreamId], None] = lambda _: None,
) -> Nudging:
    """The ticker of one workspace; `sent` is told of each model that somebody was reminded of."""
    looking = Looking(workshop, nudges, people=people, rests=rests)

    def told(claim: Claim) -> None:
        for model in dict.fromkeys(claim.models):
            sent(of_model(tenant, model))

    sending = Sending(workshop, nudges, courier, looking, tenant=tenant, now=now, lease=pace.lease, sent=told)
    return Nudging(nudges, looking, sending, now=now, pace=pace)


def _same(one: Claim, other: Claim) -> bool:
    return (one.stream, one.version) == (other.stream, other.version)
