"""Jira, without a server and with a stand-in for one, and what people do there."""

from typing import Any

from bot.settings import Secret
from bot.trackers.adf import document, paragraph
from bot.trackers.jira import JiraCloud, JiraDataCenter
from bot.trackers.tracker_http import Transport
from tests.trackers.fake_jira import FakeJira
from tests.trackers.fake_transport import TOKEN, FakeTransport

SITE = "https://jira.example.org"


class JiraDesk:
    """A project with answers of the shapes that Atlassian documents."""

    has_due_dates = True
    missing_key = "REFILL-999"
    person = "ben"

    def __init__(self, *, cloud: bool) -> None:
        self.fake = FakeJira(cloud=cloud)
        given: dict[str, Any] = {
            "url": SITE,
            "project": "REFILL",
            "token": Secret(TOKEN),
            "clock": lambda: self.fake.now,
        }
        transport = FakeTransport(self.fake)
        self.tracker = (
            JiraCloud(transport, login="threatmodel@example.com", **given)
            if cloud
            else JiraDataCenter(transport, **given)
        )

    def open(self, title: str) -> str:
        return self.fake.open(title)

    def write(self, key: str, text: str) -> None:
        # An editor of documents has a paragraph for each line.
        document_of_lines = document([paragraph(line) for line in text.split("\n") if line])
        self.fake.change(key, description=document_of_lines if self.fake.cloud else text)

    def close(self, key: str, *, done: bool) -> None:
        self.fake.change(key, status="Done", resolution="Done" if done else "Won't Do")

    def reopen(self, key: str) -> None:
        self.fake.change(key, status="To Do", resolution=None)


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
