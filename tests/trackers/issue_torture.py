"""Processes that keep issues up to date, killed at the very moment in which the tracker has created one.

`python -m tests.trackers.issue_torture --seed 1` plays it in full and prints what came of it; with `--blind`
an attempt is recorded only with its answer, as a naive client does.

Rules by which it is judged, once nothing is due any more:

- Every mitigation has exactly one open issue, and the model knows it.
- An issue is created twice only by a process that was stopped between its last check and the call for longer
  than its claim lasts; the second one is closed.
- What people changed in the tracker is recorded, although no webhook arrives.
- Three polls after that push nothing, and record nothing.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.delivery.work_kinds import NO_WAIT
from bot.store import CommandKey, Store
from bot.tracker_sync.workspace_sync import poll_touch
from bot.trackers.tracker import TrackerBusy
from domain.commands import (
    PlanMitigation,
)
from domain.kernel.threat import ThreatId
from domain.kernel.tracked_issue import IssueState
from tests.emptied_database import open_shared
from tests.examples import ANA, MORNING
from tests.forked_popen import ROOT, ForkedPopen
from tests.reminders.ticker import FileClock
from tests.running_database import url_of
from tests.trackers.fake_tracker import FakeTracker
from tests.trackers.sync_desk import start_model
from tests.trackers.sync_process import TENANT, TR1, SyncReplica, save_connection
from tests.trackers.tracker_stand_in import TrackerStandIn


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How much is played, and what goes wrong.

    So many `mitigations` are planned, and `kills` of the processes die after an issue was created, before
    they have an answer. Answers of the tracker are lost, calls dropped and refused for a moment in these
    shares; `pauses` is the share of creations just before which the process is stopped for longer than its
    claim lasts. The search finds an issue `search_delay` seconds of the story after its creation. The story
    runs `rate` times as fast as time does: polls are five minutes apart.
    """

    mitigations: int
    kills: int
    processes: int = 1
    seed: int = 1
    answers_lost: float = 0.0
    dropped: float = 0.0
    limited: float = 0.0
    pauses: float = 0.0
    closed: float = 0.3
    search_delay: float = 0.0
    lease: float = 1.0
    rate: float = 60.0
    longest: float = 300.0
    blind: bool = False


FULL = Trial(
    mitigations=100,
    kills=20,
    processes=2,
    answers_lost=0.03,
    dropped=0.03,
    limited=0.02,
    pauses=0.03,
    search_delay=30.0,
    longest=600.0,
)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `doubled` are open issues with the mark of another one; `taken_back` those closed."""

    mitigations: int
    killed_after_create: int
    stopped: int
    answers_lost: int
    created: int
    lost: int
    doubled: int
    taken_back: int
    not_recorded: int
    pushes_after: int
    events_after: int
    calls: dict[str, int]
    seconds: float

    @property
    def faults(self) -> list[str]:
        """Return the rules that were broken."""
        rules = {
            "a mitigation has no issue": self.lost > 0,
            "an issue was created twice and stays": self.doubled > 0,
            "more issues were closed as duplicates than processes stopped": self.taken_back > self.stopped,
            "a change in the tracker was not recorded": self.not_recorded > 0,
            "a repeated poll pushed something": self.pushes_after > 0,
            "a repeated poll recorded something": self.events_after > 0,
        }
        return [name for name, is_broken in rules.items() if is_broken]


def play(trial: Trial, folder: Path, say: Callable[[str], None] = lambda _: None) -> Figures:
    """Let processes create the issues under all of this, until nothing is due or time is over."""
    url, clock_file = url_of(folder / "threatmodel.db"), folder / "clock.json"
    clock_file.write_text(
        json.dumps({"start": MORNING.isoformat(), "since": time.time(), "rate": trial.rate, "jumped": 0.0})
    )
    clock, store = FileClock(clock_file, 0.0), open_shared(url, timeout=60.0)
    tracker = FakeTracker(now=clock, search_delay=trial.search_delay)
    try:
        with TrackerStandIn(tracker) as stand_in:
            stage = _Stage(trial, folder, url, stand_in)
            with stage:
                return _Play(trial, store, clock, stand_in, stage, say).figures()
    finally:
        store.close()


class _Stage:
    """The processes, and what happens to them and to their calls."""

    def __init__(self, trial: Trial, folder: Path, url: str, stand_in: TrackerStandIn) -> None:
        self.killed = self.stopped = self.answers_lost = 0
        self._trial = trial
        self._folder = folder
        self._url = url
        self._stand_in = stand_in
        self._chance = random.Random(trial.seed)
        self._created = 0
        self._fatal = set(self._chance.sample(range(1, trial.mitigations + 1), trial.kills))
        self._processes: list[subprocess.Popen[bytes]] = []
        self._paused: dict[int, float] = {}
        self._hands = threading.Lock()
        self._ended = threading.Event()
        self.calm = False

    def __enter__(self) -> "_Stage":
        self._stand_in.before, self._stand_in.after = self._before, self._after
        self._processes = [self._begin() for _ in range(self._trial.processes)]
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watching.join()
        for process in self._processes:
            process.kill()
            process.wait()

    @property
    def pauses(self) -> bool:
        """Whether a process is stopped at the moment."""
        return bool(self._paused)

    def _before(self, call: str, _: int) -> bool:
        if self.calm:
            return True
        drawn = self._chance.random()
        if drawn < self._trial.limited:
            raise TrackerBusy("slow down", wait=0.2)
        return drawn >= self._trial.limited + self._trial.dropped

    def _after(self, call: str, process: int) -> bool:
        if call == "create":
            with self._hands:
                self._created += 1
                dies = self._created in self._fatal
            if dies:
                self.killed += 1
                os.kill(process, signal.SIGKILL)
                return False
        if not self.calm and self._chance.random() < self._trial.answers_lost:
            self.answers_lost += 1
            return False
        return True

    def _watch(self) -> None:
        """Begin processes anew that have died, and let stopped ones go on."""
        while not self._ended.wait(0.05):
            for number, one in enumerate(self._processes):
                if one.poll() is not None:
                    self._paused.pop(one.pid, None)  # it may have been stopped when it was killed
                    self._processes[number] = self._begin()
                elif not _is_stopped(one.pid):
                    self._paused.pop(one.pid, None)
                elif one.pid not in self._paused:
                    self.stopped += 1
                    self._paused[one.pid] = time.monotonic() + 4 * self._trial.lease
                elif time.monotonic() > self._paused[one.pid]:
                    one.send_signal(signal.SIGCONT)

    def _begin(self) -> subprocess.Popen[bytes]:
        trial = self._trial
        replica = SyncReplica(
            database=self._url,
            port=self._stand_in.port,
            clock=str(self._folder / "clock.json"),
            search_delay=trial.search_delay,
            blind=trial.blind,
            pauses=trial.pauses,
        )
        command = [sys.executable, "-m", "tests.trackers.sync_process", msgspec.json.encode(replica).decode()]
        with (self._folder / "processes.log").open("ab") as log:
            return ForkedPopen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)


class _Play:
    """The model, what people do in it and in the tracker, and how it ended."""

    def __init__(
        self,
        trial: Trial,
        store: Store,
        clock: FileClock,
        stand_in: TrackerStandIn,
        stage: _Stage,
        say: Callable[[str], None],
    ) -> None:
        self._trial = trial
        self._store = store
        self._clock = clock
        self._stand_in = stand_in
        self._tracker = stand_in.tracker
        self._stage = stage
        self._say = say
        self._chance = random.Random(trial.seed + 1)
        self._handler = CommandHandler(store)
        self._number = 0
        self._began = time.monotonic()
        save_connection(store.unit(TENANT), clock())
        self._stream = start_model(self._handler, clock(), self._key)

    def figures(self) -> Figures:
        """Play, and return what came of it."""
        for _ in range(self._trial.mitigations):
            self._plan()
            time.sleep(self._chance.uniform(0.0, 0.05))
        self._wait(lambda: self._linked() == self._trial.mitigations)
        self._stage.calm = True
        self._edit()
        self._wait(lambda: self._not_recorded() == 0 and not self._stage.pauses)
        self._wait(lambda: self._is_swept() and not self._due())
        pushes, version = self._tracker.pushes, self._handler.model(self._stream).version
        for _ in range(3):
            self._poll()
        after = self._tracker.pushes - pushes, self._handler.model(self._stream).version - version
        doubled, taken_back = self._doubles()
        return Figures(
            mitigations=self._trial.mitigations,
            killed_after_create=self._stage.killed,
            stopped=self._stage.stopped,
            answers_lost=self._stage.answers_lost,
            created=len(self._tracker.issues),
            lost=self._trial.mitigations - self._linked(),
            doubled=doubled,
            taken_back=taken_back,
            not_recorded=self._not_recorded(),
            pushes_after=after[0],
            events_after=after[1],
            calls=dict(sorted(Counter(self._tracker.calls).items())),
            seconds=round(time.monotonic() - self._began, 1),
        )

    def _plan(self) -> None:
        at = self._clock()
        plan = PlanMitigation(
            by=ANA,
            at=at,
            threat=ThreatId("TH-1"),
            title=f"Control {self._number}",
            owner=ANA,
            due=(at + timedelta(days=30)).date(),
        )
        self._handler.execute(plan, stream=self._stream, key=self._key())

    def _edit(self) -> None:
        """Close some issues, and change the due date of others, as people do."""
        with self._stand_in.lock:
            for key in list(self._tracker.issues):
                drawn = self._chance.random()
                if drawn < self._trial.closed:
                    self._tracker.edit(key, state=IssueState.COMPLETED, reason="done")
                elif drawn < 1.5 * self._trial.closed:
                    self._tracker.edit(key, due=(self._clock() + timedelta(days=7)).date())

    def _poll(self) -> None:
        """Have the tracker polled once, as a webhook does."""
        before = self._tracker.calls.count("changed")
        self._store.work.touch(poll_touch(TENANT, TR1, NO_WAIT))
        self._wait(lambda: self._tracker.calls.count("changed") > before and not self._due())

    def _wait(self, until: Callable[[], bool]) -> None:
        ends = self._began + self._trial.longest
        while not until() and time.monotonic() < ends:
            self._say(f"{self._linked()} of {self._trial.mitigations} linked")
            time.sleep(0.1)

    def _linked(self) -> int:
        issues = self._handler.model(self._stream).issues
        return sum(issue.linked and issue.issue.key in self._tracker.issues for issue in issues.values())

    def _not_recorded(self) -> int:
        """Return how many issues show something that the model does not know."""
        known = self._handler.model(self._stream).issues.values()
        with self._stand_in.lock:
            there = {key: one.issue for key, one in self._tracker.issues.items()}
        return sum(
            one.seen is None or (one.seen.state, one.seen.due) != (issue.state, issue.due)
            for one in known
            if (issue := there.get(one.issue.key)) is not None
        )

    def _is_swept(self) -> bool:
        """Return whether nothing is open that would still be closed as a duplicate."""
        return self._trial.blind or self._doubles()[0] == 0

    def _doubles(self) -> tuple[int, int]:
        """Return the issues beside those that the model knows: open ones, and closed ones."""
        known = {issue.issue.key for issue in self._handler.model(self._stream).issues.values()}
        with self._stand_in.lock:
            others = [one.issue for key, one in self._tracker.issues.items() if key not in known]
        # People may close a second issue before the bot does.
        closed = sum(other.state is not IssueState.OPEN for other in others)
        return len(others) - closed, closed

    def _due(self) -> int:
        return self._store.work.backlog(self._clock(), tenant=TENANT).due

    def _key(self) -> CommandKey:
        self._number += 1
        return CommandKey(f"torture {self._number}")


def _is_stopped(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] == "T"


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    for name in ("mitigations", "kills", "processes"):
        parser.add_argument(f"--{name}", type=int, default=getattr(FULL, name))
    parser.add_argument("--pauses", type=float, default=FULL.pauses)
    parser.add_argument("--blind", action="store_true")
    trial = replace(FULL, **vars(parser.parse_args()))
    with tempfile.TemporaryDirectory() as folder:
        figures = play(trial, Path(folder), lambda line: print(f"\r{line}", end="", file=sys.stderr))
    print(file=sys.stderr)
    print(f"seed {trial.seed}{', blind' if trial.blind else ''}")
    for name, value in msgspec.structs.asdict(figures).items():
        print(f"{name.replace('_', ' '):>20}  {value}")
    print(*figures.faults or ["every rule was kept"], sep="\n")
    sys.exit(bool(figures.faults))


if __name__ == "__main__":
    _main()
