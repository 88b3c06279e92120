"""Access to a project of a tracker: what a client is opened with."""

from collections.abc import Callable

import msgspec

from bot.settings import Secret
from bot.trackers.tracker import Tracker
from domain.kernel.tracked_issue import TrackerKind


class TrackerAccess(msgspec.Struct, frozen=True, kw_only=True):
    """A project of a tracker and the token to call it; `login` is the email address for Jira Cloud."""

    kind: TrackerKind
    url: str
    project: str
    token: Secret
    login: str = ""


OpenTracker = Callable[[TrackerAccess], Tracker]
"""Returns the client of a project, without calling it; raises TrackerRefused for an address not allowed."""
