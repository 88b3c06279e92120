"""Workspaces that install the app as people do, and start models."""

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

from bot.sandbox.api import Sandbox, SandboxWorkspace
from bot.slack.protocol.app_ids import REDIRECT_PATH, START_PATH
from tests.sandbox.consent import visited

ANA = "U0ANA0001"
"""An administrator in each workspace."""


class InstallingWorkspaces:
    """Workspaces of a sandbox that install the app from the pages at an address."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.sandbox = sandbox
        self._url = url

    def at(self, team: str) -> SandboxWorkspace:
        """One of the workspaces."""
        return self.sandbox.at(team)

    def install(self, place: str) -> str:
        """Install the app from its page, as an administrator; return the last page."""
        address = urlsplit(self._url)
        connection = http.client.HTTPConnection(address.netloc, timeout=30)
        connection.request("GET", START_PATH)
        began = connection.getresponse()
        began.read()
        status, back = visited(str(began.headers["location"]), "allow", place=place, person=ANA)
        assert status == http.client.FOUND, back
        cookie = str(began.headers["set-cookie"]).partition(";")[0]
        parts = urlsplit(back)
        assert parts.path == REDIRECT_PATH
        connection = http.client.HTTPConnection(address.netloc, timeout=30)
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Cookie": cookie})
        page = connection.getresponse().read().decode()
        connection.close()
        return page

    def start(self, team: str, name: str) -> None:
        """Invite the bot to a channel and start a model there."""
        there = self.at(team)
        there.invite_bot("#house")
        ana = there.person("ana")
        ana.command("#house", f"/threatmodel start {name}")
        self.wait(lambda: ana.modal is not None and ana.modal.title == "New threat model")
        ana.submit()
        self.wait(lambda: self.card(team, name))

    def card(self, team: str, *words: str) -> bool:
        """Whether the channel of a workspace shows a card with these words."""
        seen = self.at(team).person("ben").sees("#house")
        return any(all(word in one.plain for word in words) for one in seen if one.message.blocks)

    def wait(self, until: Callable[[], object], seconds: float = 30) -> None:
        """Wait until something holds."""
        self.sandbox.wait_until(until, seconds)
