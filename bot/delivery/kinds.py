"""Kinds of work: what each does with a row, how long it waits, and what a failure means."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from bot.store.work_queue import Claim


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: work waits until nothing has changed for `quiet`, but no longer than `longest`."""

    quiet: float
    longest: float


NO_WAIT: Final = Waits(quiet=0.0, longest=0.0)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """Work that was done. Time alone makes it due at the moment `again`, or `soon`, in so many seconds."""

    again: datetime | None = None
    soon: float | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What a failure of some work means.

    `wait` are seconds that the other side asks for: nothing else in the lane is tried before that. A failure
    that is not `counted`, such as an outage, leads to no parking. After one that `ends` everything nothing is
    done until the next start.
    """

    why: str
    wait: float = 0.0
    counted: bool = True
    ends: bool = False
    trace: bool = False
    """Whether nobody expected it, so that the log is to show where it happened."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of work. `do` brings a row up to date, and gives a `Failure` or raises what one is made from.

    `lost` is told of a claim that another process took over while something was under way: what is shown now
    is not known, for an older update may have landed after a newer one. It must record that; then the row is
    due again. The kinds of one `group` share some of the threads: a long queue of one delays no other.
    """

    name: str
    group: str
    waits: Waits
    do: Callable[[Claim], Done | Failure]
    lost: Callable[[Claim], None] = lambda _: None
