"""Workers of pytest-xdist that are forked from one process, which has imported and collected all tests.

Otherwise each of them imports the bot and all tests by itself, which takes it 5 seconds of the processor, and
those that start processes import the bot again to fork them (`tests/forked_popen.py`). The deep run starts
each worker from the beginning.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from execnet import gateway_io
from execnet.gateway_base import Popen2IO

from tests.depth import DEEP
from tests.forked_popen import ForkingPopen, start_server


def install(config: pytest.Config) -> None:
    """Let this run fork its workers if it has any."""
    if DEEP or sys.platform != "linux" or not getattr(config.option, "numprocesses", None):
        return
    collected = tuple(config.args)

    class Worker(ForkingPopen[bytes]):
        def _server(self) -> socket:
            return _collected(collected)

    class Connection(gateway_io.Popen2IOMaster):
        def __init__(self, args: list[str], execmodel: Any) -> None:
            del args  # the command of a worker that is started
            own: Any = self
            command = [sys.executable, "-m", "tests.forked_worker"]
            own.popen = Worker(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            connection: Any = Popen2IO
            connection.__init__(self, own.popen.stdin, own.popen.stdout, execmodel=execmodel)

    patch = pytest.MonkeyPatch()
    patch.setattr(gateway_io, "Popen2IOMaster", Connection)
    config.add_cleanup(patch.undo)


@cache
def _collected(paths: tuple[str, ...]) -> socket:
    return start_server("tests.collecting", *paths, directory=Path.cwd())
