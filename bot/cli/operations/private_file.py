"""Files that only their owner may read."""

import os
import stat
from pathlib import Path

from bot.cli.terminal_text import terminal_text
from bot.operator_error import OperatorError


def write_private_file(file: Path, content: bytes) -> None:
    """Write a file that only its owner may read, regardless of umask and earlier mode; raises OperatorError.

    A device or a pipe is written to as it is.
    """
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            if stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                os.fchmod(opened.fileno(), 0o600)
            opened.write(content)
    except OSError as error:
        raise OperatorError(
            f"-o: {terminal_text(str(file))} cannot be written ({error.strerror}). Choose another file."
        ) from None
