"""What all tortures share: where they play, what happens in them, their figures and their command line."""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.store import Store
from tests.emptied_database import open_shared
from tests.reminders.reminder_story import BEGIN
from tests.reminders.stage import Stage
from tests.reminders.ticker import FileClock, Work
from tests.reminders.trial import Trial

SETTLED_SECONDS = 30.0
"""So long nothing may be due before what is missing counts as lost: longer than any failed work waits."""

LAST_KILLS_SECONDS = 60.0
"""So long processes are killed at most after the last act, if the work queue is never empty before."""


class Torture(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace with a bot's database file, and the trial that is played there."""

    trial: Trial
    folder: Path
    slack: Sandbox
    store: Store
    url: str
    command_handler: CommandHandler

    @property
    def database(self) -> Path:
        """The file that all processes share."""
        return self.folder / "threatmodel.db"

    @property
    def clock(self) -> FileClock:
        """The clock of the story."""
        return FileClock(self.folder / "clock.json", 0)

    def due(self) -> int:
        """Return how much work is due."""
        return self.store.work.backlog(self.clock(), tenant=TEAM_ID).due

    def set_clock(self, *, jumped: float = 0.0) -> None:
        """Set the time of the story, for every process."""
        clock = self.folder / "clock.json"
        told = {"start": BEGIN.isoformat(), "since": time.time(), "rate": self.trial.rate, "jumped": 0.0}
        if clock.exists():
            told = {**json.loads(clock.read_text()), "jumped": jumped}
        fresh = clock.with_suffix(".new")
        fresh.write_text(json.dumps(told))
        fresh.replace(clock)

    def stage(
        self,
        *,
        work: Work = "reminders",
        carrying: str = "threatmodel_reminder",
        posts: Callable[[], Collection[str]] | None = None,
    ) -> Stage:
        """Return the processes of the trial; see `Stage`."""
        chance = random.Random(self.trial.seed)
        return Stage(
            self.slack, self.trial, self.folder, self.url, chance, work=work, carrying=carrying, posts=posts
        )


@contextmanager
def torture(trial: Trial, folder: Path, *, patience: float = 60.0, url: str = "") -> Generator[Torture]:
    """Start a workspace and open a database, a file unless `url` names one; the clock is still to be set."""
    with Sandbox(manifest=build_manifest("socket")).start() as slack:
        url = url or f"sqlite:///{folder / 'threatmodel.db'}"
        store = open_shared(url, timeout=patience)
        command_handler = CommandHandler(store)
        try:
            yield Torture(
                trial=trial, folder=folder, slack=slack, store=store, url=url, command_handler=command_handler
            )
        finally:
            store.close()


class Acts:
    """Acts that make work, one after the other, until everything that they cause is shown or lost.

    `apart` gives the seconds until the next act, `due` the number of rows of the work queue that are due.
    """

    def __init__(
        self,
        number: int,
        act: Callable[[], None],
        *,
        apart: Callable[[], float],
        due: Callable[[], int],
        is_shown: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._number = number
        self._due = due
        self._clock = clock
        self._apart = apart
        self._act = act
        self._is_shown = is_shown
        self._done = 0
        self._next = 0.0
        self._busy_at = self._acted_at = clock()
        self._was_empty = False

    def share_done(self) -> float:
        """Do the next act if it is time for one; return the share of the acts that are done and shown."""
        now = self._clock()
        if self._done < self._number:
            if now >= self._next:
                self._act()
                self._done += 1
                self._next = now + self._apart()
            self._busy_at = self._acted_at = now
            return self._done / (self._number + 1)
        if self._due():
            self._busy_at = now
        else:
            self._was_empty = True
        # What is lost never comes: the end is when nothing has been due for a while.
        is_over = self._is_shown() or now - self._busy_at > SETTLED_SECONDS
        return 1.0 if is_over else self._number / (self._number + 1)

    def are_over(self) -> bool:
        """Whether nobody is killed any more: the acts are done, and the bots had time for their work.

        Each process that starts makes work. While processes are killed, the queue is never empty for long.
        """
        is_late = self._clock() - self._acted_at > LAST_KILLS_SECONDS
        return self._done >= self._number and (self._was_empty or is_late)


class StageFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to the processes and their calls.

    `killed` processes died at any moment, and all that worked were killed in the moments of so many messages,
    `died_in_a_post`; `processes` counts how many died in all. `answers_lost` are calls that were done and not
    answered, `dropped` those that did nothing.
    """

    processes: int
    killed: int
    died_in_a_post: int
    stopped: int
    busy: int
    calls: int
    answers_lost: int
    dropped: int
    limited: int
    seconds: float

    @property
    def rules(self) -> dict[str, bool]:
        """Each rule, and whether it was broken."""
        return {}

    @property
    def faults(self) -> list[str]:
        """Return the rules that were broken."""
        return [name for name, is_broken in self.rules.items() if is_broken]


def stage_figures(playing: Torture, stage: Stage, began: float) -> dict[str, Any]:
    """Return the values of `StageFigures`; `began` is the monotonic time of the beginning."""
    return {
        "processes": stage.processes_killed,
        "killed": stage.killed,
        "died_in_a_post": stage.died_in_a_post,
        "stopped": stage.stopped,
        "busy": stage.busy,
        "calls": len(playing.slack.api_calls),
        "answers_lost": stage.troubles["answer_lost"],
        "dropped": stage.troubles["dropped"],
        "limited": stage.troubles["ratelimited"],
        "seconds": round(time.monotonic() - began, 1),
    }


def play_from_command_line(
    play: Callable[[Trial, Path, Callable[[str], None]], StageFigures], full: Trial, description: str
) -> None:
    """Play a torture in full, with what the command line says instead, and print what came of it."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    for name in _COUNTS:
        parser.add_argument(f"--{name}", type=int, default=getattr(full, name))
    for name in _SHARES:
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(full, name))
    parser.add_argument("--blind", action="store_true")
    trial = replace(full, **vars(parser.parse_args()))
    with tempfile.TemporaryDirectory() as folder:
        figures = play(trial, Path(folder), _show_on_terminal)
    _print_figures(trial, figures)
    sys.exit(bool(figures.faults))


_COUNTS = ("people", "each", "tickers")
_SHARES = (
    "answers_lost",
    "dropped",
    "limited",
    "latency",
    "kills",
    "deaths",
    "pauses",
    "skew",
    "back",
    "busy",
    "patience",
    "longest",
)


def _show_on_terminal(line: str) -> None:
    """Show how far it is, in one line that changes."""
    print(f"\r{line}", end="", file=sys.stderr, flush=True)


def _print_figures(trial: Trial, figures: StageFigures) -> None:
    print(file=sys.stderr)
    print(f"seed {trial.seed}{', blind' if trial.blind else ''}")
    for name, value in msgspec.structs.asdict(figures).items():
        print(f"{name.replace('_', ' '):>16}  {value}")
    print(*figures.faults or ["every rule was kept"], sep="\n")
