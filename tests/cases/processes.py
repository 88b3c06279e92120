"""The bot as an operator starts it: a process of its own, to be killed."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.commands.command_handler import CommandHandler
from bot.manifest import Manifest, build_manifest
from bot.sandbox.api import Sandbox
from bot.slack.directory.member_directory import Directory, Membership
from bot.store import SqliteStore, open_store
from domain.kernel.elements import ChannelId, PersonId
from tests.forked_popen import ForkedPopen
from tests.slack.slack_team import SlackTeam, Transport

ROOT = Path(__file__).resolve().parents[2]


def manifest_for(transport: Transport) -> Manifest:
    """The app's manifest for a way of meeting Slack."""
    return build_manifest(transport, "https://sandbox.invalid" if transport == "http" else None)


@contextmanager
def serve_process(
    slack: Sandbox, database: Path, transport: Transport = "socket", **settings: str
) -> Generator[subprocess.Popen[str]]:
    """`threatmodel serve`, reached by Slack; killed at the end without a word."""
    meets = {
        "socket": {"SLACK_APP_TOKEN": slack.app_token},
        "http": {"SLACK_SIGNING_SECRET": slack.signing_secret},
    }
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONUNBUFFERED": "1",
        "SLACK_API_URL": slack.url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "DATABASE_URL": f"sqlite:///{database}",
        "PORT": "0",
        "METRICS_PORT": "0",
        **meets[transport],
        **settings,
    }
    command = [sys.executable, "-m", "bot", "serve"]
    with (
        database.with_suffix(".log").open("a") as errors,
        ForkedPopen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # so that a server's worker dies with it
        ) as process,
    ):
        try:
            assert process.stdout is not None
            operators = re.search(r"http://\S+", process.stdout.readline())
            address = re.search(r"http://\S+", process.stdout.readline())
            assert operators is not None, database.with_suffix(".log").read_text()
            assert address is not None, database.with_suffix(".log").read_text()
            if transport == "http":
                slack.deliver_to(f"{address[0]}/slack/events")
            # A start that meets a fault of Slack's is another story.
            slack.wait_until(lambda: is_ready_at(operators[0]))
            yield process
        finally:
            kill_process(process)


def is_ready_at(address: str) -> bool:
    """What the process says itself to whoever watches over it."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def kill_process(process: subprocess.Popen[str]) -> None:
    """Kill a bot, all of its processes at once, as a power failure does."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)


@contextmanager
def bot_database(slack: Sandbox, database: Path) -> Generator[SlackTeam]:
    """The workspace and the database file without a bot of our own: it runs elsewhere, or not at all."""
    store: SqliteStore = open_store(f"sqlite:///{database}")
    command_handler = CommandHandler(store)
    try:
        yield SlackTeam(slack, None, store, command_handler)  # pyright: ignore[reportArgumentType]  (it runs elsewhere)
    finally:
        store.close()


def start_model(team: SlackTeam, name: str = "The House") -> None:
    """Start a model with a bot that runs elsewhere, once it knows who is in the channel."""
    ana, channel = team.person("ana"), team.sandbox.workspace.channel("#house").id
    known = Directory(team.unit)
    ana.command("#house", "/threatmodel start")
    team.modal("ana", "New threat model")
    ana.fill("Name", name)
    team.wait(lambda: known.status(ChannelId(channel), PersonId(ana.id)) is Membership.MEMBER)
    team.submit("ana")
    team.modal("ana", "Add data flows")
    ana.close(all_of_them=True)
