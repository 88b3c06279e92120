"""A page with the small bot behind it, and a browser in front."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.forked_popen import ForkedPopen

if not os.environ.get("THREATMODEL_REQUIRE_BROWSER"):
    pytest.importorskip("playwright", reason="no playwright here (pip install playwright)")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a page with the small bot; its end must be an orderly one."""
    server = ForkedPopen(
        [sys.executable, "-m", "tests.sandbox.page.page_bot"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.send_signal(signal.SIGTERM)
    said, _ = server.communicate(timeout=90)
    assert (server.returncode, said) == (0, "stopped\n")
