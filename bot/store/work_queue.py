"""Work queue: pending work of each workspace, and the processes that do it.

One row for each unit of work: a model whose events are to be shown, a card, a Home tab. A row is due, or
waits for a moment; where there is nothing to do, there is no row. One process at a time claims a due row, by
a token that is never reused.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import IntEnum
from typing import Final, NamedTuple, Protocol

import msgspec

MAX_PLAUSIBLE_SECONDS: Final = 3600.0
"""A row that is put off for longer than this was put off by a clock that was set back since, and is due.

Work that has to wait for longer gets a due time (`again_at`).
"""

PARKED_AFTER: Final = 8
"""Failed tries after which a row is parked: it is retried once an hour, and after changes."""

MODEL: Final = "model"
"""The kind of the row that an append touches: a model whose events are to be shown, in the channel's lane."""


class Item(NamedTuple):
    """Identity of a row of work: a kind of work, and its subject within a workspace."""

    tenant: str
    kind: str
    subject: str


def check_wait(seconds: float) -> None:
    """Raise ValueError for a wait that the queue would take for the mistake of a clock."""
    if seconds > MAX_PLAUSIBLE_SECONDS:
        raise ValueError(f"{seconds:g} s is longer than a row can be put off: use a due time instead")


def gradual_wait(number: int, interval: float) -> float:
    """Return the seconds after which the row with this number, from 0, is due if rows follow each other."""
    return min(number * interval, MAX_PLAUSIBLE_SECONDS)


class Touch(msgspec.Struct, frozen=True, kw_only=True):
    """Change that makes a row due after `quiet` seconds without another touch, or `longest` in all.

    `lane` is a channel or a person: of the rows of one lane, one is claimed at a time. By default, the lane
    is the channel of the model that is the subject. A touch that does not `restart` the quiet time leaves a
    due row unchanged.
    """

    item: Item
    lane: str = ""
    quiet: float = 0.0
    longest: float = 0.0
    restart: bool = True

    def __post_init__(self) -> None:
        check_wait(self.quiet)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Claimed row.

    `touched` counts the changes that it covers, `tries` this try and failed ones before. `timed` if no change
    made it due but the moment for which it waited. `more` if other rows of the workspace may be claimed now.
    """

    item: Item
    lane: str
    token: str
    touched: int
    tries: int
    timed: bool = False
    more: bool = False


class Settled(IntEnum):
    """The end of a claim; false if it was no longer held."""

    LOST = 0
    DONE = 1
    MORE = 2
    """It is settled, and other rows of the workspace may be claimed now."""


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """Number of due rows, seconds for which the oldest is due, and number of parked rows."""

    due: int
    oldest_seconds: float
    parked: int


class Overtaken(Exception):
    """Error: another process took over this work, so this one must stop."""


class QueueStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Status of a queue: whether there are rows that may be claimed, and claims.

    A row of a lane in which another one is claimed, or that is paused, may not be claimed; the status of all
    workspaces at once does not look that closely.
    """

    claimable: bool = False
    claimed: bool = False


class WorkQueue(Protocol):
    """Work queue of all workspaces; every method raises StoreUnavailable when the database cannot be used.

    `due` is compared with the caller's clock, which a sandbox may move; waiting is measured in the machine's
    time. The row that an append touches is durable with it. Claims are not: one that is lost with the power
    is made again.
    """

    @property
    def is_shared(self) -> bool:
        """Return whether several processes may do the work of this queue at the same time."""
        ...

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        """Make rows due, because their content has changed. A `durable` touch survives a power failure."""
        ...

    def status(self, tenant: str, now: datetime) -> QueueStatus:
        """Return the status of a workspace's queue, by one statement: usually nothing is due."""
        ...

    def busy_tenants(
        self, now: datetime, *, after: str = "", limit: int = 1000, overdue: float = 0.0
    ) -> dict[str, QueueStatus]:
        """Return the status of each workspace in which there is something to do, by one statement.

        They are those that follow the workspace `after`, in their order, `limit` at most. Touched rows count
        as claimable when they have been due for `overdue` seconds. The cost does not depend on the number of
        idle workspaces.
        """
        ...

    def claim(
        self,
        tenant: str,
        now: datetime,
        *,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
    ) -> Claim | None:
        """Claim the row that has been due longest, of a kind not in `exclude`; None if none is due.

        With `only`, rows of these kinds, including those in their quiet time.
        """
        ...

    def claim_each(
        self,
        tenants: Sequence[str],
        now: datetime,
        *,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
    ) -> list[Claim]:
        """Claim a row in each of several workspaces, by one change where the database is remote.

        The claims are in the order of the workspaces; those without a due row have none.
        """
        ...

    def settle(
        self,
        claim: Claim,
        *,
        again_at: datetime | None = None,
        again_after: float | None = None,
        pause: float = 0.0,
    ) -> Settled:
        """End a claim whose work is done; `Settled.LOST`, without changes, if it is no longer held.

        The row stays due if it was touched meanwhile; otherwise it waits `again_after` seconds, or until
        `again_at`, or is deleted. With a `pause` nothing of its lane is claimed for so many seconds.
        """
        ...

    def retry_later(self, claim: Claim, seconds: float, *, counted: bool = True, pause: float = 0.0) -> bool:
        """End a claim whose work failed: the row is due again after so many seconds, however it is touched.

        Only `counted` failures lead to parking. False if the claim is no longer held.
        """
        ...

    def renew(self, claim: Claim, *, renewed: Callable[[Claim], None] = lambda _: None) -> Claim | None:
        """Give a claim a new token, regardless of its holder; None if it is settled or was renewed already.

        `renewed` is called with the new one before any other change is possible: a thread that is `guarding`
        the claim meanwhile continues.
        """
        ...

    def guarding(self, held: Callable[[], Claim | None]) -> AbstractContextManager[None]:
        """Return a block in which this thread changes nothing after its claim was taken over.

        `held` returns the claim that the thread holds at that moment. A change after that raises Overtaken.
        """
        ...

    def reserve(self, tenant: str, lane: str, *, interval: float, burst: int) -> float:
        """Reserve the next moment in a lane, by one change; return the seconds until then.

        A `burst` of moments may be immediate, the later ones are `interval` seconds apart; unused moments
        accumulate again.
        """
        ...

    def postpone(self, tenant: str, lane: str, seconds: float) -> None:
        """Reserve no moment in a lane before so many seconds from now."""
        ...

    def is_held(self, claim: Claim) -> bool:
        """Return whether a claim is still held."""
        ...

    def claims(self, tenant: str) -> list[Claim]:
        """Return all claims of a workspace, of this process and others."""
        ...

    def release_all(self, tenant: str) -> int:
        """End every claim of a workspace that no other process serves; return how many there were."""
        ...

    def waits(self, tenant: str, kinds: Collection[str]) -> bool:
        """Return whether a row of these kinds is due or in its quiet time, and was not put off."""
        ...

    def due(self, tenant: str, kind: str, now: datetime, *, lane: str = "") -> list[str]:
        """Return the subjects of a kind, or of a lane of it, that are due, put off or claimed."""
        ...

    def subjects(self, tenant: str, kind: str) -> list[str]:
        """Return the subjects of a kind that have a row: due, claimed, or waiting for a moment."""
        ...

    def bring_forward(self, tenant: str, kind: str, after: datetime) -> int:
        """Make the rows of a kind due that wait for a moment after `after`; return how many there were."""
        ...

    def bring_all_forward(self, kind: str, after: datetime) -> int:
        """Make the rows of a kind due in every workspace that wait for a moment after `after`."""
        ...

    def backlog(self, tenant: str, now: datetime) -> Backlog:
        """Return how much of a workspace's work is waiting."""
        ...

    def total_backlog(self, now: datetime) -> Backlog:
        """Return how much work is waiting in all workspaces together, by one statement.

        Workspaces that no longer have the app are left out: their work waits for another installation.
        """
        ...

    def parked(self, tenant: str) -> list[Item]:
        """Return the rows of a workspace that failed repeatedly."""
        ...
