"""A worker of pytest-xdist in a forked process: it does what execnet lets one do that it starts."""

import sys

from tests.forked_popen import fork_server_of_this_process

if __name__ == "__main__" and not fork_server_of_this_process():
    exec(eval(sys.stdin.readline()))  # what execnet sends first
