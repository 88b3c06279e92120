"""Every client of a tracker behaves the same."""

from tests.trackers.desks import GitHubDesk
from tests.trackers.tracker_contract import broken_behaviours


def test_every_client_keeps_the_contract() -> None:
    assert broken_behaviours({"GitHub": GitHubDesk}) == {}
