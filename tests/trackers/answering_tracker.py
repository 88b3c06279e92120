"""A tracker that answers what connecting asks, and nothing about issues."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.trackers.open_tracker import TrackerAccess
from bot.trackers.tracker import Account, Issue, IssueContent, Project
from domain.kernel.tracked_issue import TrackerKind

BOT = Account(id="bot", name="threat-bot")
PEOPLE = (
    Account(id="17", name="Ana Alves", email="ana@example.org"),
    Account(id="18", name="Anabel", email="anabel@example.org"),
    Account(id="19", name="Ben", email="ben@example.org"),
)


class AnsweringTracker:
    """A project whose answers a test chooses; `opened` is what its client was opened with last."""

    kind = TrackerKind.GITHUB
    search_delay = 0.0

    def __init__(self, project: Project | None = None) -> None:
        self.answer: Project | Exception = project or Project(name="shop", public=False, account=BOT)
        self.opened: TrackerAccess | None = None
        self.calls: list[str] = []

    def open(self, access: TrackerAccess) -> "AnsweringTracker":
        """Return the client."""
        self.opened = access
        return self

    def project(self) -> Project:
        """Return the project, or fail."""
        self.calls.append("project")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def accounts(self, text: str) -> Sequence[Account]:
        """Return the accounts whose name or address contains a text."""
        self.calls.append(f"accounts {text}")
        wanted = text.casefold()
        return [one for one in PEOPLE if wanted in one.name.casefold() or wanted == one.email.casefold()]

    def find(self, mark: str) -> Sequence[Issue]:
        """Not asked while connecting."""
        raise AssertionError(mark)

    def create(self, mark: str, content: IssueContent) -> Issue:
        """Not asked while connecting."""
        raise AssertionError((mark, content))

    def read(self, key: str) -> Issue:
        """Not asked while connecting."""
        raise AssertionError(key)

    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        """Not asked while connecting."""
        raise AssertionError((key, mark, content))

    def close_duplicate(self, key: str, original: str) -> None:
        """Not asked while connecting."""
        raise AssertionError((key, original))

    def changed(self, since: datetime) -> Iterator[Issue]:
        """Not asked while connecting."""
        raise AssertionError(since)

    def key_of(self, typed: str) -> str | None:
        """Not asked while connecting."""
        raise AssertionError(typed)
