"""Servers as processes of their own, on loopback at a free port."""

import os
import re
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(module: str, *arguments: str, environment: Mapping[str, str], log: Path) -> Generator[int]:
    """Run a module that says where it listens; gives its port, and stops it at the end."""
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env={**_without_settings(), **environment},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            assert process.stdout
            line = process.stdout.readline()
            found = re.search(r"http://\S+:(\d+)", line)
            if found is None:
                process.wait(10)
                raise AssertionError(f"{module} does not listen: {line}{log.read_text()}")
            yield int(found[1])
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _without_settings() -> dict[str, str]:
    # What the developer's own environment says of a real workspace has no business here.
    return {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "LOG_"))}
