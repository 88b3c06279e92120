"""Process that has imported and collected tests, and forks the workers that run them.

`tests/forked_workers.py` starts it, and says there what for.
"""

import sys

import pytest

from tests import fork_server


def main(control: int, paths: list[str]) -> None:
    """Collect the tests of these paths, and fork for each request over the socket, until that is closed.

    A module that cannot be imported is imported again by each worker, which reports what is wrong with it.
    """
    pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", *paths])
    fork_server.preload()
    fork_server.serve(control)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
