"""The bot for many workspaces in a sandbox, where people install it as in their browser."""

import http.client
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.commands.command_handler import CommandHandler
from bot.manifest import build_manifest
from bot.sandbox.api import ANA, SECOND_TEAM, Sandbox, SandboxWorkspace
from bot.server_process import listening_socket, running_server
from bot.settings import Settings, read_settings
from bot.slack.protocol.app_ids import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH, START_PATH
from bot.slack.slack_bot import SlackBot
from bot.slack.transport.http_server import Door
from bot.store import SqliteStore, open_store
from tests.fresh_database import copy_fresh_file
from tests.slack.installing import FIRST_KEY
from tests.slack.slack_team import QUICK, Transport
from tests.waiting import patient_sandbox

_ANY = "https://sandbox.invalid"


class AppInSandbox:
    """Two workspaces, and the bot that can be installed in them."""

    def __init__(self, sandbox: Sandbox, bot: SlackBot, store: SqliteStore, address: str) -> None:
        self.sandbox = sandbox
        self.bot = bot
        self.store = store
        self._address = address
        self.second = sandbox.at(SECOND_TEAM.id)

    def install(self, place: str, *channels: str) -> str:
        """Install the app in a workspace or an organization, and invite it; return the bot's page."""
        began = self._visit(self._address + START_PATH)
        cookie = str(began.headers["Set-Cookie"]).split(";")[0]
        form = urlencode({"answer": "allow", "place": place, "person": ANA.id})
        allowed = self._visit(str(began.headers["Location"]), form=form)
        page = self._visit(str(allowed.headers["Location"]), cookie=cookie).read().decode()
        for workspace in self.sandbox.workspaces:
            if place in (workspace.workspace.team.id, workspace.workspace.place):
                for channel in channels:
                    workspace.invite_bot(channel)
        return page

    def start(self, there: SandboxWorkspace, name: str) -> None:
        """Start a model in the channel of a workspace, and wait for its card."""
        ana = there.person("ana")
        ana.command("#house", "/threatmodel start")
        self.wait(lambda: self._title(there) == "New threat model")
        ana.fill("Name", name)
        ana.submit()
        self.wait(lambda: self._title(there) == "Add data flows")
        ana.close(all_of_them=True)
        self.wait(lambda: self.cards(there) and name in self.cards(there)[-1])

    def cards(self, there: SandboxWorkspace) -> list[str]:
        """Return the messages of the bot in the channel of a workspace, without ephemeral ones."""
        seen = there.person("ben").sees("#house")
        return [one.plain for one in seen if one.message.blocks and not one.ephemeral]

    def wait(self, until: Callable[[], object]) -> None:
        """Wait for what the bot or the sandbox does."""
        self.sandbox.wait_until(until)

    def _title(self, there: SandboxWorkspace) -> str:
        modal = there.person("ana").modal
        return modal.title if modal is not None else ""

    def _visit(self, url: str, *, form: str = "", cookie: str = "") -> http.client.HTTPResponse:
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.netloc, timeout=60)
        path = f"{address.path}?{address.query}"
        headers = {"Cookie": cookie} if cookie else {}
        connection.request("POST" if form else "GET", path, body=form or None, headers=headers)
        return connection.getresponse()


@contextmanager
def app_in_sandbox(path: Path, transport: Transport = "http", **options: Any) -> Generator[AppInSandbox]:
    """Run the bot on a file, and two workspaces in which it is not installed."""
    manifest = build_manifest(transport, _ANY if transport == "http" else None, install_url=_ANY)
    with ExitStack() as parts:
        sandbox = parts.enter_context(
            patient_sandbox(
                manifest=manifest,
                delivery=transport,
                further=[SECOND_TEAM],
                installed=False,
                event_retries=(0.0, 0.1),
                **options,
            )
        )
        copy_fresh_file(path / "bot.db")
        store = open_store(f"sqlite:///{path / 'bot.db'}")
        parts.callback(store.close)
        command_handler = CommandHandler(store)
        bot = SlackBot(
            _settings(sandbox, transport),
            command_handler,
            store,
            sandbox.clock.moment,
            pace=QUICK,
        )
        parts.callback(bot.stop)
        bot.start()
        server = parts.enter_context(
            running_server(Door(bot.public, parts.enter_context(listening_socket("127.0.0.1", 0))))
        )
        if transport == "http":
            sandbox.deliver_to(server.address + EVENTS_PATH)
        sandbox.install_at(server.address + INSTALL_PATH, server.address + REDIRECT_PATH)
        yield AppInSandbox(sandbox, bot, store, server.address)


def _settings(sandbox: Sandbox, transport: Transport) -> Settings:
    return read_settings(
        {
            "SLACK_CLIENT_ID": sandbox.tokens.client_id,
            "SLACK_CLIENT_SECRET": sandbox.tokens.client_secret,
            "SLACK_SIGNING_SECRET": sandbox.signing_secret,
            "SLACK_APP_TOKEN": sandbox.app_token if transport == "socket" else "",
            "THREATMODEL_TOKEN_KEYS": FIRST_KEY,
            "SLACK_API_URL": sandbox.url,
        },
        serving=True,
    )
