"""Workspaces that wait longer than Slack does, so that a busy machine alone makes no test fail."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
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


def make_sandboxes_patient() -> None:
    """Have every sandbox that this process starts from now on wait like that."""
    defaults = Sandbox.__init__.__kwdefaults__
    assert defaults is not None
    defaults.update(ack_seconds=PATIENCE, trigger_seconds=PATIENCE)


@contextmanager
def waiting_for_acks(sandbox: Sandbox, seconds: float) -> Generator[None]:
    """Let a workspace wait so long for acks; only while a test needs one that is late."""
    sender = sandbox.client.sender
    before, sender._ack_seconds = sender._ack_seconds, seconds  # pyright: ignore[reportPrivateUsage]  a person's client has no such setting
    try:
        yield
    finally:
        sender._ack_seconds = before  # pyright: ignore[reportPrivateUsage]  the same


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for what other threads bring about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.005)
