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
from pathlib import Path
from typing import TYPE_CHECKING, Any, AnyStr, cast

from tests import fork_server
from tests.depth import DEEP

ROOT = Path(__file__).resolve().parents[1]

PR_SET_CHILD_SUBREAPER = 36

_one_at_a_time = threading.Lock()

_own_servers: list[socket.socket] = []
"""The connection to the process that forks for this one, as soon as there is one."""


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
        self.pid = _fork(json.dumps(request).encode(), streams, self._server())
        own: Any = self
        own._child_created = True
        own._close_pipe_fds(*pipes)

    def _server(self) -> socket.socket:
        """Return the connection to the process that forks."""
        return _own_server()


if TYPE_CHECKING:  # whether the streams are text follows from the arguments, by overloads of `Popen` alone
    ForkedPopen = subprocess.Popen
else:
    ForkedPopen = ForkingPopen


def start_server(module: str, *arguments: str, directory: Path = ROOT) -> socket.socket:
    """Start a module as a process that forks for each request over its first argument; return our end."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", module, str(theirs.fileno()), *arguments]
        process = subprocess.Popen(
            command,
            cwd=directory,
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


def fork_server_of_this_process() -> bool:
    """Fork a process that forks for this one, which has imported the bot; return whether this is the new one.

    What that process forks becomes a child of this one only if that process is one, too.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = os.fork()
    if not process:
        ours.close()
        with Path(os.devnull).open("r+b") as nothing:
            for stream in range(2):  # they belong to the process that this one is for
                os.dup2(nothing.fileno(), stream)
        fork_server.serve(theirs.detach())
        return True
    theirs.close()

    def end() -> None:
        ours.close()
        os.waitpid(process, 0)

    atexit.register(end)
    _own_servers.append(ours)
    return False


def _fork(request: bytes, streams: list[int], server: socket.socket) -> int:
    with _one_at_a_time:
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


def _own_server() -> socket.socket:
    with _one_at_a_time:
        if not _own_servers:
            _own_servers.append(start_server("tests.fork_server"))
        return _own_servers[0]
