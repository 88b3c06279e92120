"""Each client with a stand-in for its tracker, and what people do there."""

from bot.settings import Secret
from bot.trackers.github import GitHub
from bot.trackers.gitlab import GitLab
from bot.trackers.linear import Linear
from tests.trackers import fake_github, fake_gitlab, fake_linear
from tests.trackers.fake_github import FakeGitHub
from tests.trackers.fake_gitlab import FakeGitLab
from tests.trackers.fake_linear import FakeLinear
from tests.trackers.fake_transport import TOKEN, FakeTransport


class GitHubDesk:
    """A repository on github.com."""

    has_due_dates = False
    missing_key = "#999"
    person = fake_github.BEN

    def __init__(self) -> None:
        self.fake = FakeGitHub()
        self.transport = FakeTransport(self.fake)
        self.tracker = GitHub(
            self.transport, url="https://github.com", project="acme/shop", token=Secret(TOKEN)
        )

    def open(self, title: str) -> str:
        return f"#{self.fake.open(title)}"

    def write(self, key: str, text: str) -> None:
        self.fake.change(int(key[1:]), body=text)

    def close(self, key: str, *, done: bool) -> None:
        self.fake.change(int(key[1:]), state="closed", state_reason="completed" if done else "not_planned")

    def reopen(self, key: str) -> None:
        self.fake.change(int(key[1:]), state="open", state_reason="reopened")


class GitLabDesk:
    """A project on gitlab.com, or on another GitLab."""

    has_due_dates = True
    missing_key = "#999"
    person = str(fake_gitlab.BEN)

    def __init__(self, url: str = "https://gitlab.com") -> None:
        self.fake = FakeGitLab()
        self.transport = FakeTransport(self.fake)
        self.tracker = GitLab(self.transport, url=url, project="acme/platform/shop", token=Secret(TOKEN))

    def open(self, title: str) -> str:
        return f"#{self.fake.open(title)}"

    def write(self, key: str, text: str) -> None:
        self.fake.change(int(key[1:]), description=text)

    def close(self, key: str, *, done: bool) -> None:
        duplicate = None if done else "https://gitlab.com/api/v4/projects/9/issues/3"
        self.fake.change(int(key[1:]), state="closed", duplicate_of=duplicate)

    def reopen(self, key: str) -> None:
        self.fake.change(int(key[1:]), state="opened", duplicate_of=None)


class LinearDesk:
    """A team of a workspace in Linear."""

    has_due_dates = True
    missing_key = "ENG-999"
    person = fake_linear.BEN

    def __init__(self) -> None:
        self.fake = FakeLinear()
        self.transport = FakeTransport(self.fake)
        self.tracker = Linear(
            self.transport, url="https://linear.app/acme", project="eng", token=Secret(TOKEN)
        )

    def open(self, title: str) -> str:
        return f"ENG-{self.fake.open(title)}"

    def write(self, key: str, text: str) -> None:
        self.fake.change(int(key[4:]), description=text)

    def close(self, key: str, *, done: bool) -> None:
        self.fake.change(int(key[4:]), state="Done" if done else "Canceled")

    def reopen(self, key: str) -> None:
        self.fake.change(int(key[4:]), state="Todo")
