"""What every test may lean on: Hypothesis without clocks, and Chromium or a clear word without it."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from deploy.environment import chromium as find_chromium

# Deadlines measure how busy the machine is, not the code; a failing example is printed, to be repeated.
settings.register_profile(
    "gate", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gate")


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
