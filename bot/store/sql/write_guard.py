"""Guard of the changes of a thread."""

import threading
from collections.abc import Callable

from bot.store.sql.database import SqlConnection


class WriteGuard(threading.local):
    """Check that precedes each change of a thread within its transaction; it may refuse by raising."""

    check: Callable[[SqlConnection], None] | None = None
