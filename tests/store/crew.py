"""Processes of their own that work on the same file."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.forked_popen import ForkedPopen

ROOT = Path(__file__).resolve().parents[2]


def worker(*arguments: str) -> subprocess.Popen[str]:
    """A worker that has loaded everything and waits to be let go."""
    process = ForkedPopen(
        [sys.executable, "-m", "tests.store.worker", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def ended(processes: Sequence[subprocess.Popen[str]]) -> list[list[str]]:
    """Let them all go at once; the lines that each one said."""
    for process in processes:
        let_go(process)
    results = [process.communicate(timeout=120) for process in processes]
    for process, (_, errors) in zip(processes, results, strict=True):
        assert process.returncode == 0, errors
    return [said.splitlines() for said, _ in results]
