"""Where tests keep their files: in memory if there is room, because every commit would wait for the disk."""

import os
import shutil
from pathlib import Path

from tests.depth import DEEP

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3
VARIABLE = "PYTEST_DEBUG_TEMPROOT"
"""Where pytest makes its temporary directories; what is set already counts."""


def keep_in_memory() -> None:
    """Let pytest make its directories in memory, except in the deep run, which takes the disk as it is."""
    if not DEEP and MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault(VARIABLE, str(MEMORY))
