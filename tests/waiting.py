"""Workspaces that wait longer than Slack does, so that a busy machine alone makes no test fail."""

import time
from collections.abc import Callable
from typing import Any

from bot.sandbox.api import Sandbox

PATIENCE = 15.0
"""Seconds for an ack, and for opening a form. Slack gives three.

What waits for something that does not come is late here, too. How quick the rest is, `tests.bench` measures.
"""


def patient_sandbox(**options: Any) -> Sandbox:
    """Start such a workspace in this process."""
    patient: dict[str, Any] = {"ack_seconds": PATIENCE, "trigger_seconds": PATIENCE}
    return Sandbox(**patient | options).start()


def wait_until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for what other threads bring about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.005)
