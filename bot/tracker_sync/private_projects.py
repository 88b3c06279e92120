"""Check that the project of a tracker is private: what is sent there may tell of an open vulnerability."""

from typing import Final

from bot.tracker_sync.open_trackers import OpenedTracker, OpenTrackers

PUBLIC: Final = "The project is public: people outside the organization can read its issues."


def is_private(trackers: OpenTrackers, opened: OpenedTracker) -> bool:
    """Return whether a project is private; the connection is stopped if it is not; raises TrackerFault."""
    if not opened.client.project().public:
        return True
    trackers.stop(opened, PUBLIC)
    return False
