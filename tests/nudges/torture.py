"""Several tickers on one database, killed again and again in a workspace that has bad days.

`python -m tests.nudges.torture` plays it in full and prints what came of it; `--blind` does so without the
step that looks for messages which a killed process may have sent; with `--limited 0.3` Slack asks to wait so
often that a reminder has many chances to overtake another.

`--pauses 0.25` stops senders in the worst moment for longer than the lease, `--skew 120` sets the clocks of
the replicas apart, `--back 600` puts all of them back, and `--busy 0.2 --patience 1` keeps the database from
noting what was sent; `Trial` says more of each.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.store import SqliteStore, open_store
from domain.nudge_deliveries import DeliveryState, NudgeKey, NudgeSent
from tests.nudges.reminder_story import BEGIN, MODEL, create_due_mitigations, person, snooze_each
from tests.nudges.stage import Stage, messages
from tests.nudges.trial import FULL, Trial


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    nudges: int
    messages: int
    lost: int
    doubled: int
    out_of_order: int
    unsettled: int
    killed: int
    died_in_a_post: int
    stopped: int
    busy: int
    calls: int
    answers_lost: int
    dropped: int
    limited: int
    found: int
    taken_back: int
    seconds: float


def play(trial: Trial, folder: Path, say: Callable[[str], None] = lambda _: None) -> Figures:
    """Let the tickers do their work under all of this, until every nudge is settled or time is over."""
    chance = random.Random(trial.seed)
    database, clock = folder / "threatmodel.db", folder / "clock.json"
    with Sandbox(manifest=build_manifest("socket")).start() as slack:
        people = [person(slack, number) for number in range(trial.people)]
        store = open_store(f"sqlite:///{database}", patience=10)
        command_handler = CommandHandler(store)
        try:
            stream = create_due_mitigations(store, command_handler, people, each=trial.each)
            due = snooze_each(command_handler, stream, each=trial.each)
            set_clock(clock, trial.rate)
            stage = Stage(slack, trial, folder, chance)
            began = time.monotonic()
            with stage:
                stage.go_on_until(
                    lambda: _settled(store, due),
                    jump=lambda seconds: set_clock(clock, trial.rate, jumped=seconds),
                    say=say,
                )
            return _figures(slack, store, due, stage, time.monotonic() - began)
        finally:
            command_handler.close()
            store.close()


def set_clock(clock: Path, rate: float, *, jumped: float = 0.0) -> None:
    """Say what time it is in the story, for every process."""
    told = {"start": BEGIN.isoformat(), "since": time.time(), "rate": rate, "jumped": 0.0}
    if clock.exists():
        told = {**json.loads(clock.read_text()), "jumped": jumped}
    fresh = clock.with_suffix(".new")
    fresh.write_text(json.dumps(told))
    fresh.replace(clock)


def _settled(store: SqliteStore, due: dict[NudgeKey, datetime]) -> float:
    """The share of the nudges that are settled."""
    known = store.unit(TEAM_ID).nudges.of(MODEL)
    return sum(key in known and known[key].state is DeliveryState.SENT for key in due) / len(due)


def _figures(
    slack: Sandbox,
    store: SqliteStore,
    due: dict[NudgeKey, datetime],
    stage: Stage,
    seconds: float,
) -> Figures:
    told = messages(slack)
    counts = Counter(key for keys in told.values() for key in keys)
    known = store.unit(TEAM_ID).nudges.of(MODEL)
    found = sum(
        isinstance(one.event, NudgeSent) and one.event.found for one in store.tail(TEAM_ID, 0, 1_000_000)
    )
    return Figures(
        nudges=len(due),
        messages=len(told),
        lost=sum(key not in counts for key in due),
        doubled=sum(counts[key] > 1 for key in due),
        out_of_order=_out_of_order(told, due),
        unsettled=sum(key not in known or known[key].state is not DeliveryState.SENT for key in due),
        killed=stage.killed,
        died_in_a_post=stage.died_in_a_post,
        stopped=stage.stopped,
        busy=stage.busy,
        calls=len(slack.api_calls),
        answers_lost=stage.troubles["answer_lost"],
        dropped=stage.troubles["dropped"],
        limited=stage.troubles["ratelimited"],
        found=found,
        taken_back=len(stage.seen - told.keys()),
        seconds=round(seconds, 1),
    )


def _out_of_order(told: dict[str, list[NudgeKey]], due: dict[NudgeKey, datetime]) -> int:
    """How often something came to somebody after something that was due later."""
    latest: dict[str, datetime] = {}
    wrong = 0
    for place, keys in sorted(told.items(), key=lambda one: (one[0].split()[0], float(one[0].split()[1]))):
        direct = place.split()[0]
        for key in keys:
            if key in due:
                wrong += due[key] < latest.get(direct, due[key])
                latest[direct] = max(due[key], latest.get(direct, due[key]))
    return wrong


def on_terminal(line: str) -> None:
    """Show how far it is, in one line that changes."""
    print(f"\r{line}", end="", file=sys.stderr, flush=True)


def tell(trial: Trial, figures: msgspec.Struct) -> None:
    """Print what came of it."""
    print(file=sys.stderr)
    print(f"seed {trial.seed}{', blind' if trial.blind else ''}")
    for name, value in msgspec.structs.asdict(figures).items():
        print(f"{name.replace('_', ' '):>16}  {value}")


def main() -> None:
    """Play it in full, and print what came of it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked.add_argument("--people", type=int, default=FULL.people)
    asked.add_argument("--each", type=int, default=FULL.each)
    asked.add_argument("--tickers", type=int, default=FULL.tickers)
    asked.add_argument("--limited", type=float, default=FULL.limited)
    asked.add_argument("--kills", type=float, default=FULL.kills)
    asked.add_argument("--pauses", type=float, default=FULL.pauses)
    asked.add_argument("--skew", type=float, default=FULL.skew)
    asked.add_argument("--back", type=float, default=FULL.back)
    asked.add_argument("--busy", type=float, default=FULL.busy)
    asked.add_argument("--patience", type=float, default=FULL.patience)
    asked.add_argument("--blind", action="store_true")
    given = asked.parse_args()
    trial = msgspec.structs.replace(FULL, **vars(given))
    with tempfile.TemporaryDirectory() as folder:
        figures = play(trial, Path(folder), on_terminal)
    tell(trial, figures)
    sys.exit(bool(figures.lost or figures.doubled or figures.out_of_order or figures.unsettled))


if __name__ == "__main__":
    main()
