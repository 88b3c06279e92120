"""Several bots that tell people what they were handed, killed again and again in a workspace with bad days.

`python -m tests.nudges.handover_torture` plays it in full and prints what came of it; `--blind` does so
without the step that looks for messages which a killed process may have sent. Somebody hands over one thing
after the other meanwhile: all of it must be told, each once, and none may offer in the end what is over.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.manifest import build_manifest
from bot.sandbox.api import Json, Sandbox, json_objects
from bot.slack.sinks.direct_messages import person_of
from bot.slack.slots.direct_slots import about_of
from bot.slack.slots.handover_messages import EVENT_TYPE
from bot.store import SqliteStore, open_store, tenant_of
from bot.store.slack_schema import SLACK
from domain.kernel.elements import PersonId
from tests.nudges.handover_story import ExpectedHandover, HandoverScript
from tests.nudges.reminder_story import create_due_mitigations, person
from tests.nudges.stage import Stage, carried
from tests.nudges.torture import on_terminal, set_clock, tell
from tests.nudges.trial import FULL as REMINDED
from tests.nudges.trial import Trial

FULL = replace(REMINDED, people=10, each=12, rate=1.0, limited=0.1, latency=0.2, deaths=0.05, jump_after=None)
MOST_WAITING = 6
"""So many are handed over before the bots have told of any of them."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; `stale` are messages that still offer what is over."""

    handed: int
    messages: int
    lost: int
    doubled: int
    astray: int
    stale: int
    unsettled: int
    killed: int
    died_in_a_post: int
    stopped: int
    calls: int
    answers_lost: int
    dropped: int
    limited: int
    taken_back: int
    seconds: float


def play(trial: Trial, folder: Path, say: Callable[[str], None] = lambda _: None) -> Figures:
    """Let the bots tell everybody under all of this, until everybody was told or time is over."""
    with Sandbox(manifest=build_manifest("socket")).start() as slack:
        ana, *others = (person(slack, number) for number in range(trial.people + 1))
        store = open_store(f"sqlite:///{folder / 'threatmodel.db'}", patience=10)
        store.keep_tables(SLACK)
        command_handler = CommandHandler(store)
        try:
            stream = create_due_mitigations(store, command_handler, [ana, *others], each=0)
            set_clock(folder / "clock.json", trial.rate)
            giver = HandoverScript(command_handler, stream, ana, others)
            most = trial.people * trial.each
            stage = Stage(
                slack, trial, folder, random.Random(trial.seed), work="handovers", carrying=EVENT_TYPE
            )

            def done() -> float:
                there = _told(slack)
                settled = len(giver.handed) - len(_unsettled(store, giver, there))
                if len(giver.handed) < most and len(giver.handed) - settled < MOST_WAITING:
                    giver.hand_over()
                # The last share is for bringing all of them up to date; of two of one, only one ever is.
                all_true = settled == most and (trial.blind or not _stale(slack, giver))
                return (settled + all_true) / (most + 1)

            began = time.monotonic()
            with stage:
                stage.go_on_until(done, jump=lambda _: None, say=say)
            return _figures(slack, store, giver, stage, time.monotonic() - began)
        finally:
            command_handler.close()
            store.close()


def _figures(
    slack: Sandbox, store: SqliteStore, giver: HandoverScript, stage: Stage, seconds: float
) -> Figures:
    there = _told(slack)
    return Figures(
        handed=len(giver.handed),
        messages=there.total(),
        lost=sum(one not in there for one in giver.handed),
        doubled=sum(there[one] > 1 for one in giver.handed),
        astray=sum(number for one, number in there.items() if one not in giver.handed),
        stale=_stale(slack, giver),
        unsettled=len(_unsettled(store, giver, there)),
        killed=stage.killed,
        died_in_a_post=stage.died_in_a_post,
        stopped=stage.stopped,
        calls=len(slack.api_calls),
        answers_lost=stage.troubles["answer_lost"],
        dropped=stage.troubles["dropped"],
        limited=stage.troubles["ratelimited"],
        taken_back=len(stage.seen - carried(slack, EVENT_TYPE).keys()),
        seconds=round(seconds, 1),
    )


def _told(slack: Sandbox) -> Counter[ExpectedHandover]:
    """How many messages tell whom of what."""
    return Counter(_of(slack, place, payload) for place, payload in carried(slack, EVENT_TYPE).items())


def _of(slack: Sandbox, place: str, payload: Json) -> ExpectedHandover:
    (reader,) = slack.workspace.channel(place.split()[0]).members - {"U0THREATM"}
    return ExpectedHandover(int(payload["version"]), PersonId(reader))


def _unsettled(
    store: SqliteStore, giver: HandoverScript, there: Counter[ExpectedHandover]
) -> list[ExpectedHandover]:
    """What nobody was told of yet, or no bot knows that they were."""
    if not giver.handed:
        return []
    noted = store.unit(tenant_of(giver.stream)).deliveries.of_model(giver.stream, "handover")
    known = {ExpectedHandover(int(about_of(one)), person_of(one)) for one in noted if one.external_id}
    return [one for one in giver.handed if one not in there or one not in known]


def _stale(slack: Sandbox, giver: HandoverScript) -> int:
    """How many messages about what is over have still something to press."""
    over, found = set(giver.given_away), 0
    for place, payload in carried(slack, EVENT_TYPE).items():
        message = slack.workspace.message(*place.split())
        if message is not None and _of(slack, place, payload) in over:
            found += any(one["type"] == "actions" for one in json_objects(list(message.blocks)))
    return found


def main() -> None:
    """Play it in full, and print what came of it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    for name in ("people", "each", "tickers"):
        asked.add_argument(f"--{name}", type=int, default=getattr(FULL, name))
    for name in ("limited", "latency", "kills", "deaths", "pauses", "longest"):
        asked.add_argument(f"--{name}", type=float, default=getattr(FULL, name))
    asked.add_argument("--blind", action="store_true")
    trial = replace(FULL, **vars(asked.parse_args()))
    with tempfile.TemporaryDirectory() as folder:
        figures = play(trial, Path(folder), on_terminal)
    tell(trial, figures)
    bad = (figures.lost, figures.doubled, figures.astray, figures.stale, figures.unsettled)
    sys.exit(any(bad))


if __name__ == "__main__":
    main()
