"""Progress of long commands: one line on the terminal, from the first second on."""

import shutil
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO

from bot.cli.terminal_text import terminal_text

Show = Callable[[str], None]
"""Called with how far a command is, as often as it likes."""

_SECONDS = 1.0
"""Commands that take longer show how far they are, and again after so many seconds."""


@contextmanager
def progress_display(
    clock: Callable[[], float] = time.monotonic, terminal: TextIO | None = None
) -> Generator[Show]:
    """Return a block with a function that shows how far a command is.

    The text stands in one line of standard error, which is cleared at the end of the block. Where standard
    error is not a terminal, such as in the log of a scheduled job, nothing is written.
    """
    out = sys.stderr if terminal is None else terminal
    if not out.isatty():
        yield lambda _: None
        return
    due, shown = clock() + _SECONDS, 0

    def write(text: str) -> None:
        nonlocal shown
        # Spaces rather than an escape sequence, which not every terminal reads.
        out.write(f"\r{text:<{shown}}")
        out.flush()
        shown = len(text)

    def show(text: str) -> None:
        nonlocal due
        now = clock()
        if now >= due:
            due = now + _SECONDS
            # A longer line would wrap, and could not be replaced.
            write(f"threatmodel: {terminal_text(text)}"[: shutil.get_terminal_size().columns - 1])

    try:
        yield show
    finally:
        if shown:
            write("")
            write("")
