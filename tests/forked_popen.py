"""Start of Python modules as processes of their own that need not import the bot again.

To import it takes ten times as long as what most of these processes do. A process that has imported it forks
instead (`tests/fork_server.py`). The process is a real one, with its own pid, environment and streams: it can
be killed, stopped and waited for. The deep run starts each from the beginning, as an operator does.
"""

import atexit
import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, AnyStr, cast

from tests.depth import DEEP

ROOT = Path(__file__).resolve().parents[1]

PR_SET_CHILD_SUBREAPER = 36

_one_at_a_time = threading.Lock()


class ForkingPopen(subprocess.Popen[AnyStr]):
    """`subprocess.Popen` for `[sys.executable, "-m", module, ...]` that forks, but for the deep run."""

    def _execute_child(self, *given: Any) -> None:
        """Have the process forked, with everything that `Popen` has prepared for it."""
        if DEEP or sys.platform != "linux":
            cast("Any", super())._execute_child(*given)
            return
        (command, _, _, _, _, directory, environment, _, _, _, *pipes) = given[:16]
        new_session = given[21]
        assert command[:2] == [sys.executable, "-m"], command
        request = {
            "module": command[2:],
            "directory": os.fspath(directory or Path.cwd()),
            "environment": dict(os.environ if environment is None else environment),
            "new_session": new_session,
        }
        child_ends = pipes[0], pipes[3], pipes[5]
        streams = [default if end == -1 else end for default, end in enumerate(child_ends)]
        self.pid = _fork(json.dumps(request).encode(), streams)
        own: Any = self
        own._child_created = True
        own._close_pipe_fds(*pipes)


if TYPE_CHECKING:  # whether the streams are text follows from the arguments, by overloads of `Popen` alone
    ForkedPopen = subprocess.Popen
else:
    ForkedPopen = ForkingPopen


@cache
def _fork_server() -> socket.socket:
    """Start the process that forks for this one, once; return our end of the connection to it."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "tests.fork_server", str(theirs.fileno())]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def end() -> None:
        ours.close()
        process.wait(20)

    atexit.register(end)
    return ours


def _fork(request: bytes, streams: list[int]) -> int:
    with _one_at_a_time:
        server = _fork_server()
        _adopt(orphans=True)
        try:
            socket.send_fds(server, [request], streams)
            return int(server.recv(20))
        finally:
            _adopt(orphans=False)


def _adopt(*, orphans: bool) -> None:
    """Let descendants without a parent become children of this process, which then can wait for them."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(orphans), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
