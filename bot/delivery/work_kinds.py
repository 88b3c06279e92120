"""Kinds of work: the function of each, its debounce times, and the meaning of failures."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from bot.store.work_queue import Claim, check_wait


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Debounce times in seconds: wait for `quiet` without changes, but at most `longest`."""

    quiet: float
    longest: float


NO_WAIT: Final = Waits(quiet=0.0, longest=0.0)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """Completed work, due again at the time `again_at` or in `again_after` seconds, if given."""

    again_at: datetime | None = None
    again_after: float | None = None

    def __post_init__(self) -> None:
        check_wait(self.again_after or 0.0)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Meaning of a failure.

    `wait` is the delay in seconds that the other side asks for; it applies to the whole lane, `own_wait` only
    to this work. A failure that
    is not `counted`, such as an outage, does not lead to parking. A `fatal` failure stops all work until the
    next start.
    """

    reason: str
    wait: float = 0.0
    own_wait: float = 0.0
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
    due again. `external` kinds call services of others: however slow these are, all workspaces together leave
    most threads alone.
    """

    name: str
    waits: Waits
    run: Callable[[Claim], Done | Failure]
    lost: Callable[[Claim], None] = lambda _: None
    external: bool = False
