"""Queue of background tasks, started in order; a slow one lets the next one start."""

import queue
import threading
from collections.abc import Callable

LONGEST_TURN = 0.25


class QueueTurn:
    """One task's turn; it ends when the task is done, takes too long, or releases the next one."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def release(self) -> None:
        """Let the next task start."""
        self._over.set()

    def wait(self) -> None:
        """Wait until the next task may start, at most a quarter of a second."""
        self._over.wait(LONGEST_TURN)


QueuedTask = Callable[[QueueTurn], object]


class BackgroundQueue:
    """Queue of background tasks, started in order by a thread that begins with the first task."""

    def __init__(self) -> None:
        self._things: queue.SimpleQueue[QueuedTask | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, thing: QueuedTask) -> None:
        """Append a task to the queue."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sandbox-line", daemon=True)
                self._thread.start()
        self._things.put(thing)

    def stop(self) -> None:
        """Start no further tasks."""
        self._things.put(None)

    def _run(self) -> None:
        while (thing := self._things.get()) is not None:
            turn = QueueTurn()
            threading.Thread(target=_take, args=(thing, turn), name="sandbox-event", daemon=True).start()
            turn.wait()


def _take(thing: QueuedTask, turn: QueueTurn) -> None:
    try:
        thing(turn)
    finally:
        turn.release()
