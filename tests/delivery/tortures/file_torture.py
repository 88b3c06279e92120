"""Several bots that post files, killed again and again in a workspace with faults.

`python -m tests.delivery.tortures.file_torture --seed 1` plays it in full and prints what came of it.

Rules by which it is judged:

- Every file that was ordered and the diagram of every model are shown exactly once: whoever finds an upload
  without a result looks for it in `files.info` before it posts it again. Where a file did not get through
  several times, the thread is told so in words, which counts as shown.
- The picture of a round follows its result, and is shown once. It is missing only where a stopped process
  recorded the result late, after a newer one.
- What is told below a file cannot be searched: there may be one more for each killed process and each lost
  answer.
- A model has one canvas; there may be one more for each killed process and each lost answer. Where a call
  was not answered there may be none until the next report: there is the file.

With `--blind` the bots do not record what they attempt before they call Slack.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bot.formats import FORMATS, file_name
from bot.report import REPORT_FORMATS
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.slack.screens.page_data import ReportOrder
from bot.slack.ui.messages.file_answers import CHARTS, chart_order, report_order_code
from bot.store import CommandKey, StreamId, key_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import FileSlots, Order
from bot.store.work_queue import Item, Touch
from tests.delivery.tortures.team import Team
from tests.delivery.tortures.torture_run import (
    Acts,
    StageFigures,
    Torture,
    play_from_command_line,
    stage_figures,
    torture,
)
from tests.reminders.stage import Stage
from tests.reminders.trial import FULL as REMINDED
from tests.reminders.trial import Trial
from tests.running_database import url_of

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

WORDS = (*FORMATS, *(chart_order(word) for word in CHARTS), report_order_code(ReportOrder(form="md")))
"""Everything that can be ordered, save for what takes long to make."""


class Figures(StageFigures, frozen=True, kw_only=True):
    """What came of it.

    `unknown` counts the posts and canvases that may be made and not recorded, at most; `undone` the canvases
    that were perhaps not made where nobody could know it.
    """

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
    undone: int

    @property
    def rules(self) -> dict[str, bool]:
        """Each rule, and whether it was broken."""
        return {
            "a file is lost": self.lost > self.in_words,
            "a file is doubled": self.doubled > 0,
            "more pictures lost than stopped processes": self.lost_pictures > self.stopped + self.in_words,
            "a picture is doubled": self.doubled_pictures > 0,
            "a message is lost": self.lost_messages > self.in_words,
            "more messages doubled than killed processes and lost answers": self.doubled_messages
            > self.unknown,
            "more canvases lost than unknown outcomes": self.lost_canvases > self.undone,
            "more canvases than killed processes and lost answers": self.more_canvases > self.unknown,
        }


def play(trial: Trial, folder: Path, say: Callable[[str], None] = lambda _: None) -> Figures:
    """Let the bots show what is ordered under all of this, until everything is shown or time is over."""
    with torture(trial, folder, url=url_of(folder / "threatmodel.db")) as playing:
        playing.set_clock()
        chance = random.Random(trial.seed)
        orders = _Orders(playing, chance)
        acts = Acts(
            len(orders.left),
            orders.place_next,
            apart=lambda: chance.uniform(0.0, 0.4),
            due=playing.due,
            is_shown=lambda: not orders.missing().total(),
        )
        stage = playing.stage(work="everything", posts=lambda: _places(playing.slack, orders.team))
        began = time.monotonic()
        with stage:
            stage.go_on_until(acts.share_done, calm=acts.are_over, say=say)
        return _figures(playing, orders, stage, stage_figures(playing, stage, began))


class _Orders:
    """What is ordered, one after the other, and what of it is shown."""

    def __init__(self, playing: Torture, chance: random.Random) -> None:
        self.team = team = Team(playing.slack, playing.command_handler, playing.clock)
        self.files: dict[StreamId, list[str]] = {}
        """The name of each file that the thread of a model is to show."""
        self.pictures: dict[StreamId, list[str]] = {}
        """The same of the pictures of rounds."""
        self.told: dict[StreamId, list[str]] = {}
        """The text of each message that is to stand below one."""
        self.reports: set[StreamId] = set()
        self._store = playing.store
        self._slack = playing.slack
        for _ in range(playing.trial.people):
            stream = team.start_model(told=True)
            self.files[stream], self.told[stream], self.pictures[stream] = [], [], []
        self.left = [(stream, word) for stream in team.streams for word in _words(chance, playing.trial.each)]
        """What is still to be ordered of which model."""
        chance.shuffle(self.left)

    def place_next(self) -> None:
        self._order(*self.left.pop())

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
        elif word == report_order_code(ReportOrder(form="md")):
            self.files[stream].append(f"{key}.report{REPORT_FORMATS['md'].suffix}")
            self.told[stream].append(f"Summary of the report of {key}")
            self.reports.add(stream)
        else:
            chart = next(one for one in CHARTS if chart_order(one) == word)
            self.files[stream].append(f"{key}.{chart}.png")
            self.told[stream].append(f"{CHARTS[chart]} of {key} as text")

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
        for message in slack.workspace.messages(channel, None):
            names = [file.name for file in slack.workspace.files.there(message.files)]
            found.update(f"{channel} {name}" for name in names or [message.text])
    found.update(f"{one.channel} canvas" for one in slack.workspace.canvases.all())
    return found


def _places(slack: Sandbox, team: Team) -> set[str]:
    files = {
        f"{channel} {message.ts}"
        for channel in list(team.channels.values())
        for message in slack.workspace.messages(channel, None)
        if message.files
    }
    return files | {one.id for one in slack.workspace.canvases.all()}


def _figures(playing: Torture, orders: _Orders, stage: Stage, happened: dict[str, Any]) -> Figures:
    team, there = orders.team, shown(playing.slack, orders.team)
    files = [f"{team.channels[stream]} {name}" for stream in team.streams for name in orders.files[stream]]
    pictures = [f"{team.channels[one]} {name}" for one in team.streams for name in orders.pictures[one]]
    told = [f"{team.channels[stream]} {text}" for stream in team.streams for text in orders.told[stream]]
    canvases = [f"{team.channels[report]} canvas" for report in orders.reports]
    return Figures(
        **happened,
        files=len(files),
        lost=sum(there[file] == 0 for file in files),
        doubled=sum(max(0, there[file] - 1) for file in files),
        in_words=sum(
            number for text, number in there.items() if "does not take" in text or "never showed" in text
        ),
        pictures=len(pictures),
        lost_pictures=sum(there[picture] == 0 for picture in pictures),
        doubled_pictures=sum(max(0, there[picture] - 1) for picture in pictures),
        messages=len(told),
        lost_messages=sum(there[one] == 0 for one in told),
        doubled_messages=sum(max(0, there[one] - 1) for one in told),
        canvases=len(canvases),
        lost_canvases=sum(there[canvas] == 0 for canvas in canvases),
        more_canvases=sum(max(0, there[canvas] - 1) for canvas in canvases),
        unknown=stage.processes_killed + sum(stage.unheard[one] for one in ("chat.postMessage", _CANVAS)),
        undone=stage.processes_killed + stage.unclear[_CANVAS],
    )


_CANVAS = "canvases.create"


if __name__ == "__main__":
    play_from_command_line(play, FULL, __doc__ or "")
