"""Shares of the threads of a process, of all workspaces, of one, and of work of external kinds."""

from collections.abc import Callable, Iterable
from typing import Final

from bot.delivery.request_waits import RequestWaits
from bot.delivery.work_claims import HeldClaims
from bot.delivery.work_kinds import Kind

SHARE: Final = 4
"""A workspace uses at most 1/SHARE of the pool's threads."""

EXTERNAL_SHARE: Final = 4
"""Work of external kinds uses at most 1/EXTERNAL_SHARE of the pool's threads, of all workspaces together."""

RESERVED_THREADS: Final = 2
"""Threads of a large pool that are left for periodic jobs."""

THREADS_BESIDE_REQUESTS: Final = 4
"""Threads of the pool that compute while requests wait for the processor."""

THREADS_IF_OVERDUE: Final = 8
"""The same while work is overdue."""

COMPUTING_SECONDS: Final = 1.0
"""Work that runs for longer waits for a service, which costs requests nothing."""


class ThreadShares:
    """Shares of a pool with so many threads among the claims that a process holds."""

    def __init__(
        self, threads: int, held: HeldClaims, request_waits: RequestWaits, clock: Callable[[], float]
    ) -> None:
        self._held = held
        self._request_waits = request_waits
        self._clock = clock
        self._per_workspace = max(2, threads // SHARE)
        self._external = max(1, threads // EXTERNAL_SHARE)
        self._in_all = max(self._per_workspace, threads - RESERVED_THREADS)

    def free(self, *, overdue: bool = False) -> int:
        """Return how many works may begin at present, of which some are `overdue` or none."""
        free = self._in_all - self._held.count
        if not self._request_waits.are_long:
            return free
        computing = self._held.count_begun(self._clock() - COMPUTING_SECONDS)
        return min(free, (THREADS_IF_OVERDUE if overdue else THREADS_BESIDE_REQUESTS) - computing)

    @property
    def external_is_used(self) -> bool:
        """Whether work of external kinds uses its share."""
        return self._held.external_count >= self._external

    def busy_kinds(self, tenant: str, kinds: Iterable[Kind]) -> list[str] | None:
        """Return the kinds of which a workspace may begin no work; None if it uses its share."""
        used = self._held.by_group(tenant)
        if used.total() >= self._per_workspace:
            return None
        full = self.external_is_used
        # One thread is left for the other groups.
        return [
            one.name for one in kinds if used[one.group] >= self._per_workspace - 1 or (full and one.external)
        ]
