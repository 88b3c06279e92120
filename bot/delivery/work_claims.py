"""Claims of queued work: those of this process, renewed while it works, and expired ones of others."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from bot.delivery.work_kinds import Kind
from bot.store.work_queue import Claim, Item, Overtaken, WorkQueue

RENEWED_LEASES: Final = 10
"""Number of leases after which work counts as hung and its claim is no longer renewed."""


class ClaimedWork:
    """Work that this process has claimed; its claim is renewed under `lock`, until it has `ended`."""

    def __init__(self, claim: Claim, kind: Kind, now: float) -> None:
        self.claim = claim
        self.kind = kind
        self.began = self.renewed = now
        self.ended = False
        self.lock = threading.Lock()

    def end(self) -> None:
        """Have the claim renewed no more, as it is about to be settled."""
        with self.lock:
            self.ended = True


class HeldClaims:
    """Claims of this process, for `lease` seconds each unless they are renewed."""

    def __init__(self, queue: WorkQueue, lease: float, clock: Callable[[], float]) -> None:
        self._queue = queue
        self._lease = lease
        self._clock = clock
        self._lock = threading.Lock()
        self._held: list[ClaimedWork] = []

    def add(self, claim: Claim, kind: Kind) -> ClaimedWork:
        """Hold a claim until it is removed."""
        work = ClaimedWork(claim, kind, self._clock())
        with self._lock:
            self._held.append(work)
        return work

    def remove(self, work: ClaimedWork) -> None:
        """Hold a claim no longer."""
        with self._lock:
            self._held.remove(work)

    @property
    def count(self) -> int:
        """Number of held claims of all workspaces."""
        return len(self._held)

    def count_begun(self, since: float) -> int:
        """Return the number of held claims whose work began after a moment of the clock."""
        with self._lock:
            return sum(one.began > since for one in self._held)

    @property
    def external_count(self) -> int:
        """Number of held claims of external kinds, of all workspaces."""
        with self._lock:
            return sum(one.kind.external for one in self._held)

    def by_group(self, tenant: str) -> Counter[str]:
        """Return the number of a workspace's held claims in each group of kinds."""
        with self._lock:
            return Counter(one.kind.group for one in self._held if one.claim.item.tenant == tenant)

    def is_own(self, claim: Claim) -> bool:
        """Return whether this process holds a claim."""
        with self._lock:
            return any(one.claim.token == claim.token for one in self._held)

    def renew_all(self) -> None:
        """Renew the claims of long work, such as creating a file, so that no other process starts it."""
        with self._lock:
            held = list(self._held)
        for work in held:
            with work.lock:
                hangs = self._clock() - work.began > RENEWED_LEASES * self._lease
                if self._is_old(work) and not (hangs or work.ended):
                    self._renew(work)

    def check(self, work: ClaimedWork) -> None:
        """Check that a claim is still held, and renew an old one; raises Overtaken."""
        with work.lock:
            if self._is_old(work):
                if not self._renew(work):
                    raise Overtaken
            elif not self._queue.is_held(work.claim):
                raise Overtaken

    def _is_old(self, work: ClaimedWork) -> bool:
        return self._clock() - work.renewed > self._lease / 2

    def _renew(self, work: ClaimedWork) -> bool:
        """Renew a claim; False where another process has taken it over. The lock of the work is held."""

        def note(renewed: Claim) -> None:
            # Changes since the claim are not covered by it: the count of then is kept.
            work.claim = msgspec.structs.replace(renewed, touched=work.claim.touched)

        now = self._clock()
        renewed = self._queue.renew(work.claim, renewed=note)
        work.renewed = now
        return renewed is not None


class _WatchedClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Observed age in seconds of another process's claim, and when it was last seen."""

    token: str
    seconds: float
    at: float


class ExpiredClaims:
    """Claims of other processes that stay unchanged for the length of a lease."""

    def __init__(self, queue: WorkQueue, tenant: str, lease: float, clock: Callable[[], float]) -> None:
        self._queue = queue
        self._tenant = tenant
        self._lease = lease
        self._clock = clock
        self._watched: dict[Item, _WatchedClaim] = {}

    @property
    def watched(self) -> bool:
        """Whether there were claims of other processes at the last poll."""
        return bool(self._watched)

    def take_over(self, is_own: Callable[[Claim], bool]) -> Iterator[Claim]:
        """Take over the expired claims; yield each new claim.

        Each poll counts half a lease at most: if this process was stopped in
        between, most likely the whole machine was, and so was the process that claimed.
        """
        claims = {one.item: one for one in self._queue.claims(self._tenant)}
        now = self._clock()
        watched: dict[Item, _WatchedClaim] = {}
        for item, claim in claims.items():
            if is_own(claim):
                continue
            before = self._watched.get(item)
            seconds = 0.0
            if before is not None and before.token == claim.token:
                seconds = before.seconds + min(now - before.at, self._lease / 2)
            if seconds < self._lease:
                watched[item] = _WatchedClaim(token=claim.token, seconds=seconds, at=now)
            elif (taken := self._queue.renew(claim)) is not None:
                yield taken
        self._watched = watched
