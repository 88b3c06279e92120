"""Files that only their owner may read."""

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bot.cli.terminal_text import terminal_text
from bot.operator_error import OperatorError


def write_private_file(file: Path, content: bytes, *, option: str = "-o: ") -> None:
    """Write a file that only its owner may read, regardless of umask and earlier mode; raises OperatorError.

    A device or a pipe is written to as it is. `option` begins the message of the error.
    """
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            if stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                os.fchmod(opened.fileno(), 0o600)
            opened.write(content)
    except OSError as error:
        raise OperatorError(
            f"{option}{terminal_text(str(file))} cannot be written ({error.strerror}). Choose another file."
        ) from None


@contextmanager
def new_private_file(file: Path) -> Generator[IO[bytes]]:
    """Return a block that writes a new file, which appears when it is complete; raises OperatorError.

    Only the owner may read it. An existing file is not overwritten.
    """
    unfinished = file.with_name(f"{file.name}.part")
    try:
        if file.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as opened:
            os.fchmod(opened.fileno(), 0o600)
            yield opened
        unfinished.replace(file)
    except OSError as error:
        raise OperatorError(
            f"{terminal_text(str(file))} cannot be written ({error.strerror}). Choose a new file."
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)
