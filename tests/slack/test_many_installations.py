"""Workspaces of the sandbox install the app by its pages, over HTTP; each works by itself."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.manifest import build_manifest
from bot.sandbox.api import SECOND_TEAM, TEAM_ID, Behavior, Sandbox
from bot.settings import Secret
from bot.slack.protocol.app_ids import EVENTS_PATH
from bot.slack.slack_bot import SlackBot
from bot.slack.transport.http_server import Door, HttpServer, address_of, open_socket
from bot.store import Store, open_store
from tests.depth import deep_only
from tests.fresh_database import copy_fresh_file
from tests.slack.installing import FIRST_KEY
from tests.slack.installing_workspaces import InstallingWorkspaces
from tests.slack.slack_team import QUICK, settings_for
from tests.waiting import patient_sandbox

ESTATE = "E0ESTATE1"
OTHER = SECOND_TEAM.id


class Estate(InstallingWorkspaces):
    """Two workspaces and the bot, which is installed nowhere."""

    def __init__(self, sandbox: Sandbox, store: Store, url: str) -> None:
        super().__init__(sandbox, url)
        self.store = store

    def stored_tokens(self, team: str) -> list[object]:
        """The encrypted tokens that the bot has stored for a workspace."""
        return [one.token for one in self.store.installations.of_tenant(team)]


@contextmanager
def estate(path: Path, *, enterprise: str = "") -> Generator[Estate]:
    """Run two workspaces, of one organization if it is named, and a bot for all that install it."""
    listening = open_socket("127.0.0.1", 0)
    url = address_of(listening)
    sandbox = patient_sandbox(
        manifest=build_manifest("http", url, install_url=url),
        delivery="http",
        behavior=Behavior(enterprise=enterprise),
        further=[SECOND_TEAM],
        installed=False,
    )
    copy_fresh_file(path)
    store = open_store(f"sqlite:///{path}")
    command_handler = CommandHandler(store)
    settings = replace(
        settings_for(sandbox, path, "http"),
        bot_token=Secret(""),
        client_id=sandbox.tokens.client_id,
        client_secret=Secret(sandbox.tokens.client_secret),
        token_keys=(Secret(FIRST_KEY),),
    )
    bot = SlackBot(
        settings,
        command_handler,
        store,
        lambda: datetime.fromtimestamp(sandbox.clock.now(), UTC),
        pace=QUICK,
        alone=True,
    )
    server = None
    try:
        bot.start()
        server = HttpServer.at(Door(bot.public, listening))
        sandbox.deliver_to(url + EVENTS_PATH)
        yield Estate(sandbox, store, url)
    finally:
        bot.stop()
        if server is not None:
            server.stop()
        command_handler.close()
        store.close()
        sandbox.stop()


def test_a_workspace_that_removes_the_app_and_installs_it_again_keeps_its_models(tmp_path: Path) -> None:
    with estate(tmp_path / "many.db") as place:
        for team, name in ((TEAM_ID, "Front door"), (OTHER, "Back door")):
            assert "Threat Model is installed in" in place.install(team)
            place.start(team, name)
        assert not place.card(TEAM_ID, "Back door")

        place.at(OTHER).uninstall()
        place.wait(lambda: place.store.installations.installed() == [TEAM_ID])
        place.start(TEAM_ID, "Garden gate")

        place.install(OTHER)
        place.start(OTHER, "Cellar")
        place.at(OTHER).person("ana").command("#house", "/threatmodel models")
        assert [one.name for one in place.store.unit(OTHER).events.streams()] == ["Back door", "Cellar"]
        assert [one.name for one in place.store.unit(TEAM_ID).events.streams()] == [
            "Front door",
            "Garden gate",
        ]


def test_tokens_are_renewed_before_they_expire(tmp_path: Path) -> None:
    with estate(tmp_path / "many.db") as place:
        place.install(TEAM_ID)
        place.start(TEAM_ID, "Front door")
        before, stored = place.at(TEAM_ID).bot_token, place.stored_tokens(TEAM_ID)
        place.sandbox.clock.move(timedelta(hours=6, minutes=1).total_seconds())

        place.wait(lambda: place.at(TEAM_ID).bot_token != before)
        place.wait(lambda: place.stored_tokens(TEAM_ID) != stored)

        place.sandbox.clock.move(timedelta(hours=5).total_seconds())
        place.start(TEAM_ID, "Garden gate")


@deep_only
def test_a_process_that_slept_past_the_end_of_its_tokens_goes_on(tmp_path: Path) -> None:
    with estate(tmp_path / "many.db") as place:
        place.install(TEAM_ID)
        place.start(TEAM_ID, "Front door")
        before, stored = place.at(TEAM_ID).bot_token, place.stored_tokens(TEAM_ID)
        place.sandbox.clock.move(timedelta(days=3).total_seconds())
        place.wait(lambda: place.at(TEAM_ID).bot_token != before)
        place.wait(lambda: place.stored_tokens(TEAM_ID) != stored)
        place.start(TEAM_ID, "Garden gate")


def test_one_installation_serves_both_workspaces_of_an_organization(tmp_path: Path) -> None:
    with estate(tmp_path / "many.db", enterprise=ESTATE) as place:
        assert "adds it" in place.install(ESTATE)
        place.wait(lambda: place.store.installations.installed() == sorted([TEAM_ID, OTHER]))
        place.start(TEAM_ID, "Front door")
        place.start(OTHER, "Back door")
        assert not place.card(TEAM_ID, "Back door")

        place.at(TEAM_ID).uninstall()
        place.wait(lambda: place.store.installations.installed() == [])
