"""Process that holds the serving lock of a database until its input ends."""

import sys
from pathlib import Path

from bot.serving_lock import hold_serving_lock

if __name__ == "__main__":
    with hold_serving_lock(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.read()
