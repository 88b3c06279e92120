"""The kinds of trackers with their clients, and the access with which one is opened."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from bot.settings import Secret
from bot.trackers.github import GitHub
from bot.trackers.gitlab import GitLab
from bot.trackers.jira import JiraCloud, JiraDataCenter
from bot.trackers.linear import Linear
from bot.trackers.redmine import Redmine
from bot.trackers.tracker import Tracker
from bot.trackers.tracker_client import ProjectClient
from bot.trackers.tracker_http import Transport
from domain.kernel.tracked_issue import TrackerKind

CLIENTS: Final[Mapping[TrackerKind, type[ProjectClient[Any]]]] = {
    client.kind: client for client in (GitHub, GitLab, JiraCloud, JiraDataCenter, Redmine, Linear)
}
"""The clients by the kinds of trackers."""


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
        return CLIENTS[access.kind](
            transport, url=access.url, project=access.project, token=access.token, login=access.login
        )

    return opened
