"""How soon people see what was answered, how often a card is written, and how many threads that takes."""

import re
import statistics
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.demo import load_house
from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.settings import read_settings
from bot.slack.slack_bot import SlackBot
from bot.store import CommandKey, StreamId, open_store, utc_now
from bot.store.records import model_stream
from domain.commands import AddAsset, StartThreatModel
from domain.kernel.elements import Asset, ChannelId, PersonId
from tests.bench.measurements import Row, Say, at_most

FIRST_ROUNDS = 15
PAUSE_SECONDS = 1.5
"""Longer than between two writes into a channel."""
ANSWERS_A_SECOND, BUSY_SECONDS = 20, 30
MANY = 100
"""Models beside the one that is looked at."""
FIRST_ALLOWED, BUSY_ALLOWED = 250.0, 1_300.0
"""Milliseconds."""
UPDATES_ALLOWED = 50.0
"""A minute, as many as Slack lets an app make."""

_ASSETS = re.compile(r"\*Assets\*\s+(\d+)")
_numbers = count(1)


class CardWatcher:
    """A thread that notes how many assets the card showed, and when."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.seen: list[tuple[float, int]] = []
        self._sandbox = sandbox
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def when(self, assets: int) -> float:
        """Wait until the card shows so many assets, and return the moment at which it first did."""
        while not (found := [at for at, shown in list(self.seen) if shown >= assets]):
            time.sleep(0.001)
        return found[0]

    def _watch(self) -> None:
        read = 0
        while not self._over.wait(0.001):
            calls = self._sandbox.calls_of("chat.update")
            at = time.monotonic()
            for call in calls[read:]:
                if found := _ASSETS.search(msgspec.json.encode(call.arguments).decode()):
                    self.seen.append((at, int(found[1])))
            read = len(calls)


def run(directory: Path, say: Say) -> list[Row]:
    """Measure from the end of a command to the call that shows it, in a workspace of one process."""
    say("starting the bot with one model, to count its threads")
    few = _threads(directory / "few.db", models=1)
    say(f"starting it with {MANY + 1} models")
    with _running(directory / "many.db", models=MANY + 1) as (sandbox, command_handler, stream):
        onlooker = CardWatcher(sandbox)
        add = _adder(command_handler, sandbox, stream)
        say(f"{FIRST_ROUNDS} changes after a pause each")
        first = [_seen_after(onlooker, add) for _ in range(FIRST_ROUNDS)]
        say(f"{ANSWERS_A_SECOND} answers a second for {BUSY_SECONDS} s")
        time.sleep(PAUSE_SECONDS)
        began = len(onlooker.seen)
        busy = _busily(onlooker, add)
        updates = onlooker.seen[began:]
        many = threading.active_count()
        onlooker.stop()
    a_minute = 60 * (len(updates) - 1) / (updates[-1][0] - updates[0][0])
    return [
        at_most(
            "first change after a pause → message ÷ allowed",
            statistics.median(first) * 1000,
            FIRST_ALLOWED,
            "ms",
            aim=1,
        ),
        at_most(
            f"answer → message at {ANSWERS_A_SECOND} answers a second, 95th percentile ÷ allowed",
            statistics.quantiles(busy, n=20)[-1] * 1000,
            BUSY_ALLOWED,
            "ms",
            aim=1,
        ),
        at_most("updates of a channel a minute ÷ allowed", a_minute, UPDATES_ALLOWED, "", aim=1),
        # The onlooker is one of them.
        at_most(f"threads of bot and sandbox with {MANY + 1} models ÷ with 1", many - 1, few, "", aim=1.1),
    ]


def _seen_after(onlooker: CardWatcher, add: Callable[[], int]) -> float:
    time.sleep(PAUSE_SECONDS)
    began = time.monotonic()
    return onlooker.when(add()) - began


def _busily(onlooker: CardWatcher, add: Callable[[], int]) -> list[float]:
    """Answer at a steady pace; return how long after it each answer was seen."""
    answered: list[tuple[float, int]] = []
    began = time.monotonic()
    for number in range(ANSWERS_A_SECOND * BUSY_SECONDS):
        time.sleep(max(0.0, began + number / ANSWERS_A_SECOND - time.monotonic()))
        at = time.monotonic()
        answered.append((at, add()))
    return [onlooker.when(assets) - at for at, assets in answered]


def _threads(path: Path, *, models: int) -> int:
    """How many threads there are after some changes."""
    with _running(path, models=models) as (sandbox, command_handler, stream):
        onlooker = CardWatcher(sandbox)
        add = _adder(command_handler, sandbox, stream)
        for _ in range(3):
            onlooker.when(add())
        onlooker.stop()
        return threading.active_count()


def _adder(command_handler: CommandHandler, sandbox: Sandbox, stream: StreamId) -> Callable[[], int]:
    """Return what adds an asset and tells how many there are then."""
    by = PersonId(sandbox.person("ana").id)

    def add() -> int:
        number = next(_numbers)
        command = AddAsset(by=by, at=utc_now(), name=f"Letters {number}")
        done = command_handler.execute(command, stream=stream, key=CommandKey(f"asset {number}"))
        return len(done.model.of_type(Asset))

    return add


@contextmanager
def _running(path: Path, *, models: int) -> Generator[tuple[Sandbox, CommandHandler, StreamId]]:
    """A bot in a sandbox, both in this process; the first model is the one that is looked at."""
    with ExitStack() as parts:
        sandbox = parts.enter_context(Sandbox(manifest=build_manifest("socket"), delivery="http").start())
        store = open_store(f"sqlite:///{path}")
        parts.callback(store.close)
        command_handler = CommandHandler(store)
        channels = [ChannelId(sandbox.workspace.channel(name).id) for name in ("#house", "#general")]
        people = [PersonId(sandbox.person(who).id) for who in ("ana", "ben", "chi", "dee")]
        first = load_house(command_handler, workspace=TEAM_ID, channel=channels[0], people=people)
        stream = model_stream(TEAM_ID, first)
        for number in range(1, models):
            start = StartThreatModel(by=people[0], at=utc_now(), name=f"Model {number}", channel=channels[1])
            command_handler.start(start, tenant=TEAM_ID, key=CommandKey(f"model {number}"))
        settings = read_settings(
            {
                "SLACK_BOT_TOKEN": sandbox.bot_token,
                "SLACK_SIGNING_SECRET": sandbox.signing_secret,
                "SLACK_API_URL": sandbox.url,
                "DATABASE_URL": f"sqlite:///{path}",
                "PORT": "0",
            }
        )
        bot = SlackBot(settings, command_handler, store, utc_now)
        parts.callback(_wait_for_work_under_way)
        bot.start()
        parts.callback(bot.stop)
        sandbox.wait_until(lambda: len(sandbox.calls_of("chat.postMessage")) >= 1)
        yield sandbox, command_handler, stream


def _wait_for_work_under_way() -> None:
    """Let the threads end that a stop has not waited for: they use the file, which is about to be deleted."""
    for thread in threading.enumerate():
        if thread.name.startswith("work-"):
            thread.join(10)
