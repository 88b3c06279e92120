"""The kinds of trackers with their clients, and how one is opened."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from bot.store.repositories.tracker_connections import TrackerCheck
from bot.trackers.connection_secrets import ConnectionSecrets
from bot.trackers.github import GitHub
from bot.trackers.gitlab import GitLab
from bot.trackers.jira import JiraCloud, JiraDataCenter
from bot.trackers.linear import Linear
from bot.trackers.redmine import Redmine
from bot.trackers.tracker import Tracker
from bot.trackers.tracker_client import ProjectClient
from bot.trackers.tracker_http import Transport
from domain.kernel.tracked_issue import ConnectedTracker, TrackerKind

CLIENTS: Final[Mapping[TrackerKind, type[ProjectClient[Any]]]] = {
    client.kind: client for client in (GitHub, GitLab, JiraCloud, JiraDataCenter, Redmine, Linear)
}
"""The clients by the kinds of trackers."""

Addressed = ConnectedTracker | TrackerCheck
"""What names the kind, the address and the project of a tracker."""

TrackerOpener = Callable[[Addressed, ConnectionSecrets], Tracker]
"""Returns the client of a project, without calling it; raises TrackerRefused for a wrong project."""


def tracker_opener(transport: Transport) -> TrackerOpener:
    """Return the function that opens clients whose calls go through a transport."""
    return partial(_opened, transport)


def _opened(transport: Transport, tracker: Addressed, secrets: ConnectionSecrets) -> Tracker:
    return CLIENTS[tracker.kind](
        transport, url=tracker.url, project=tracker.project, token=secrets.token, login=secrets.login
    )
