"""Files whose content is on disk when the call returns."""

import os
from pathlib import Path
from socket import gethostname


def settle(path: Path) -> None:
    """Make the content of a file durable, or the names in a directory."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def replace_file(path: Path, text: str) -> None:
    """Write a file in one step and durably, readable by its owner only; raises OSError."""
    # Replicas that share the file are often process 1, each of its own container.
    made = path.with_name(f".{path.name}.{gethostname()}.{os.getpid()}")
    made.unlink(missing_ok=True)  # of a process that was killed here
    opened = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(opened, "w") as content:
        content.write(text)
        content.flush()
        os.fsync(opened)
    made.rename(path)
    settle(path.parent)
