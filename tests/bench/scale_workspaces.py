"""Workspaces that have installed the bot, each with a model, and the processes that serve them."""

import os
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import psycopg

from bot.commands.command_handler import CommandHandler
from bot.sandbox.api import APP_ID
from bot.settings import Secret
from bot.store import CommandKey, StreamId, utc_now
from bot.store.repositories.installations import InstallationRecord
from bot.token_cipher import TokenCipher
from domain.commands import NameElements, StartThreatModel
from domain.kernel.elements import ChannelId, PersonId
from tests.bench.http_servers import ServerProcess
from tests.bench.scale_server import KEY, open_benchmark_store
from tests.bench.scale_slack import Record, channel_of, person_of, team

SECRET: Final = "fedcba9876543210fedcba9876543210"
TOKEN_KEY: Final = "Zmlyc3QgIGtleSBvZiB0aHJlZSBmb3IgdGVzdHMgISE="
ASSETS: Final = 4
"""Assets of each model at the start."""


def install(url: str, count: int) -> dict[str, StreamId]:
    """Let so many workspaces install the bot and start a model; returns the model of each."""
    store = open_benchmark_store(url)
    command_handler = CommandHandler(store)
    cipher = token_cipher()
    streams: dict[str, StreamId] = {}
    for number in range(count):
        tenant = team(number)
        store.installations.save(installation(cipher, tenant))
        by = PersonId(person_of(tenant))
        start = StartThreatModel(by=by, at=utc_now(), name="House", channel=ChannelId(channel_of(tenant)))
        begun = command_handler.start(start, tenant=tenant, key=CommandKey("start"))
        assets = NameElements(by=by, at=utc_now(), assets=tuple(f"Box {one}" for one in range(ASSETS)))
        command_handler.execute(assets, stream=begun.stream, key=CommandKey("assets"))
        streams[tenant] = begun.stream
    store.close()
    return streams


def token_cipher() -> TokenCipher:
    """Return the cipher of the tokens of all workspaces."""
    return TokenCipher([Secret(TOKEN_KEY)])


def installation(cipher: TokenCipher, tenant: str) -> InstallationRecord:
    """Return the installation of a workspace; its token cannot be read for another one."""
    now = datetime.now(UTC)
    record = InstallationRecord(
        app=APP_ID,
        team=tenant,
        bot_user="U0BOT",
        bot_id="B0BOT",
        bot_name="threatmodel",
        url="https://bench.invalid/",
        token_at=now,
        installed_at=now,
        key_id=cipher.newest,
    )
    token = cipher.encrypt(f"xoxb-{tenant}", use="bot", owner=record.name, now=now)
    return msgspec.structs.replace(record, token=token)


class Site:
    """The stand-in for Slack, the database, and the replicas that use them."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url = url
        self._directory = directory
        self._parts = ExitStack()
        self._started = 0
        slack = self._serve("tests.bench.scale_slack", {})
        self._slack = f"http://127.0.0.1:{slack.port}"

    def start_replica(self) -> ServerProcess:
        """Start a replica, and wait until it listens."""
        environment = {
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": SECRET,
            "SLACK_SIGNING_SECRET": SECRET,
            "THREATMODEL_TOKEN_KEYS": TOKEN_KEY,
            "SLACK_API_URL": f"{self._slack}/api/",
            "DATABASE_URL": self.url,
            "THREATMODEL_KEY": KEY,
            "PORT": "0",
            "LOG_LEVEL": "warning",
        }
        return self._serve("tests.bench.scale_replica", environment)

    def record(self) -> Record:
        """What the replicas told Slack."""
        with urllib.request.urlopen(f"{self._slack}/record", timeout=30) as answer:
            return msgspec.json.decode(answer.read(), type=Record)

    def commands(self) -> int:
        """Commands that are recorded in the database."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT count(*) FROM commands").fetchone()
        return row[0] if row else 0

    def close(self) -> None:
        """Stop every process."""
        self._parts.close()

    def logs(self) -> str:
        """What the processes logged."""
        return "".join(path.read_text(errors="replace") for path in sorted(self._directory.glob("*.log")))

    def _serve(self, module: str, environment: Mapping[str, str]) -> ServerProcess:
        self._started += 1
        log = self._directory / f"{self._started}.log"
        return self._parts.enter_context(ServerProcess(module, environment=environment, log=log))


@contextmanager
def site(url: str, directory: Path) -> Generator[Site]:
    """Run a site until the block ends."""
    directory.mkdir(exist_ok=True)
    running = Site(url, directory)
    try:
        yield running
    finally:
        running.close()


def memory_of(process: int) -> float:
    """Resident memory of a process in MiB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def threads_of(process: int) -> int:
    """Number of threads of a process."""
    return len(list(Path(f"/proc/{process}/task").iterdir()))


def processor_of(process: int) -> float:
    """Seconds of a core that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
