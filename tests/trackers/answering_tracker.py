"""A tracker that answers what connecting asks as a test wants it."""

from collections.abc import Sequence

from bot.trackers.connection_secrets import ConnectionSecrets
from bot.trackers.open_tracker import Addressed
from bot.trackers.tracker import Account, Project
from domain.kernel.tracked_issue import TrackerKind
from tests.examples import MORNING
from tests.trackers.fake_tracker import FakeTracker

BOT = Account(id="bot", name="threat-bot")
PEOPLE = (
    Account(id="17", name="Ana Alves", email="ana@example.org"),
    Account(id="18", name="Anabel", email="anabel@example.org"),
    Account(id="19", name="Ben", email="ben@example.org"),
)


class AnsweringTracker(FakeTracker):
    """A project whose answers a test chooses; `opened` is what its client was opened with last."""

    kind = TrackerKind.GITHUB

    def __init__(self, project: Project | None = None) -> None:
        super().__init__(now=lambda: MORNING)
        self.answer: Project | Exception = project or Project(name="shop", public=False, account=BOT)
        self.opened: tuple[Addressed, ConnectionSecrets] | None = None

    def open(self, tracker: Addressed, secrets: ConnectionSecrets) -> "AnsweringTracker":
        """Return the client."""
        self.opened = tracker, secrets
        return self

    def project(self) -> Project:
        self.calls.append("project")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def accounts(self, text: str) -> Sequence[Account]:
        """Return the accounts whose name or address contains a text."""
        self.calls.append(f"accounts {text}")
        wanted = text.casefold()
        return [one for one in PEOPLE if wanted in one.name.casefold() or wanted == one.email.casefold()]
