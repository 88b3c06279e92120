"""Guard of the changes of a thread."""

import threading

from bot.store.work_queue import Claim


class WriteGuard(threading.local):
    """The claim of the work that a thread does: its changes are refused once the claim was taken over."""

    claim: Claim | None = None
