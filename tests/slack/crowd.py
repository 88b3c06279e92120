"""A crowd that goes on answering, and the bot as a process that can be killed."""

import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.commands.command_handler import CommandHandler
from bot.sandbox.api import ApiError, NotOnScreen, Sandbox
from bot.store import Verified, open_database
from tests.forked_popen import ForkedPopen
from tests.slack.slack_team import Transport

ROOT = Path(__file__).resolve().parents[2]
KEY = "the-key-of-all-replicas-is-the-same"
PEOPLE = ("ana", "ben", "chi", "dee")
"""Each answers on two threads: one in the form, one by commands."""


class Crowd:
    """Eight threads that go on adding assets until they are sent home."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.acknowledged: set[str] = set()
        self.faults: list[Exception] = []
        self._sandbox = sandbox
        self._home = threading.Event()
        self._hands = {who: threading.Lock() for who in PEOPLE}
        self._threads = [
            threading.Thread(target=self._answer, args=(who, hand)) for who in PEOPLE for hand in "lr"
        ]
        for thread in self._threads:
            thread.start()

    def go_home(self) -> None:
        """Finish what is in hand."""
        self._home.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _answer(self, who: str, hand: str) -> None:
        try:
            for number in range(100_000):
                if self._home.is_set():
                    return
                with self._hands[who]:
                    self._add(who, f"{who} {hand} {number}")
        except Exception as fault:  # noqa: BLE001  (looked at by the test)
            self.faults.append(fault)

    def _add(self, who: str, name: str) -> None:
        person = self._sandbox.person(who)
        if not person.command("#house", "/threatmodel add asset").acked:
            time.sleep(0.05)  # it was killed just now
            return
        ends = time.monotonic() + 1
        while person.modal is None and time.monotonic() < ends:
            time.sleep(0.005)
        try:
            person.fill("Name", name)
            delivery = person.submit()
        except (ApiError, NotOnScreen):
            return  # killed before the form was there, or while it was handed in
        if delivery is not None and delivery.acked and delivery.response is None:
            self.acknowledged.add(name)
        while person.modal is not None:
            person.close()


def begin(sandbox: Sandbox) -> None:
    """Start a model and wait for its card."""
    ana = sandbox.person("ana")
    sandbox.wait_until(lambda: sandbox.calls_of("conversations.info") or ask_for_help(sandbox), 60)
    sandbox.wait_until(lambda: ana.command("#house", "/threatmodel start The House").acked, 60)
    sandbox.wait_until(lambda: ana.modal is not None)
    sandbox.wait_until(lambda: (ana.submit(), ana.modal and ana.modal.title != "New threat model")[1], 60)
    ana.close(all_of_them=True)
    sandbox.wait_until(lambda: cards(sandbox))
    time.sleep(0.3)  # Slack shows it a moment before the bot has noted down where it is


def ask_for_help(sandbox: Sandbox) -> bool:
    return sandbox.person("ben").command("#house", "/threatmodel help").acked


def cards(sandbox: Sandbox) -> list[str]:
    return [message.plain for message in sandbox.person("ben").sees("#house") if not message.ephemeral]


def kept(url: str) -> Counter[str]:
    """The names in the database, by how often each is there; the chain of everything is whole."""
    store = open_database(url, key=KEY)
    try:
        assert isinstance(store.verify(), Verified)
        (one,) = store.streams()
        return Counter(element.name for element in CommandHandler(store).model(one.stream).elements.values())
    finally:
        store.close()


@contextmanager
def running(sandbox: Sandbox, url: str, log: Path, transport: Transport) -> Generator[subprocess.Popen[str]]:
    """The bot as an operator starts it, reached by Slack; killed at the end without a word."""
    meets = {
        "socket": {"SLACK_APP_TOKEN": sandbox.app_token},
        "http": {"SLACK_SIGNING_SECRET": sandbox.signing_secret},
    }
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONUNBUFFERED": "1",
        "SLACK_API_URL": sandbox.url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "DATABASE_URL": url,
        "THREATMODEL_KEY": KEY,
        "PORT": "0",
        **meets[transport],
    }
    with (
        log.open("a") as errors,
        ForkedPopen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as bot,
    ):
        before = len(sandbox.calls_of("apps.connections.open"))
        try:
            assert bot.stdout is not None
            address = re.search(r"http://\S+", bot.stdout.readline())
            assert address is not None, log.read_text()
            if transport == "http":
                sandbox.deliver_to(f"{address[0]}/slack/events")
            else:
                sandbox.wait_until(lambda: len(sandbox.calls_of("apps.connections.open")) > before)
                sandbox.wait_for_connection(60)
            yield bot
        finally:
            bot.kill()
