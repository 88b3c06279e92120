"""Each client with a stand-in for its tracker, and what people do there."""

from typing import Any, ClassVar

from bot.settings import Secret
from bot.trackers.adf import document, paragraph
from bot.trackers.github import GitHub
from bot.trackers.gitlab import GitLab
from bot.trackers.jira import JiraCloud, JiraDataCenter
from bot.trackers.linear import Linear
from bot.trackers.redmine import Redmine
from bot.trackers.tracker import Tracker
from tests.trackers import fake_github, fake_gitlab, fake_linear, fake_redmine
from tests.trackers.fake_github import FakeGitHub
from tests.trackers.fake_gitlab import FakeGitLab
from tests.trackers.fake_jira import FakeJira
from tests.trackers.fake_linear import FakeLinear
from tests.trackers.fake_redmine import FakeRedmine
from tests.trackers.fake_transport import TOKEN, FakeTransport

JIRA_SITE = "https://jira.example.org"


class FakeDesk:
    """What people do in a stand-in, whose issues have fields of these names."""

    fake: Any
    tracker: Tracker
    has_due_dates = True
    closes_by_state = False
    """Whether the field `state` closes an issue."""
    prefix = "#"
    missing_key = "#999"
    person: str
    stranger: str
    """An account to which no issue can be assigned."""
    text_field = "description"
    label_field = "labels"
    completed: ClassVar[dict[str, Any]]
    dropped: ClassVar[dict[str, Any]]
    reopened: ClassVar[dict[str, Any]]

    def open(self, title: str) -> str:
        return f"{self.prefix}{self.fake.open(title)}"

    def write(self, key: str, text: str) -> None:
        self.change(key, **{self.text_field: text})

    def close(self, key: str, *, done: bool) -> None:
        self.change(key, **(self.completed if done else self.dropped))

    def reopen(self, key: str) -> None:
        self.change(key, **self.reopened)

    def copy(self, key: str) -> str:
        """Copy an issue with its text and its labels; return the key of the copy."""
        copied = self.open("Copy")
        fields = (self.text_field, self.label_field)
        self.change(copied, **{field: self.issue(key)[field] for field in fields if field in self.issue(key)})
        return copied

    def label(self, key: str, name: str) -> None:
        """Add a label to an issue."""
        self.change(key, **{self.label_field: [*self.issue(key)[self.label_field], name]})

    def labels(self, key: str) -> list[str]:
        """Return the labels of an issue."""
        return list(self.issue(key)[self.label_field])

    def comments(self) -> list[str]:
        """Return what was commented on issues."""
        return list(self.fake.comments)

    def issue(self, key: str) -> dict[str, Any]:
        """Return the fields of an issue as the stand-in keeps them."""
        fields: dict[str, Any] = self.fake.issues[self.number(key)]
        return fields

    def change(self, key: str, /, **fields: Any) -> None:
        """Change fields of an issue."""
        self.fake.change(self.number(key), **fields)

    def number(self, key: str) -> Any:
        """Return under what the stand-in keeps an issue."""
        return int(key.removeprefix(self.prefix))


class GitHubDesk(FakeDesk):
    """A repository on github.com."""

    has_due_dates = False
    closes_by_state = True
    person = fake_github.BEN
    stranger = "gone"
    text_field = "body"
    completed: ClassVar = {"state": "closed", "state_reason": "completed"}
    dropped: ClassVar = {"state": "closed", "state_reason": "not_planned"}
    reopened: ClassVar = {"state": "open", "state_reason": "reopened"}

    def __init__(self) -> None:
        self.fake = FakeGitHub()
        self.transport = FakeTransport(self.fake)
        self.tracker = GitHub(
            self.transport, url="https://github.com", project="acme/shop", token=Secret(TOKEN)
        )


class GitLabDesk(FakeDesk):
    """A project on gitlab.com, or on another GitLab."""

    closes_by_state = True
    person = str(fake_gitlab.BEN)
    stranger = "8"
    completed: ClassVar = {"state": "closed", "duplicate_of": None}
    dropped: ClassVar = {
        "state": "closed",
        "duplicate_of": "https://gitlab.com/api/v4/projects/9/issues/3",
    }
    reopened: ClassVar = {"state": "opened", "duplicate_of": None}

    def __init__(self, url: str = "https://gitlab.com") -> None:
        self.fake = FakeGitLab()
        self.transport = FakeTransport(self.fake)
        self.tracker = GitLab(self.transport, url=url, project="acme/platform/shop", token=Secret(TOKEN))


class JiraDesk(FakeDesk):
    """A project with answers of the shapes that Atlassian documents."""

    prefix = ""
    missing_key = "REFILL-999"
    person = "ben"
    stranger = "gone"
    completed: ClassVar = {"status": "Done", "resolution": "Done"}
    dropped: ClassVar = {"status": "Done", "resolution": "Won't Do"}
    reopened: ClassVar = {"status": "To Do", "resolution": None}

    def __init__(self, *, cloud: bool, project: str = "REFILL") -> None:
        self.fake = FakeJira(cloud=cloud)
        self.transport = FakeTransport(self.fake)
        given: dict[str, Any] = {
            "url": f"{JIRA_SITE}/",
            "project": project,
            "token": Secret(TOKEN),
            "clock": lambda: self.fake.now,
        }
        self.tracker = (
            JiraCloud(self.transport, login="threatmodel@example.com", **given)
            if cloud
            else JiraDataCenter(self.transport, **given)
        )

    def write(self, key: str, text: str) -> None:
        # An editor of documents has a paragraph for each line.
        document_of_lines = document([paragraph(line) for line in text.split("\n") if line])
        self.change(key, description=document_of_lines if self.fake.cloud else text)

    def comments(self) -> list[str]:
        texts = [text for _, text in self.fake.comments]
        return [one["content"][0]["content"][0]["text"] if self.fake.cloud else one for one in texts]

    def number(self, key: str) -> str:
        return key


class LinearDesk(FakeDesk):
    """A team of a workspace in Linear."""

    prefix = "ENG-"
    missing_key = "ENG-999"
    person = fake_linear.BEN
    stranger = "nobody"
    label_field = "labelIds"
    completed: ClassVar = {"state": "Done"}
    dropped: ClassVar = {"state": "Canceled"}
    reopened: ClassVar = {"state": "Todo"}

    def __init__(self) -> None:
        self.fake = FakeLinear()
        self.transport = FakeTransport(self.fake)
        self.tracker = Linear(
            self.transport, url="https://linear.app/acme", project="eng", token=Secret(TOKEN)
        )

    def label(self, key: str, name: str) -> None:
        super().label(key, self.fake.label(name))

    def labels(self, key: str) -> list[str]:
        return [self.fake.labels[label]["name"] for label in super().labels(key)]


class RedmineDesk(FakeDesk):
    """A project with answers of the real Redmine."""

    person = str(fake_redmine.BEN)
    stranger = "99"
    completed: ClassVar = {"status_id": 5}
    dropped: ClassVar = {"status_id": 6}
    reopened: ClassVar = {"status_id": 2}

    def __init__(self) -> None:
        self.fake = FakeRedmine()
        self.transport = FakeTransport(self.fake)
        self.tracker = Redmine(
            self.transport, url="https://redmine.example.org", project="payments", token=Secret(TOKEN)
        )

    def comments(self) -> list[str]:
        return [issue["notes"] for issue in self.fake.issues.values() if "notes" in issue]
