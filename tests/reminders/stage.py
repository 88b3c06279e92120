"""The tickers of a trial, as processes of their own, and everything that happens to them."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from bot.sandbox.api import InjectedFault, Sandbox
from bot.slack.protocol.requests import Json
from domain.reminder_deliveries import ReminderKey
from tests.forked_popen import ForkedPopen
from tests.reminders.ticker import Replica, Work
from tests.reminders.trial import Trial

ROOT = Path(__file__).resolve().parents[2]


class Stage:
    """The tickers, and everything that happens to them."""

    def __init__(
        self,
        slack: Sandbox,
        trial: Trial,
        folder: Path,
        database: str,
        chance: random.Random,
        *,
        work: Work = "reminders",
        carrying: str = "threatmodel_reminder",
        posts: Callable[[], Collection[str]] | None = None,
    ) -> None:
        """`database` is the URL of what they share, and `work` what they do.

        `posts` returns the places of all messages they have posted; without it, these are the direct messages
        with metadata of the type `carrying`.
        """
        self.killed = self.died_in_a_post = self.stopped = self.busy = 0
        self.processes_killed = 0
        """Those of `killed`, and each that was alive when all of them were killed."""
        self.troubles: Counter[str] = Counter()
        self.unclear: Counter[str] = Counter()
        """How many calls of each method were not answered, so that their outcome is unknown to the bot."""
        self.unheard: Counter[str] = Counter()
        """Those of them that were done: only their answer was lost."""
        self.seen: set[str] = set()
        """Every message that ever was there."""
        self._slack = slack
        self._trial = trial
        self._folder = folder
        self._database = database
        self._chance = chance
        self._work: Work = work
        self._posts = posts or (lambda: carried(slack, carrying).keys())
        self._tickers: list[subprocess.Popen[bytes]] = []
        self._hands = threading.Lock()
        self._fatal: set[int] = set()
        self._busy: set[int] = set()
        self._going_on: dict[int, float] = {}
        self._logs: dict[int, tuple[Path, int]] = {}
        """Where the log of each process begins that does not work yet."""
        self._calm = False
        self._ended = threading.Event()

    def __enter__(self) -> "Stage":
        trial, faults = self._trial, self._slack.faults
        for kind, share in (
            ("answer_lost", trial.answers_lost),
            ("dropped", trial.dropped),
            ("ratelimited", trial.limited),
        ):
            faults.share(kind, of=share, seed=trial.seed)
        faults.latency = trial.latency
        self._count_troubles()
        self._fatal, self._busy = self._some(trial.deaths), self._some(trial.busy)
        self._slack.workspace.on_change(self._looked_at)
        self._tickers = [self._ticker(number) for number in range(trial.tickers)]
        self._waking = threading.Thread(target=self._let_all_go_on, daemon=True)
        self._waking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._waking.join()
        with self._hands:
            for ticker in self._tickers:
                ticker.kill()
                ticker.wait()
            self._tickers = []

    def go_on_until(
        self,
        done: Callable[[], float],
        *,
        jump: Callable[[float], None] = lambda _: None,
        calm: Callable[[], bool] = lambda: False,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Kill, stop and begin anew until everything is done, and let the clock jump on the way.

        `done` gives the share that is done already; `say` is told of it every second. Once it is `calm`,
        no process is killed or stopped. The time between two kills is that in which all processes work: how
        long they take to start depends on how busy the machine is, and one killed earlier does nothing.
        """
        began = said = looked = time.monotonic()
        worked = 0.0
        ends, jumps = time.monotonic() + self._trial.longest, self._jumps()
        next_kill = self._pause()
        next_stop = time.monotonic() + self._trial.lease
        while (share := done()) < 1 and time.monotonic() < ends:
            if time.monotonic() > said + 1:
                said = time.monotonic()
                happened = f"{len(self.seen)} messages, {self.killed + self.died_in_a_post} kills"
                say(f"{said - began:4.0f} s  {share:4.0%} done, {happened}")
            if jumps and share >= jumps[0][0]:
                jump(jumps.pop(0)[1])
            self._calm = self._calm or calm()
            before, looked = looked, time.monotonic()
            worked += (looked - before) * len(self._working()) / self._trial.tickers
            is_time = self._trial.kills and not self._calm and worked > next_kill
            if is_time and self._send_one(signal.SIGKILL):
                self.killed += 1
                self.processes_killed += 1
                next_kill = worked + self._pause()
            if self._trial.pauses and not self._calm and time.monotonic() > next_stop:
                self._send_one(signal.SIGSTOP)
                next_stop = time.monotonic() + self._chance.uniform(1, 5) * self._trial.lease
            self._begin_anew()
            time.sleep(0.05)
        # Whoever was stopped before a message has still to go on.
        while self._going_on and time.monotonic() < ends:
            time.sleep(0.05)
        # What a killed process had begun may still be on its way to nobody: wait for whoever takes it over.
        time.sleep(1.5 if self._trial.pauses else 0.5)

    def _some(self, share: float) -> set[int]:
        """The numbers of the messages in whose moment something happens."""
        most = self._trial.people * self._trial.each * 3
        return {number for number in range(most) if share and self._chance.random() < share}

    def _jumps(self) -> list[tuple[float, float]]:
        """From which share of the reminders on the clock is by how many seconds away from where it began."""
        after, back = self._trial.jump_after, self._trial.back
        jumps = [(0.4, -back)] if back else []
        return [*jumps, (after, 86_400.0)] if after is not None else jumps

    def _count_troubles(self) -> None:
        next_trouble = self._slack.faults.next_trouble

        def counted(method: str, text: str = "") -> InjectedFault | None:
            trouble = next_trouble(method, text)
            if trouble is not None:
                self.troubles[trouble.kind] += 1
                if trouble.kind in ("answer_lost", "dropped"):
                    self.unclear[method] += 1
                if trouble.kind == "answer_lost":
                    self.unheard[method] += 1
            return trouble

        self._slack.faults.next_trouble = counted

    def _pause(self) -> float:
        return self._chance.uniform(0.2, 2 * self._trial.kills) if self._trial.kills else 0.0

    def _send_one(self, what: signal.Signals) -> bool:
        """Send a signal to one of the processes that work; False where none does."""
        with self._hands:
            working = self._working()
            if working:
                self._chance.choice(working).send_signal(what)
            return bool(working)

    def _working(self) -> list[subprocess.Popen[bytes]]:
        """Return the processes that have said that they begin to work."""
        alive = [ticker for ticker in self._tickers if ticker.poll() is None]
        for one in alive:
            if one.pid in self._logs:
                log, begins = self._logs[one.pid]
                with log.open("rb") as file:
                    file.seek(begins)
                    if b"working" in file.read():
                        del self._logs[one.pid]
        return [one for one in alive if one.pid not in self._logs]

    def _let_all_go_on(self) -> None:
        """Let processes go on, on a thread of its own.

        One that is stopped while it writes holds the file, and the thread of the trial waits for the file.
        """
        while not self._ended.wait(0.05):
            self._let_go_on()

    def _let_go_on(self) -> None:
        """Let those go on that were stopped for longer than a lease."""
        with self._hands:
            for ticker in self._tickers:
                if ticker.poll() is None and _has_stopped(ticker.pid):
                    self.stopped += 1
                    seconds = self._chance.uniform(1.2, 4.0) * self._trial.lease
                    self._going_on[ticker.pid] = time.monotonic() + seconds
            alive = {ticker.pid: ticker for ticker in self._tickers if ticker.poll() is None}
            for pid, moment in list(self._going_on.items()):
                if pid not in alive:
                    del self._going_on[pid]
                elif time.monotonic() > moment:
                    del self._going_on[pid]
                    alive[pid].send_signal(signal.SIGCONT)

    def _begin_anew(self) -> None:
        with self._hands:
            for place, one in enumerate(self._tickers):
                if one.poll() is not None:
                    self._tickers[place] = self._ticker(place)

    def _looked_at(self) -> None:
        """In the moment in which a message is there and nobody has been told so."""
        for ts in sorted(set(self._posts()) - self.seen):
            self.seen.add(ts)
            if len(self.seen) in self._busy:
                self.busy += 1
                threading.Thread(target=self._write_for_long, daemon=True).start()
            is_fatal = len(self.seen) in self._fatal and not self._calm
            if is_fatal or (self._trial.deaths >= 1 and len(self.seen) == 1):
                self.died_in_a_post += 1
                self.processes_killed += sum(ticker.poll() is None for ticker in self._tickers)
                for ticker in self._tickers:
                    ticker.send_signal(signal.SIGKILL)

    def _write_for_long(self) -> None:
        other = sqlite3.connect(self._folder / "threatmodel.db", timeout=1, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(1.5 * self._trial.patience)
            other.execute("ROLLBACK")
        except sqlite3.OperationalError:
            pass  # somebody else is writing for long already
        finally:
            other.close()

    def _ticker(self, number: int) -> subprocess.Popen[bytes]:
        trial = self._trial
        ahead = 2 * number / (trial.tickers - 1) - 1 if trial.tickers > 1 else 0
        replica = Replica(
            database=self._database,
            api_url=self._slack.url,
            token=self._slack.bot_token,
            clock=str(self._folder / "clock.json"),
            work=self._work,
            patience=trial.patience,
            skew=trial.skew * ahead,
            pauses=trial.pauses,
            blind=trial.blind,
        )
        path = self._folder / f"ticker{number}.log"
        with path.open("ab") as log:
            begins = log.tell()
            process = ForkedPopen(
                [sys.executable, "-m", "tests.reminders.ticker", msgspec.json.encode(replica).decode()],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self._logs[process.pid] = path, begins
        return process


def _has_stopped(pid: int) -> bool:
    """Whether a process was stopped since the last question; another thread may have noted its end."""
    try:
        return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG) is not None
    except ChildProcessError:
        return False


def messages(slack: Sandbox) -> dict[str, list[ReminderKey]]:
    """The keys in each message that reminds somebody, by its place and moment."""
    return {place: list(payload["keys"]) for place, payload in carried(slack, "threatmodel_reminder").items()}


def carried(slack: Sandbox, event_type: str) -> dict[str, Json]:
    """What each direct message of a kind carries unseen, by its place and moment."""
    found: dict[str, Json] = {}
    for direct in slack.workspace.direct_of("U0THREATM"):
        for message in slack.workspace.messages(direct.id, None):
            if (message.metadata or {}).get("event_type") == event_type:
                found[f"{direct.id} {message.ts}"] = (message.metadata or {})["event_payload"]
    return found
