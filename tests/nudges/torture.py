"""Several tickers on one database, killed again and again in a workspace that has bad days.

`python -m tests.nudges.torture` plays it in full and prints what came of it; `--blind` does so without the
step that looks for messages which a killed process may have sent; with `--limited 0.3` Slack asks to wait so
often that a reminder has many chances to overtake another.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.place.cast import TEAM_ID
from bot.sandbox.place.faults import Trouble
from bot.slack.upkeep.tables import SLACK
from bot.store import SqliteStore, open_store
from bot.store.nudges import NudgeStore
from bot.workshop import Workshop
from domain.deliveries import DeliveryState, NudgeKey
from tests.nudges.story import BEGIN, MODEL, person, snoozed, story

ROOT = Path(__file__).resolve().parents[2]


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How much is played: people with so many nudges each, tickers, and what goes wrong.

    The shares are of all calls; `deaths` is the share of messages in whose moment every ticker is killed, and
    `kills` the mean of seconds between two kills of one of them. `jump_after` is the share of the nudges that
    have come when the clock jumps by a day.
    """

    people: int
    each: int
    tickers: int
    seed: int
    lease: float = 4.0
    rate: float = 15.0
    answers_lost: float = 0.0
    dropped: float = 0.0
    limited: float = 0.0
    deaths: float = 0.0
    kills: float = 0.0
    jump_after: float | None = None
    blind: bool = False
    longest: float = 600.0


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
    calls: int
    answers_lost: int
    dropped: int
    limited: int
    taken_over: int
    seconds: float


def play(trial: Trial, folder: Path) -> Figures:
    """Let the tickers do their work under all of this, until every nudge is settled or time is over."""
    chance = random.Random(trial.seed)
    database, clock = folder / "threatmodel.db", folder / "clock.json"
    with Sandbox.start(manifest=manifest("socket")) as slack:
        people = [person(slack, number) for number in range(trial.people)]
        store = open_store(f"sqlite:///{database}", tables=(SLACK,), patience=10)
        workshop = Workshop(store)
        try:
            stream = story(store, workshop, people, each=trial.each)
            due = snoozed(workshop, stream, each=trial.each)
            _set(clock, trial.rate)
            stage = _Stage(slack, trial, folder, chance)
            began = time.monotonic()
            with stage:
                stage.go_on_until(
                    lambda: _settled(store, due), jump=lambda: _set(clock, trial.rate, jumped=86_400)
                )
            return _figures(slack, store, due, stage, time.monotonic() - began)
        finally:
            workshop.close()
            store.close()


def _set(clock: Path, rate: float, *, jumped: float = 0.0) -> None:
    told = {"start": BEGIN.isoformat(), "since": time.time(), "rate": rate, "jumped": 0.0}
    if clock.exists():
        told = {**json.loads(clock.read_text()), "jumped": jumped}
    fresh = clock.with_suffix(".new")
    fresh.write_text(json.dumps(told))
    fresh.replace(clock)


def _settled(store: SqliteStore, due: dict[NudgeKey, datetime]) -> float:
    """The share of the nudges that are settled."""
    known = NudgeStore(store, store.database, TEAM_ID).of(MODEL)
    return sum(key in known and known[key].state is DeliveryState.SENT for key in due) / len(due)


class _Stage:
    """The tickers, and everything that happens to them."""

    def __init__(self, slack: Sandbox, trial: Trial, folder: Path, chance: random.Random) -> None:
        self.killed = self.died_in_a_post = 0
        self._slack = slack
        self._trial = trial
        self._folder = folder
        self._chance = chance
        self._tickers: list[subprocess.Popen[bytes]] = []
        self._hands = threading.Lock()
        self._fatal: set[int] = set()
        self._posts = 0
        self.troubles: Counter[str] = Counter()

    def __enter__(self) -> "_Stage":
        trial, faults = self._trial, self._slack.faults
        for kind, share in (
            ("answer_lost", trial.answers_lost),
            ("dropped", trial.dropped),
            ("ratelimited", trial.limited),
        ):
            faults.share(kind, of=share, seed=trial.seed)
        self._count_troubles()
        total = trial.people * trial.each
        self._fatal = {number for number in range(total * 3) if self._chance.random() < trial.deaths}
        self._slack.workspace.on_change(self._looked_at)
        self._seen: set[str] = set()
        self._tickers = [self._ticker(number) for number in range(trial.tickers)]
        return self

    def __exit__(self, *_: object) -> None:
        with self._hands:
            for one in self._tickers:
                one.kill()
                one.wait()
            self._tickers = []

    def go_on_until(self, done: Callable[[], float], *, jump: Callable[[], None]) -> None:
        """Kill and begin anew until everything is done, and let the clock jump once on the way."""
        ends, jumps = time.monotonic() + self._trial.longest, self._trial.jump_after
        next_kill = time.monotonic() + self._pause()
        while (share := done()) < 1 and time.monotonic() < ends:
            if jumps is not None and share >= jumps:
                jump()
                jumps = None
            if self._trial.kills and time.monotonic() > next_kill:
                self._kill_one()
                next_kill = time.monotonic() + self._pause()
            self._begin_anew()
            time.sleep(0.05)
        # What a killed process had begun may still be on its way to nobody: wait for whoever takes it over.
        time.sleep(0.5)

    def _count_troubles(self) -> None:
        next_trouble = self._slack.faults.next_trouble

        def counted(method: str) -> Trouble | None:
            trouble = next_trouble(method)
            if trouble is not None:
                self.troubles[trouble.kind] += 1
            return trouble

        self._slack.faults.next_trouble = counted

    def _pause(self) -> float:
        return self._chance.uniform(0.2, 2 * self._trial.kills) if self._trial.kills else 0.0

    def _kill_one(self) -> None:
        with self._hands:
            self._chance.choice(self._tickers).send_signal(signal.SIGKILL)
            self.killed += 1

    def _begin_anew(self) -> None:
        with self._hands:
            for place, one in enumerate(self._tickers):
                if one.poll() is not None:
                    self._tickers[place] = self._ticker(place)

    def _looked_at(self) -> None:
        """In the moment in which a message is there and nobody has been told so."""
        for ts in sorted(messages(self._slack).keys() - self._seen):
            self._seen.add(ts)
            self._posts += 1
            if self._posts in self._fatal or (self._trial.deaths >= 1 and self._posts == 1):
                self.died_in_a_post += 1
                for one in self._tickers:
                    one.send_signal(signal.SIGKILL)

    def _ticker(self, number: int) -> subprocess.Popen[bytes]:
        log = (self._folder / f"ticker{number}.log").open("ab")
        with log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.nudges.ticker",
                    str(self._folder / "threatmodel.db"),
                    self._slack.url,
                    self._slack.bot_token,
                    str(self._folder / "clock.json"),
                    str(self._trial.lease),
                    "blind" if self._trial.blind else "sees",
                ],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )


def messages(slack: Sandbox) -> dict[str, list[NudgeKey]]:
    """The keys in each message that reminds somebody, by its moment and place."""
    found: dict[str, list[NudgeKey]] = {}
    for direct in slack.workspace.direct_of("U0THREATM"):
        for one in slack.workspace.messages(direct.id, None):
            if (one.metadata or {}).get("event_type") == "threatmodel_nudge":
                found[f"{direct.id} {one.ts}"] = (one.metadata or {})["event_payload"]["keys"]
    return found


def _figures(
    slack: Sandbox,
    store: SqliteStore,
    due: dict[NudgeKey, datetime],
    stage: _Stage,
    seconds: float,
) -> Figures:
    told = messages(slack)
    counts = Counter(key for keys in told.values() for key in keys)
    known = NudgeStore(store, store.database, TEAM_ID).of(MODEL)
    claims = sum(type(one.event).__name__ == "NudgeClaimed" for one in store.tail(TEAM_ID, 0, 1_000_000))
    return Figures(
        nudges=len(due),
        messages=len(told),
        lost=sum(key not in counts for key in due),
        doubled=sum(counts[key] > 1 for key in due),
        out_of_order=_out_of_order(told, due),
        unsettled=sum(key not in known or known[key].state is not DeliveryState.SENT for key in due),
        killed=stage.killed,
        died_in_a_post=stage.died_in_a_post,
        calls=len(slack.api_calls),
        answers_lost=stage.troubles["answer_lost"],
        dropped=stage.troubles["dropped"],
        limited=stage.troubles["ratelimited"],
        taken_over=claims - len(told),
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


FULL = Trial(
    people=30,
    each=10,
    tickers=3,
    seed=1,
    answers_lost=0.03,
    dropped=0.05,
    limited=0.02,
    deaths=0.03,
    kills=4.0,
    jump_after=0.7,
)


def main() -> None:
    """Play it in full, and print what came of it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked.add_argument("--people", type=int, default=FULL.people)
    asked.add_argument("--each", type=int, default=FULL.each)
    asked.add_argument("--tickers", type=int, default=FULL.tickers)
    asked.add_argument("--limited", type=float, default=FULL.limited)
    asked.add_argument("--blind", action="store_true")
    given = asked.parse_args()
    trial = msgspec.structs.replace(FULL, **vars(given))
    with tempfile.TemporaryDirectory() as folder:
        figures = play(trial, Path(folder))
    print(f"seed {trial.seed}{', blind' if trial.blind else ''}")
    for name, value in msgspec.structs.asdict(figures).items():
        print(f"{name.replace('_', ' '):>16}  {value}")
    sys.exit(bool(figures.lost or figures.doubled or figures.out_of_order or figures.unsettled))


if __name__ == "__main__":
    main()
