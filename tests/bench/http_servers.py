"""Servers as processes of their own, on loopback at a free port."""

import os
import re
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self


class ServerProcess:
    """A process that says where it listens; stopped at the end of the block."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str], log: Path) -> None:
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env={**_without_settings(), **environment},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+:(\d+)", line)
        if found is None:
            self.process.wait(10)
            raise AssertionError(f"{module} does not listen: {line}{log.read_text()}")
        self.port = int(found[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> int:
        """Ask the process to end, and return its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=20)
        return self.process.returncode


@contextmanager
def serving(module: str, *arguments: str, environment: Mapping[str, str], log: Path) -> Generator[int]:
    """Run a module that says where it listens; gives its port, and stops it at the end."""
    with ServerProcess(module, *arguments, environment=environment, log=log) as server:
        yield server.port


def _without_settings() -> dict[str, str]:
    # What the developer's own environment says of a real workspace has no business here.
    return {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "LOG_"))}
