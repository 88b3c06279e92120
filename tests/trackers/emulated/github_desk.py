"""GitHub by the stand-in; people use it by PyGithub, which also reads what the bot wrote."""

from github import Auth, Github
from github.Issue import Issue
from github.Repository import Repository

from bot.settings import Secret
from bot.trackers.github import GitHub
from bot.trackers.tracker_http import UrllibTransport
from tests.trackers.emulated.services import BEN, BEN_TOKEN, BOT, BOT_TOKEN, Services

PROJECT = f"{BOT}/shop"


class EmulatedGitHubDesk:
    """The repository of the bot, of which Ben is a collaborator."""

    has_due_dates = False
    missing_key = "#999"
    person = BEN

    def __init__(self, services: Services) -> None:
        url = services.github
        library(url, BOT_TOKEN).add_to_collaborators(BEN, "push")
        self.repository = library(url, BEN_TOKEN)
        transport = UrllibTransport(allowed={"localhost"})
        self.tracker = GitHub(transport, url=url, project=PROJECT, token=Secret(BOT_TOKEN), api=url)

    def read(self, key: str) -> Issue:
        """An issue as the library reads it."""
        return self.repository.get_issue(int(key[1:]))

    def open(self, title: str) -> str:
        return f"#{self.repository.create_issue(title).number}"

    def write(self, key: str, text: str) -> None:
        self.read(key).edit(body=text)

    def close(self, key: str, *, done: bool) -> None:
        self.read(key).edit(state="closed", state_reason="completed" if done else "not_planned")

    def reopen(self, key: str) -> None:
        self.read(key).edit(state="open", state_reason="reopened")


def library(url: str, token: str) -> Repository:
    """The repository as PyGithub sees it."""
    return Github(base_url=url, auth=Auth.Token(token), retry=None).get_repo(PROJECT)
