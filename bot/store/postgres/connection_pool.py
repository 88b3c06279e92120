"""Pool of connections to a PostgreSQL server."""

import select
import time
from collections import deque
from collections.abc import Callable
from threading import Condition
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from bot.store.postgres.database_faults import ConnectionsInUse, is_crowded

RawConnection = psycopg.Connection[tuple[Any, ...]]

IDLE_SECONDS: Final = 300.0
"""So long an unused connection is kept; the one used last is kept for longer."""

FRESH_SECONDS: Final = 1.0
"""So long after its last use, an idle connection is not examined before it is used."""

LIFE_SECONDS: Final = 3600.0
"""Age from which a connection is replaced: a server's process grows with what it has seen."""


class ConnectionPool:
    """Idle connections, and a limit for all of them.

    Each is made by the thread that needs it. So the first request after an outage succeeds, and one during it
    fails without waiting, with the server's own reason; a pool that connects in the background does neither.
    """

    def __init__(
        self,
        connect: Callable[[], RawConnection],
        *,
        limit: int,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._limit = limit
        self._timeout = timeout
        self._clock = clock
        self._changed = Condition()
        self._idle: deque[tuple[RawConnection, float]] = deque()
        self._made: dict[RawConnection, float] = {}
        self._number = 0
        self._closed = False

    def take(self) -> RawConnection:
        """Return a connection, an idle one if there is one; `give` returns it.

        Raises ConnectionsInUse if all of them stay in use, and the errors of connecting.
        """
        deadline = self._clock() + self._timeout
        crowded: psycopg.OperationalError | None = None
        while True:
            raw = self._take_idle(deadline, crowded)
            if raw is not None:
                return raw
            try:
                raw = self._connect()
            except BaseException as error:
                others = self._end_one()
                if others and isinstance(error, psycopg.OperationalError) and is_crowded(error):
                    # The server takes no further one: another thread's will do.
                    crowded = error
                    continue
                raise
            with self._changed:
                self._made[raw] = self._clock()
            return raw

    def give(self, raw: RawConnection) -> None:
        """Return a connection; one that is broken, old or within a transaction is closed."""
        now = self._clock()
        ended: list[RawConnection] = []
        with self._changed:
            is_sound = raw.pgconn.transaction_status == TransactionStatus.IDLE
            if self._closed or not is_sound or now - self._made.get(raw, now) > LIFE_SECONDS:
                ended.append(raw)
            else:
                self._idle.append((raw, now))
            while len(self._idle) > 1 and now - self._idle[0][1] > IDLE_SECONDS:
                ended.append(self._idle.popleft()[0])
            if ended:
                self._forget(ended)
            else:
                self._changed.notify()
        _close(ended)

    def drop_idle(self) -> None:
        """Close all idle connections: one of them was found broken, so the server was probably restarted."""
        with self._changed:
            ended = [raw for raw, _ in self._idle]
            self._idle.clear()
            self._forget(ended)
        _close(ended)

    def close(self) -> None:
        """Close all idle connections now, and the others when they are returned."""
        self._closed = True
        self.drop_idle()

    def _take_idle(self, deadline: float, crowded: psycopg.OperationalError | None) -> RawConnection | None:
        """Return an idle connection, if there is one or no other one may be made; None: make one."""
        ended: list[RawConnection] = []
        try:
            with self._changed:
                while not self._idle and (self._number >= self._limit or crowded is not None):
                    in_time = self._changed.wait(max(0.0, deadline - self._clock()))
                    # One that was given in the last moment is used: no other thread was told of it.
                    if not in_time and not self._idle:
                        raise crowded or ConnectionsInUse(self._limit)
                while self._idle:
                    # The one used last: the others can become old.
                    raw, given = self._idle.pop()
                    if self._clock() - given < FRESH_SECONDS or not _was_ended(raw):
                        return raw
                    ended.append(raw)
                    self._forget([raw])
                self._number += 1
                return None
        finally:
            _close(ended)

    def _forget(self, ended: list[RawConnection]) -> None:
        for raw in ended:
            self._made.pop(raw, None)
        self._number -= len(ended)
        self._changed.notify_all()

    def _end_one(self) -> int:
        """Return how many connections are left."""
        with self._changed:
            self._number -= 1
            self._changed.notify_all()
            return self._number


def _was_ended(raw: RawConnection) -> bool:
    """Return whether the server has ended an idle connection: it says nothing else on one, except reloads."""
    if raw.closed:
        return True
    poll = select.poll()
    poll.register(raw.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


def _close(connections: list[RawConnection]) -> None:
    for raw in connections:
        raw.close()
