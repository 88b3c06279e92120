"""Guard of the changes of a thread."""

import threading
from collections.abc import Callable

from bot.store.sql.database import SqlConnection
from bot.store.work_queue import Claim


class WriteGuard(threading.local):
    """Check that precedes each change of a thread within its transaction; it may refuse by raising.

    `held` returns the claim of the work that makes the change, for a database that checks it while it begins
    the change; the change is refused if the claim was taken over.
    """

    check: Callable[[SqlConnection], None] | None = None
    held: Callable[[], Claim | None] | None = None
