"""What every test may lean on: Hypothesis without clocks, and Chromium or a clear word without it."""

import os
from pathlib import Path

import pytest

from deploy.environment import chromium as find_chromium
from tests import depth, scratch, watching

depth.load_profile()
scratch.keep_in_memory()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Limit each test, and name failures as they come."""
    watching.install(config)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium; without it the test skips, or fails where the browser is required."""
    found = find_chromium()
    if found is not None:
        return found
    word = "no Chromium on this machine (Debian: apt-get install chromium)"
    if os.environ.get("THREATMODEL_REQUIRE_BROWSER"):
        pytest.fail(word)
    pytest.skip(word)
