"""A form handed in over HTTP, durable and acked, against Bolt apps that do next to nothing."""

import statistics
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.commands.command_handler import CommandHandler
from bot.demo import load_house
from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.store import CommandKey, StreamId, open_store
from domain.commands import NameElements
from domain.kernel.elements import ChannelId, PersonId
from tests.bench.benchmark_models import NOW
from tests.bench.http_apps import YARDSTICKS
from tests.bench.http_clients import FormServer, per_second
from tests.bench.http_forms import Forms
from tests.bench.http_servers import serving
from tests.bench.measurements import Row, Say, at_least, at_most, faster, medians

ROUNDS = 400
CLIENTS = 32
TURNS, TURN_SECONDS = 7, 1.5
CROWDED = ("bot", "insert")
"""Those that are measured with many clients at once."""


def run(directory: Path, say: Say) -> list[Row]:
    """Compare how long one form takes, and how many a second there are with many people at once."""
    with ExitStack() as parts:
        sandbox = parts.enter_context(Sandbox(manifest=build_manifest("socket"), delivery="http").start())
        path = directory / "bot.db"
        stream, before = _house(path, sandbox)
        person, secret = sandbox.person("ana").id, sandbox.signing_secret
        # The forms of the bot follow on each other; what the baselines are given, they do not read.
        forms = Forms(path, stream, person=person, secret=secret)
        others = Forms(path, stream, person=person, secret=secret)
        say(f"starting the bot and {len(YARDSTICKS)} baselines, each behind the bot's own server")
        answerers = parts.enter_context(_answerers(directory, sandbox))
        answerers["bot"].wait_until_ready(forms)

        say(f"{ROUNDS} rounds of one form each in turns")
        times = medians(
            {
                name: lambda one=one, mine=forms if name == "bot" else others: one.answer(mine)
                for name, one in answerers.items()
            },
            rounds=ROUNDS,
        )
        say(f"a bare insert takes {times['insert'] / times['ack']:.2f} times as long as an ack alone")
        say(f"{TURNS} turns of {TURN_SECONDS} s with {CLIENTS} clients each")
        rates = _rates(answerers, forms, others)
        acked = answerers["bot"].acked
    _every_ack_was_true(path, stream, before + acked)
    return [
        at_most("form over HTTP ÷ Bolt app with a bare insert", times["bot"], times["insert"], "µs", aim=1.5),
        at_least(
            f"forms a second of {CLIENTS} clients ÷ the bare insert's",
            rates["bot"],
            rates["insert"],
            "/s",
            aim=0.7,
        ),
        faster(
            "form over HTTP: bare insert in Bolt's default mode ÷ ours",
            times["bot"],
            times["default"],
            "µs",
            aim=5,
        ),
    ]


def _house(path: Path, sandbox: Sandbox) -> tuple[StreamId, int]:
    """The House in the bot's database, with its version."""
    store = open_store(f"sqlite:///{path}")
    command_handler = CommandHandler(store)
    channel = ChannelId(sandbox.workspace.channel("#house").id)
    people = [PersonId(sandbox.person(who).id) for who in ("ana", "ben", "chi", "dee")]
    load_house(command_handler, workspace=TEAM_ID, channel=channel, people=people)
    (model,) = store.streams()
    more = NameElements(by=people[0], at=NOW, assets=tuple(f"Box {number}" for number in range(2 * CLIENTS)))
    command_handler.execute(more, stream=model.stream, key=CommandKey("more assets"))
    (model,) = store.streams()
    store.close()
    return model.stream, model.version


@contextmanager
def _answerers(directory: Path, sandbox: Sandbox) -> Generator[Mapping[str, FormServer]]:
    """The bot and the baselines, each a process of its own, with a connection to each."""
    bot = {
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_SIGNING_SECRET": sandbox.signing_secret,
        "SLACK_API_URL": sandbox.url,
        "DATABASE_URL": f"sqlite:///{directory}/bot.db",
        "PORT": "0",
    }
    with ExitStack() as parts:
        ports = {
            "bot": parts.enter_context(serving("bot", "serve", environment=bot, log=directory / "bot.log"))
        }
        for name in YARDSTICKS:
            words = ("tests.bench.http_apps", name, str(directory / f"{name}.db"))
            environment = {"SLACK_SIGNING_SECRET": sandbox.signing_secret}
            log = directory / f"{name}.log"
            ports[name] = parts.enter_context(serving(*words, environment=environment, log=log))
        yield {name: parts.enter_context(FormServer(name, port)) for name, port in ports.items()}


def _rates(answerers: Mapping[str, FormServer], forms: Forms, others: Forms) -> dict[str, float]:
    rates: dict[str, list[float]] = {name: [] for name in CROWDED}
    for turn in range(TURNS):
        for name in CROWDED if turn % 2 else reversed(CROWDED):
            mine = forms if name == "bot" else others
            rates[name].append(per_second(answerers[name], mine, clients=CLIENTS, seconds=TURN_SECONDS))
    return {name: statistics.median(values) for name, values in rates.items()}


def _every_ack_was_true(path: Path, stream: StreamId, expected: int) -> None:
    store = open_store(f"sqlite:///{path}")
    state = store.state(stream)
    store.close()
    if state is None or state.version != expected:
        raise AssertionError(f"{expected} events were acknowledged, and there are {state}")
