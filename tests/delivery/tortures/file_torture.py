"""Several bots that post files, killed again and again in a workspace with faults.

`python -m tests.delivery.tortures.file_torture --seed 1` plays it in full and prints what came of it.

Rules by which it is judged:

- Every file that was ordered and the diagram of every model are shown exactly once: whoever finds an upload
  without a result looks for it in `files.info` before it posts it again. Where a file did not get through
  several times, the thread is told so in words, which counts as shown.
- The picture of a round follows its result, and is shown at most once. It is missing only where it is unknown
  whether Slack has posted the result.
- What is told below a file is posted at most once. It is missing only where it is unknown whether Slack has
  posted it.
- A model has one canvas; there may be one more for each call of which the outcome is unknown. Where a call
  was not answered there may be none until the next report: there is the file.

With `--blind` the bots do not record what they attempt before they call Slack.
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
from bot.formats import FORMATS, file_name
from bot.manifest import build_manifest
from bot.report import REPORT_FORMATS
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.slack.ui.messages.files.chart_messages import CHARTS, chart_order
from bot.slack.ui.messages.files.report_messages import report_order
from bot.store import CommandKey, SqliteStore, StreamId, key_of, open_store
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import FileSlots, Order
from bot.store.slack_schema import SLACK
from bot.store.work_queue import Item, Touch
from tests.delivery.tortures.team import Team
from tests.nudges.stage import Stage
from tests.nudges.ticker import FileClock
from tests.nudges.torture import on_terminal, set_clock, tell
from tests.nudges.trial import FULL as REMINDED
from tests.nudges.trial import Trial

FULL = replace(
    REMINDED,
    people=6,
    each=10,
    rate=15.0,
    deaths=0.1,
    pauses=0.01,
    latency=0.05,
    kills=10.0,
    longest=1200.0,
    jump_after=None,
)
"""So many models with so many orders each. A minute of the story, for a file to appear, is four seconds."""

SETTLED_SECONDS = 30.0
"""So long nothing may be due before a missing message counts as lost; longer than a file is looked for."""

WORDS = (*FORMATS, *(chart_order(word) for word in CHARTS), report_order("md"))
"""Everything that can be ordered, save for what takes long to make."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; `unknown` counts the calls of which no process could learn the outcome, at most."""

    files: int
    lost: int
    doubled: int
    in_words: int
    pictures: int
    lost_pictures: int
    doubled_pictures: int
    messages: int
    lost_messages: int
    doubled_messages: int
    canvases: int
    lost_canvases: int
    more_canvases: int
    unknown: int
    killed: int
    died_in_a_post: int
    stopped: int
    calls: int
    answers_lost: int
    dropped: int
    limited: int
    seconds: float

    @property
    def faults(self) -> list[str]:
        """Each rule that was broken, by its name."""
        broken = {
            "a file is lost": self.lost > self.in_words,
            "a file is doubled": self.doubled,
            "more pictures lost than unknown outcomes": self.lost_pictures > self.unknown,
            "a picture is doubled": self.doubled_pictures,
            "more messages lost than unknown outcomes": self.lost_messages > self.unknown,
            "a message is doubled": self.doubled_messages,
            "more canvases lost than unknown outcomes": self.lost_canvases > self.unknown,
            "more canvases than unknown outcomes": self.more_canvases > self.unknown,
        }
        return [name for name, is_broken in broken.items() if is_broken]


def play(trial: Trial, folder: Path, say: Callable[[str], None] = lambda _: None) -> Figures:
    """Let the bots show what is ordered under all of this, until everything is shown or time is over."""
    with Sandbox(manifest=build_manifest("socket")).start() as slack:
        store = open_store(f"sqlite:///{folder / 'threatmodel.db'}", patience=60)
        store.keep_tables(SLACK)
        command_handler = CommandHandler(store)
        try:
            set_clock(folder / "clock.json", trial.rate)
            clock = FileClock(folder / "clock.json", 0)
            team = Team(slack, command_handler, clock)
            orders = _Orders(trial, team, store, random.Random(trial.seed), clock, slack)
            stage = Stage(
                slack,
                trial,
                folder,
                random.Random(trial.seed),
                work="everything",
                posts=lambda: _places(slack, team),
            )
            began = time.monotonic()
            with stage:
                stage.go_on_until(orders.share_done, jump=lambda _: None, say=say)
            return _figures(slack, trial, orders, stage, time.monotonic() - began)
        finally:
            command_handler.close()
            store.close()


class _Orders:
    """What is ordered, one after the other, and how much of it is shown."""

    def __init__(
        self,
        trial: Trial,
        team: Team,
        store: SqliteStore,
        chance: random.Random,
        clock: FileClock,
        slack: Sandbox,
    ) -> None:
        self.team = team
        self.files: dict[StreamId, list[str]] = {}
        """The name of each file that the thread of a model is to show."""
        self.pictures: dict[StreamId, list[str]] = {}
        """The same of the pictures of rounds."""
        self.told: dict[StreamId, list[str]] = {}
        """The text of each message that is to stand below one."""
        self.reports: set[StreamId] = set()
        self._store = store
        self._chance = chance
        self._clock = clock
        self._slack = slack
        self._next = 0.0
        self._idle_since = time.monotonic()
        for _ in range(trial.people):
            stream = team.start_model(told=True)
            self.files[stream], self.told[stream], self.pictures[stream] = [], [], []
        acts = [(stream, word) for stream in team.streams for word in _words(chance, trial.each)]
        chance.shuffle(acts)
        self._left = acts
        self._most = len(acts)

    def share_done(self) -> float:
        """Place the next order if it is time for one; return the share that is done and shown."""
        now = time.monotonic()
        if self._left:
            if now >= self._next:
                self._order(*self._left.pop())
                self._next = now + self._chance.uniform(0.0, 0.4)
            self._idle_since = now
            return (self._most - len(self._left)) / (self._most + 1)
        if self._store.work.backlog(TEAM_ID, self._clock()).due:
            self._idle_since = now
        is_over = not self.missing().total() or now - self._idle_since > SETTLED_SECONDS
        return 1.0 if is_over else self._most / (self._most + 1)

    def missing(self) -> Counter[str]:
        """Return what is not shown, by channel and name or text."""
        wanted = Counter[str]()
        for stream, channel in self.team.channels.items():
            every = (*self.files[stream], *self.pictures[stream], *self.told[stream])
            wanted.update(f"{channel} {one}" for one in every)
            wanted.update([f"{channel} canvas"] if stream in self.reports else [])
        return wanted - shown(self._slack, self.team)

    def _order(self, stream: StreamId, word: str) -> None:
        key, channel = key_of(stream), self.team.channels[stream]
        command, slots = CommandKey(f"order {stream} {word}"), FileSlots(self._store.unit(TEAM_ID).deliveries)
        if word == "round":
            self.team.close_round(stream)
            self.pictures[stream].append(f"TH-{len(self.team.rounds[stream])}.png")
            return
        if word == "diagram":
            record, _ = slots.order_diagram(stream, command, channel)
            self.files[stream].append(f"{key}.png")
            self._touch(record)
            return
        order = Order(stream=stream, key=command, person=self.team.ana, form=word, word=word)
        record = slots.order(order, channel)
        assert record is not None, "each is ordered once"
        self._touch(record)
        if word in FORMATS:
            self.files[stream].append(file_name(key, FORMATS[word]))
        elif word == report_order("md"):
            self.files[stream].append(f"{key}.report{REPORT_FORMATS['md'].suffix}")
            self.told[stream].append(f"The report of {key} in short.")
            self.reports.add(stream)
        else:
            chart = next(one for one in CHARTS if chart_order(one) == word)
            self.files[stream].append(f"{key}.{chart}.png")
            self.told[stream].append(f"{CHARTS[chart]} of {key}, in words.")

    def _touch(self, record: DeliveryRecord) -> None:
        item = Item(TEAM_ID, record.kind, record.subject)
        self._store.work.touch(Touch(item=item, lane=record.place), durable=True)


def _words(chance: random.Random, number: int) -> list[str]:
    """Return so many orders for a model, each of another file."""
    every = [*WORDS, "round", "round", "diagram"]
    return chance.sample(every, min(number, len(every)))


def shown(slack: Sandbox, team: Team) -> Counter[str]:
    """Return what the channels show, by channel and name of the file or text of the message."""
    found = Counter[str]()
    for channel in team.channels.values():
        for one in slack.workspace.messages(channel, None):
            names = [file.name for file in slack.workspace.files.there(one.files)]
            found.update(f"{channel} {name}" for name in names or [one.text])
    found.update(f"{one.channel} canvas" for one in slack.workspace.canvases.all())
    return found


def _places(slack: Sandbox, team: Team) -> set[str]:
    files = {
        f"{channel} {one.ts}"
        for channel in list(team.channels.values())
        for one in slack.workspace.messages(channel, None)
        if one.files
    }
    return files | {one.id for one in slack.workspace.canvases.all()}


def _figures(slack: Sandbox, trial: Trial, orders: _Orders, stage: Stage, seconds: float) -> Figures:
    team, there = orders.team, shown(slack, orders.team)
    files = [f"{team.channels[one]} {name}" for one in team.streams for name in orders.files[one]]
    pictures = [f"{team.channels[one]} {name}" for one in team.streams for name in orders.pictures[one]]
    told = [f"{team.channels[one]} {text}" for one in team.streams for text in orders.told[one]]
    canvases = [f"{team.channels[one]} canvas" for one in orders.reports]
    calls = ("files.completeUploadExternal", "chat.postMessage", "canvases.create")
    return Figures(
        files=len(files),
        lost=sum(there[one] == 0 for one in files),
        doubled=sum(max(0, there[one] - 1) for one in files),
        in_words=sum(
            number for text, number in there.items() if "does not take" in text or "never showed" in text
        ),
        pictures=len(pictures),
        lost_pictures=sum(there[one] == 0 for one in pictures),
        doubled_pictures=sum(max(0, there[one] - 1) for one in pictures),
        messages=len(told),
        lost_messages=sum(there[one] == 0 for one in told),
        doubled_messages=sum(max(0, there[one] - 1) for one in told),
        canvases=len(canvases),
        lost_canvases=sum(there[one] == 0 for one in canvases),
        more_canvases=sum(max(0, there[one] - 1) for one in canvases),
        unknown=stage.killed
        + stage.died_in_a_post * trial.tickers
        + stage.stopped
        + sum(stage.unclear[one] for one in calls),
        killed=stage.killed,
        died_in_a_post=stage.died_in_a_post,
        stopped=stage.stopped,
        calls=len(slack.api_calls),
        answers_lost=stage.troubles["answer_lost"],
        dropped=stage.troubles["dropped"],
        limited=stage.troubles["ratelimited"],
        seconds=round(seconds, 1),
    )


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
    print(*figures.faults or ["every rule was kept"], sep="\n")
    sys.exit(bool(figures.faults))


if __name__ == "__main__":
    main()
