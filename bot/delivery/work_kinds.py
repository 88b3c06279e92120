"""Kinds of work: the function of each, its debounce times, and the meaning of failures."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Final

import msgspec

from bot.store.work_queue import CausedWork, Claim, check_wait


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Debounce times in seconds: wait for `quiet` without changes, but at most `longest`."""

    quiet: float
    longest: float


NO_WAIT: Final = Waits(quiet=0.0, longest=0.0)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """Completed work, due again at the time `again_at` or in `again_after` seconds, if given.

    It may have `caused` other work instead, of which the same thread does the next if it may begin at once.
    """

    again_at: datetime | None = None
    again_after: float | None = None
    caused: CausedWork | None = None

    def __post_init__(self) -> None:
        check_wait(self.again_after or 0.0)
        if self.caused is not None and (self.again_at is not None or self.again_after is not None):
            raise ValueError("work that causes other work is not due again")


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Meaning of a failure.

    `wait` is the delay in seconds that the other side asks for; it applies to the whole lane. A failure that
    is not `counted`, such as an outage, does not lead to parking. A `fatal` failure stops all work until the
    next start.
    """

    reason: str
    wait: float = 0.0
    counted: bool = True
    fatal: bool = False
    trace: bool = False
    """Whether the failure is unexpected, so that the log includes the traceback."""
    paced: bool = False
    """Whether the work only waits for its turn, because the other side limits the rate of calls."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """Kind of work. `run` processes a row; it returns a `Failure` or raises an exception that maps to one.

    `lost` is called if another process took over the claim during the work: the content shown is then
    unknown, because an older update may have landed after a newer one. It must record that; then the row is
    due again. The kinds of a `group` share some threads, so that a long queue of one does not delay others.
    A `patient` kind lets others go first for some seconds, because no one watches for its result. `external`
    kinds call services of others: however slow these are, all workspaces together leave most threads alone.
    `within` returns a block around the work and what follows it.
    """

    name: str
    group: str
    waits: Waits
    run: Callable[[Claim], Done | Failure]
    lost: Callable[[Claim], None] = lambda _: None
    patient: bool = False
    external: bool = False
    within: Callable[[], AbstractContextManager[None]] = nullcontext
