"""A stand-in for Jira Data Center that others made, and what people do there."""

from typing import Any

from bot.settings import Secret
from bot.trackers.jira import JiraDataCenter
from bot.trackers.tracker_http import Transport
from tests.trackers.fake_transport import TOKEN


class StandInDesk:
    """The project of a jira820, a stand-in for Jira Data Center that keeps its issues."""

    has_due_dates = True
    missing_key = "REFILL-999"
    person = "ben"

    def __init__(self, site: str, transport: Transport, people: Any) -> None:
        """`people` is a JIRA of the library jira."""
        self._people = people
        self.tracker = JiraDataCenter(transport, url=site, project="REFILL", token=Secret(TOKEN))

    def open(self, title: str) -> str:
        issue = self._people.create_issue(project="REFILL", summary=title, issuetype={"name": "Bug"})
        return str(issue.key)

    def write(self, key: str, text: str) -> None:
        self._people.issue(key).update(fields={"description": text})

    def close(self, key: str, *, done: bool) -> None:
        name = "Done" if done else "Won't Do"
        self._people.transition_issue(key, "To Done", fields={"resolution": {"name": name}})

    def reopen(self, key: str) -> None:
        self._people.transition_issue(key, "To Reopened")
