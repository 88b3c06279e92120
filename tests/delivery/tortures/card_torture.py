"""Several bots that keep cards and threads up to date, killed again and again in a workspace with faults.

`python -m tests.delivery.tortures.card_torture --seed 1` plays it in full and prints what came of it.

Rules by which it is judged:

- Every model has exactly one card, and it shows the model as it is. Every other copy of a card (an orphan)
  deletes itself when one of its buttons is pressed. There are at most as many orphans as posts whose outcome
  no process could learn: its process was killed or stopped, or Slack's answer was lost.
- The result of a round is posted at most once. It is missing only where it is unknown whether Slack has
  posted it: rather not at all than twice.
- What was done in one sitting is told in one message, which is edited. After a post whose outcome is unknown
  it may be told in a second one: rather twice than not at all.
- Results and sittings come in the order in which they happened.

With `--blind` an orphan is not recognized, and a result is posted without a record of the attempt.
"""

import argparse
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Sandbox, VisibleMessage
from bot.store import SqliteStore, StreamId, open_store
from bot.store.slack_schema import SLACK
from tests.delivery.tortures.pressing import cards_in, press_cards
from tests.delivery.tortures.team import Team
from tests.nudges.stage import Stage
from tests.nudges.ticker import FileClock
from tests.nudges.torture import on_terminal, set_clock, tell
from tests.nudges.trial import FULL as REMINDED
from tests.nudges.trial import Trial

FULL = replace(
    REMINDED,
    people=12,
    each=25,
    rate=1.0,
    deaths=0.1,
    pauses=0.01,
    latency=0.05,
    kills=10.0,
    longest=1200.0,
    jump_after=None,
)
"""So many models with so many changes each."""

PAUSE_SECONDS = 2000.0
"""Of the story: longer than a sitting lasts without an event."""

SETTLED_SECONDS = 30.0
"""So long nothing may be due before a missing message counts as lost; longer than two leases."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; `unknown` counts the posts whose outcome no process could learn, at most."""

    models: int
    changes: int
    lost_cards: int
    orphans: int
    orphans_left: int
    results: int
    lost_results: int
    doubled_results: int
    sittings: int
    lost_sittings: int
    doubled_sittings: int
    out_of_order: int
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
            "a card is lost": self.lost_cards,
            "an orphan stays": self.orphans_left,
            "more orphans than unknown outcomes": self.orphans > self.unknown,
            "more results lost than unknown outcomes": self.lost_results > self.unknown,
            "a result is doubled": self.doubled_results,
            "a sitting is lost": self.lost_sittings,
            "more sittings doubled than unknown outcomes": self.doubled_sittings > self.unknown,
            "out of order": self.out_of_order,
        }
        return [name for name, is_broken in broken.items() if is_broken]


def play(trial: Trial, folder: Path, say: Callable[[str], None] = lambda _: None) -> Figures:
    """Let the bots show what the team does under all of this, until everything is shown or time is over."""
    with Sandbox(manifest=build_manifest("socket")).start() as slack:
        database = folder / "threatmodel.db"
        store = open_store(f"sqlite:///{database}", patience=60)
        store.keep_tables(SLACK)
        command_handler = CommandHandler(store)
        try:
            set_clock(folder / "clock.json", trial.rate)
            clock = FileClock(folder / "clock.json", 0)
            team = Team(slack, command_handler, clock)
            chance = random.Random(trial.seed)
            stage = Stage(
                slack,
                trial,
                folder,
                random.Random(trial.seed),
                work="everything",
                posts=lambda: _places(slack, team),
            )
            work = _Work(trial, team, store, chance, folder / "clock.json", slack)
            began = time.monotonic()
            with stage:
                stage.go_on_until(work.share_done, jump=lambda _: None, say=say)
            seconds = time.monotonic() - began
            slack.faults.clear()
            before = {stream: _cards(slack, team, stream) for stream in team.streams}
            press_cards(slack, database, team, clock, blind=trial.blind)
            return _figures(slack, trial, team, stage, before, seconds)
        finally:
            command_handler.close()
            store.close()


class _Work:
    """What the team does, one act after the other, and how much of it is shown."""

    def __init__(
        self,
        trial: Trial,
        team: Team,
        store: SqliteStore,
        chance: random.Random,
        clock: Path,
        slack: Sandbox,
    ) -> None:
        self._trial = trial
        self._team = team
        self._store = store
        self._chance = chance
        self._clock = clock
        self._slack = slack
        self._acts = 0
        self._paused = 0.0
        self._next = 0.0
        self._idle_since = time.monotonic()

    def share_done(self) -> float:
        """Do the next act if it is time for one; return the share of the acts that are done and shown."""
        most = self._trial.people * self._trial.each
        now = time.monotonic()
        if self._acts < most:
            if now >= self._next:
                self._act()
                self._acts += 1
                self._next = now + self._chance.uniform(0.0, 0.2)
            self._idle_since = now
            return self._acts / (most + 1)
        if self._store.work.backlog(TEAM_ID, FileClock(self._clock, 0)()).due:
            self._idle_since = now
        # What is lost never comes: the end is when nothing has been due for a while.
        is_over = _is_shown(self._slack, self._team) or now - self._idle_since > SETTLED_SECONDS
        return 1.0 if is_over else most / (most + 1)

    def _sittings_are_told(self) -> bool:
        return not any(_sittings(self._slack, self._team, one).lost for one in self._team.streams)

    def _act(self) -> None:
        team, chance = self._team, self._chance
        if not team.streams or (len(team.streams) < self._trial.people and chance.random() < 0.2):
            team.start_model()
        elif chance.random() < 0.08 and self._sittings_are_told():
            # What is not told by then would be told in one message with what comes next.
            self._paused += PAUSE_SECONDS
            set_clock(self._clock, self._trial.rate, jumped=self._paused)
            team.pause()
        elif chance.random() < 0.15:
            team.close_round(chance.choice(team.streams))
        else:
            team.add_asset(chance.choice(team.streams))


def _figures(
    slack: Sandbox,
    trial: Trial,
    team: Team,
    stage: Stage,
    before: dict[StreamId, list[VisibleMessage]],
    seconds: float,
) -> Figures:
    after = {stream: _cards(slack, team, stream) for stream in team.streams}
    results = [_results(slack, team, one) for one in team.streams]
    sittings = [_sittings(slack, team, one) for one in team.streams]
    unknown = (
        stage.killed
        + stage.died_in_a_post * trial.tickers
        + stage.stopped
        + stage.unclear["chat.postMessage"]
    )
    return Figures(
        models=len(team.streams),
        changes=sum(team.assets.values()),
        lost_cards=sum(
            not any(_shows(one, team, stream) for one in after[stream]) for stream in team.streams
        ),
        orphans=sum(max(0, len(cards) - 1) for cards in before.values()),
        orphans_left=sum(max(0, len(cards) - 1) for cards in after.values()),
        results=sum(map(len, team.rounds.values())),
        lost_results=sum(one.lost for one in results),
        doubled_results=sum(one.doubled for one in results),
        sittings=sum(map(len, team.sittings.values())),
        lost_sittings=sum(one.lost for one in sittings),
        doubled_sittings=sum(one.doubled for one in sittings),
        out_of_order=sum(one.out_of_order for one in (*results, *sittings)),
        unknown=unknown,
        killed=stage.killed,
        died_in_a_post=stage.died_in_a_post,
        stopped=stage.stopped,
        calls=len(slack.api_calls),
        answers_lost=stage.troubles["answer_lost"],
        dropped=stage.troubles["dropped"],
        limited=stage.troubles["ratelimited"],
        seconds=round(seconds, 1),
    )


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """How some things that happened in a model are told in its thread."""

    lost: int
    doubled: int
    out_of_order: int

    @classmethod
    def of(cls, thread: list[VisibleMessage], happened: dict[str, int]) -> "_Told":
        """Look for each by its words; a message that tells of too few assets is not up to date."""
        lost = doubled = out_of_order = 0
        latest = ""
        for words, assets in happened.items():
            told = [one for one in thread if words in one.plain]
            true = [one for one in told if not assets or _assets_told(one.plain) == assets]
            doubled += max(0, len(told) - 1)
            if not true:
                lost += 1
                continue
            place = max(one.ts for one in true)
            out_of_order += place < latest
            latest = max(latest, place)
        return cls(lost=lost, doubled=doubled, out_of_order=out_of_order)


def _assets_told(words: str) -> int:
    several = re.search(r"added (\d+) assets", words)
    return int(several[1]) if several else int("added" in words)


def _results(slack: Sandbox, team: Team, stream: StreamId) -> _Told:
    thread = [one for one in _threads(slack, team, stream) if "is over" in one.plain]
    return _Told.of(thread, {f"Round {one} of": 0 for one in team.rounds[stream]})


def _sittings(slack: Sandbox, team: Team, stream: StreamId) -> _Told:
    return _Told.of(_threads(slack, team, stream), team.sittings[stream])


def _is_shown(slack: Sandbox, team: Team) -> bool:
    return not any(
        _results(slack, team, one).lost
        or _sittings(slack, team, one).lost
        or not any(_shows(card, team, one) for card in _cards(slack, team, one))
        for one in team.streams
    )


def _shows(card: VisibleMessage, team: Team, stream: StreamId) -> bool:
    threats = len(team.rounds[stream])
    words = [f"Assets  {team.assets[stream]}" if team.assets[stream] else "Assets"]
    words += [f"{threats} threat"] if threats else []
    return all(word in card.plain for word in words)


def _cards(slack: Sandbox, team: Team, stream: StreamId) -> list[VisibleMessage]:
    return cards_in(slack, team.channels[stream])


def _threads(slack: Sandbox, team: Team, stream: StreamId) -> list[VisibleMessage]:
    """The replies to all cards of a model, an orphan's too."""
    ana, channel = slack.person("ana"), team.channels[stream]
    return [
        reply
        for card in _cards(slack, team, stream)
        for reply in ana.thread(channel, card.ts)
        if reply.thread is not None
    ]


def _places(slack: Sandbox, team: Team) -> set[str]:
    return {
        f"{channel} {one.ts}"
        for channel in list(team.channels.values())
        for one in slack.workspace.messages(channel, None)
    }


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
