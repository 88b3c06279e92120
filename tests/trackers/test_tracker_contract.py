"""Every client of a tracker behaves the same."""

from functools import partial

from tests.trackers.desks import GitHubDesk, GitLabDesk, LinearDesk
from tests.trackers.jira_desk import JiraDesk
from tests.trackers.redmine_desk import RedmineDesk
from tests.trackers.tracker_contract import broken_behaviours


def test_every_client_keeps_the_contract() -> None:
    desks = {
        "GitHub": GitHubDesk,
        "GitLab": GitLabDesk,
        "Jira Cloud": partial(JiraDesk, cloud=True),
        "Jira Data Center": partial(JiraDesk, cloud=False),
        "Linear": LinearDesk,
        "Redmine": RedmineDesk,
    }
    assert broken_behaviours(desks) == {}
