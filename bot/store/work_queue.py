"""Work queue: pending work of each workspace, and the processes that do it.

One row for each unit of work: a model whose events are to be shown, a message, a Home tab. A row is due, or
waits for a moment; where there is nothing to do, there is no row. One process at a time claims a due row, by
a token that is never reused. The claim is that of its process for as long as the process lives.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, NamedTuple, Protocol

import msgspec

from bot.store.timestamps import DUE_NOW, format_timestamp

MAX_PLAUSIBLE_SECONDS: Final = 3600.0
"""A row that is put off for longer than this was put off by a clock that was set back since, and is due.

Work that has to wait for longer gets a due time (`again_at`).
"""

PARKED_AFTER: Final = 8
"""Failed tries after which a row is parked: it is retried once an hour, and after changes."""

PATIENCE_SECONDS: Final = 10.0
"""Seconds that work for which no person waits gives way to other work of its workspace."""

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
    is the channel of the model that is the subject. `patient` work gives way to what a person waits for.
    """

    item: Item
    lane: str = ""
    quiet: float = 0.0
    longest: float = 0.0
    patient: bool = False

    def __post_init__(self) -> None:
        check_wait(self.quiet)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Claimed row.

    `touched` counts the changes that it covers, `tries` this try and failed ones before. `timed` if no change
    made it due but the moment for which it waited.
    """

    item: Item
    lane: str
    token: str
    touched: int
    tries: int
    timed: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Row of the queue: when it is due, how often it failed, and the token of its claim, if any."""

    item: Item
    lane: str
    due: str | None
    tries: int
    token: str | None

    def is_due(self, now: datetime) -> bool:
        """Return whether the row is due, claimed or was put off."""
        is_claimed = self.token is not None
        return is_claimed or (self.due is not None and self.due <= format_timestamp(now))

    @property
    def waits(self) -> bool:
        """Return whether the row is due or in its quiet time, and was not put off."""
        return self.due == DUE_NOW and self.token is None and not self.tries

    @property
    def is_parked(self) -> bool:
        """Return whether the work failed repeatedly."""
        return self.tries >= PARKED_AFTER


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """Number of due rows, seconds for which the oldest is due, and number of parked rows."""

    due: int
    oldest_seconds: float
    parked: int


class Overtaken(Exception):
    """Error: another process took over this work, so this one must stop."""


class WorkQueue(Protocol):
    """Work queue of all workspaces; every method raises StoreUnavailable when the database cannot be used.

    `due` is compared with the caller's clock, which a sandbox may move; waiting is measured in the machine's
    time. The row that an append touches is durable with it. Claims are not: one that is lost with the power
    is made again.
    """

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        """Make rows due, because their content has changed. A `durable` touch survives a power failure.

        Work that was put off after a failure is not hurried, unless it is parked.
        """
        ...

    def look(self, now: datetime, *, overdue: float = 0.0) -> list[str]:
        """Return the workspaces in which there is something to claim, and end the claims of ended processes.

        Touched rows count when they have been due for `overdue` seconds: before that, a process that shares
        the database leaves them to the one that touched them. The cost depends neither on the number of idle
        workspaces nor on that of waiting rows.
        """
        ...

    def claim(
        self,
        tenants: Sequence[str],
        now: datetime,
        *,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
    ) -> list[Claim]:
        """Claim a row in each of some workspaces where one is due, of a kind not in `exclude`.

        It is the one that has been due longest; patient rows count as due later. With `only`, rows of these
        kinds, including those in their quiet time. The claims are in the order of the workspaces.
        """
        ...

    def settle(
        self,
        claim: Claim,
        *,
        again_at: datetime | None = None,
        again_after: float | None = None,
        pause: float = 0.0,
    ) -> bool:
        """End a claim whose work is done; False, without changes to the row, if it is no longer held.

        The row stays due if it was touched meanwhile; otherwise it waits `again_after` seconds, or until
        `again_at`, or is deleted. With a `pause` nothing of its lane is claimed for so many seconds.
        """
        ...

    def retry_later(self, claim: Claim, seconds: float, *, counted: bool = True, pause: float = 0.0) -> bool:
        """End a claim whose work failed: the row is due again after so many seconds, however it is touched.

        Only `counted` failures lead to parking. False if the claim is no longer held.
        """
        ...

    def is_held(self, claim: Claim) -> bool:
        """Return whether a claim is still held."""
        ...

    def guarding(self, claim: Claim) -> AbstractContextManager[None]:
        """Return a block in which this thread changes nothing after its claim was taken over.

        A change after that raises Overtaken.
        """
        ...

    def reserve(self, tenant: str, lane: str, *, interval: float = 0.0, pause: float = 0.0) -> float:
        """Reserve `interval` seconds of a lane after all others; return the seconds until they have passed.

        With a `pause`, these are at least so many.
        """
        ...

    def rows(self, tenant: str, *kinds: str) -> list[Row]:
        """Return the rows of a workspace, of some kinds or all, in order."""
        ...

    def bring_forward(self, kind: str, after: datetime, *, tenant: str = "") -> int:
        """Make the rows of a kind due that wait for a moment after `after`; return how many there were.

        They are those of one workspace, or of all.
        """
        ...

    def hurry(self, tenant: str, kind: str, subjects: Collection[str]) -> bool:
        """Make rows of a kind due now that were put off; return whether there were any.

        Parked ones are not.
        """
        ...

    def backlog(self, now: datetime, *, tenant: str = "") -> Backlog:
        """Return how much work is waiting in a workspace, or in all together, by one statement.

        In all, workspaces that no longer have the app are left out: their work waits for another
        installation.
        """
        ...
