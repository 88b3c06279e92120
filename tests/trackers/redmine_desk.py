"""A real Redmine, and what people do there."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from bot.settings import Secret
from bot.trackers.redmine import Redmine
from bot.trackers.tracker_http import Transport
from tests.trackers.fake_redmine import BEN
from tests.trackers.redmine_server import RedmineServer

OPEN, CLOSED, REJECTED = 2, 5, 6
MANAGER, DEVELOPER = 3, 4
_PROJECTS: Iterator[int] = count(1)


class RealRedmineDesk:
    """A new project in a real Redmine."""

    has_due_dates = True
    missing_key = "#99999"
    person = str(BEN)

    def __init__(self, server: RedmineServer, transport: Transport, library: Any) -> None:
        """`library` is the module redminelib."""
        self._project = f"project-{next(_PROJECTS)}"
        owner = library.Redmine(server.url, key=server.admin_key)
        owner.project.create(
            name=self._project,
            identifier=self._project,
            is_public=False,
            enabled_module_names=["issue_tracking"],
        )
        bot = library.Redmine(server.url, key=server.bot_key).user.get("current").id
        for account, role in ((bot, MANAGER), (BEN, DEVELOPER)):
            owner.project_membership.create(project_id=self._project, user_id=account, role_ids=[role])
        self._people = owner
        self.tracker = Redmine(transport, url=server.url, project=self._project, token=Secret(server.bot_key))

    def open(self, title: str) -> str:
        return f"#{self._people.issue.create(project_id=self._project, subject=title).id}"

    def write(self, key: str, text: str) -> None:
        self._people.issue.update(int(key[1:]), description=text)

    def close(self, key: str, *, done: bool) -> None:
        self._people.issue.update(int(key[1:]), status_id=CLOSED if done else REJECTED)

    def reopen(self, key: str) -> None:
        self._people.issue.update(int(key[1:]), status_id=OPEN)
