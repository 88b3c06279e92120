"""The client of a tracker by its kind."""

from typing import assert_never

from bot.settings import Secret
from bot.trackers.github import GitHub
from bot.trackers.gitlab import GitLab
from bot.trackers.jira_cloud import JiraCloud
from bot.trackers.jira_data_center import JiraDataCenter
from bot.trackers.linear import Linear
from bot.trackers.redmine import Redmine
from bot.trackers.tracker import Tracker
from bot.trackers.tracker_http import Transport
from domain.kernel.tracked_issue import TrackerKind


def open_tracker(
    kind: TrackerKind, *, url: str, project: str, token: Secret, login: str = "", transport: Transport
) -> Tracker:
    """Return the client of a tracker; nothing is asked yet. `login` is the email address for Jira Cloud.

    Raises TrackerRefused, with a sentence for the person who typed it, if the project is not of the form that
    the kind needs. The transport checks the URL at each call.
    """
    match kind:
        case TrackerKind.GITHUB:
            return GitHub(transport, url=url, project=project, token=token)
        case TrackerKind.GITLAB:
            return GitLab(transport, url=url, project=project, token=token)
        case TrackerKind.LINEAR:
            return Linear(transport, url=url, project=project, token=token)
        case TrackerKind.REDMINE:
            return Redmine(transport, url=url, project=project, token=token)
        case TrackerKind.JIRA_CLOUD:
            return JiraCloud(transport, url=url, project=project, token=token, login=login)
        case TrackerKind.JIRA_DATA_CENTER:
            return JiraDataCenter(transport, url=url, project=project, token=token)
        case _:
            assert_never(kind)
