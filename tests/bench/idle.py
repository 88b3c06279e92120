"""A bot that has nothing to do: what it asks of its database and of the processor."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.store import CommandKey, SqliteStore, open_store
from bot.store.reminder_store import plan_touch
from domain.commands import StartThreatModel
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from tests.bench.idle_process import IdleFigures
from tests.bench.measurements import Row, Say, at_most, medians
from tests.queue_rows import claim_one

SIZES = (100, 1_000, 10_000)
"""Models, each of which waits for its next look at reminders."""

ROUNDS = 200
ALLOWED = 1_000.0
"""Microseconds."""

MODELS = 100
HOUSE = ChannelId("C0HOUSE01")
SECONDS = 60.0


def run(directory: Path, say: Say) -> list[Row]:
    """Measure an idle look at the queue, and an idle process."""
    return [*_looks(directory, say), *_process(directory, say)]


def _looks(directory: Path, say: Say) -> list[Row]:
    stores = {models: _waiting(directory, say, models) for models in SIZES}
    say(f"{ROUNDS} rounds of idle looks in turns")
    now = datetime.now(UTC)
    times = medians(
        {str(models): lambda store=store: store.work.look(now) for models, store in stores.items()},
        rounds=ROUNDS,
    )
    for store in stores.values():
        store.close()
    rows = [
        at_most(
            f"idle look at the work queue of {models:,} models ÷ the 1 ms that it may take",
            times[str(models)],
            ALLOWED,
            "µs",
            aim=1,
        )
        for models in SIZES
    ]
    few, many = str(SIZES[0]), str(SIZES[-1])
    grown = at_most(f"idle look over {many} models ÷ over {few}", times[many], times[few], "µs", aim=2)
    return [*rows, grown]


def _waiting(directory: Path, say: Say, models: int) -> SqliteStore:
    say(f"a queue in which {models:,} models wait")
    store = open_store(f"sqlite:///{directory / f'{models}.db'}")
    now = datetime.now(UTC)
    with store.database.writing():
        store.work.touch(*(plan_touch("T1", ModelKey(f"TM-{number}")) for number in range(1, models + 1)))
        while (claim := claim_one(store.work, "T1", now)) is not None:
            store.work.settle(claim, again_at=now + timedelta(days=1))
    return store


def _process(directory: Path, say: Say) -> list[Row]:
    path = directory / "idle.db"
    with Sandbox(manifest=build_manifest("socket")).start() as slack:
        facilitator = PersonId(slack.add_person("facilitator", "#house").id)
        store = open_store(f"sqlite:///{path}")
        command_handler = CommandHandler(store)
        for number in range(MODELS):
            start = StartThreatModel(
                by=facilitator,
                at=datetime.now(UTC),
                name=f"Model {number}",
                channel=HOUSE,
            )
            command_handler.start(start, tenant=TEAM_ID, key=CommandKey(f"start {number}"))
        store.close()
        say(f"a bot with {MODELS} models, idle for {SECONDS:.0f} s")
        given = [str(path), slack.url, slack.bot_token, slack.app_token, str(MODELS), str(SECONDS)]
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.idle_process", *given], stdout=subprocess.PIPE, check=True
        )
    figures = msgspec.json.decode(told.stdout.splitlines()[-1], type=IdleFigures)
    idle = f"idle process with {MODELS} models"
    return [
        at_most(f"{idle}: statements a second", figures.statements / figures.seconds, 1.0, "", aim=1),
        at_most(
            f"{idle}: share of a core ÷ the 0.5 % that it may take",
            100 * figures.processor / figures.seconds,
            0.5,
            "%",
            aim=1,
        ),
    ]
