"""Compile all tests, in two processes: in a fresh clone, each worker would compile them by itself otherwise.

python -m tests.collecting
"""

import subprocess
import sys

LARGEST = "tests/slack"
"""The folder that takes as long as all others together."""

_COLLECT = (sys.executable, "-m", "pytest", "--collect-only", "-qq")


def main() -> int:
    """Return 0 if all tests can be collected; otherwise print what pytest says of those that cannot."""
    halves = [
        subprocess.Popen([*_COLLECT, *part], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for part in ([LARGEST], ["tests", f"--ignore={LARGEST}"])
    ]
    failed = 0
    for half in halves:
        told, _ = half.communicate()
        if half.returncode:
            print(told.decode(errors="replace"))
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
