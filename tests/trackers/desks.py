"""Each client with a stand-in for its tracker, and what people do there."""

from bot.settings import Secret
from bot.trackers.github import GitHub
from tests.trackers.fake_github import BEN, FakeGitHub
from tests.trackers.fake_transport import TOKEN, FakeTransport


class GitHubDesk:
    """A repository on github.com."""

    has_due_dates = False
    missing_key = "#999"
    person = BEN

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
