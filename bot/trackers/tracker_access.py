"""Access to a project of a tracker: what a client is opened with."""

from collections.abc import Callable

import msgspec

from bot.settings import Secret
from bot.trackers.open_tracker import open_tracker
from bot.trackers.tracker import Tracker
from bot.trackers.tracker_http import Transport
from domain.kernel.tracked_issue import TrackerKind


class TrackerAccess(msgspec.Struct, frozen=True, kw_only=True):
    """A project of a tracker and the token to call it; `login` is the email address for Jira Cloud."""

    kind: TrackerKind
    url: str
    project: str
    token: Secret
    login: str = ""


TrackerOpener = Callable[[TrackerAccess], Tracker]
"""Returns the client of a project, without calling it; raises TrackerRefused for a wrong project."""


def tracker_opener(transport: Transport) -> TrackerOpener:
    """Return the function that opens clients whose calls go through a transport."""

    def opened(access: TrackerAccess) -> Tracker:
        return open_tracker(
            access.kind,
            url=access.url,
            project=access.project,
            token=access.token,
            login=access.login,
            transport=transport,
        )

    return opened
