"""Several bots that keep cards and threads up to date, killed again and again in a workspace with faults.

`python -m tests.delivery.tortures.card_torture --seed 1` plays it in full and prints what came of it.

Messages in channels cannot be searched: whether a post was made is unknown where its process was killed
before it recorded the answer, or where the answer was lost. One killed process leaves at most one such post
in a channel. One that was only stopped, and overtaken meanwhile, records its post or deletes it itself.

Rules by which it is judged:

- Every model has exactly one card, and it shows the model as it is. Every other copy of a card (an orphan)
  deletes itself when one of its buttons is pressed. There are at most as many orphans as killed processes and
  lost answers of posts; `--answers-lost 0` leaves the killed processes alone.
- The result of every round is told, and what was done in one sitting is told in one message, which is edited.
  There are at most as many second ones as killed processes and lost answers: rather twice than not at all.
  A result has buttons; the message about a sitting has one only where it is long.
- Results and sittings come in the order in which they happened, save for one whose process was stopped in the
  moment before its post for so long that others went on.

With `--blind` an attempt is recorded only with its answer, and an orphan is not recognized.
"""

import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.sandbox.api import Sandbox, VisibleMessage
from bot.store import StreamId
from tests.delivery.tortures.pressing import cards_in, press_cards
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


class Figures(StageFigures, frozen=True, kw_only=True):
    """What came of it; `unknown` counts the posts that may be made and not recorded, at most."""

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

    @property
    def rules(self) -> dict[str, bool]:
        """Each rule, and whether it was broken."""
        return {
            "a card is lost": self.lost_cards > 0,
            "an orphan stays": self.orphans_left > 0,
            "more orphans than killed processes and lost answers": self.orphans > self.unknown,
            "a result is lost": self.lost_results > 0,
            "more results doubled than killed processes and lost answers": self.doubled_results
            > self.unknown,
            "a sitting is lost": self.lost_sittings > 0,
            "more sittings doubled than killed processes and lost answers": self.doubled_sittings
            > self.unknown,
            "out of order": self.out_of_order > self.stopped,
        }


def play(trial: Trial, folder: Path, say: Callable[[str], None] = lambda _: None) -> Figures:
    """Let the bots show what the team does under all of this, until everything is shown or time is over."""
    with torture(trial, folder, url=url_of(folder / "threatmodel.db")) as playing:
        playing.set_clock()
        slack = playing.slack
        team = Team(slack, playing.command_handler, playing.clock)
        deeds = _Deeds(playing, team, random.Random(trial.seed))
        acts = Acts(
            trial.people * trial.each,
            deeds.do_next,
            apart=lambda: deeds.chance.uniform(0.0, 0.2),
            due=playing.due,
            is_shown=lambda: _is_shown(slack, team),
        )
        stage = playing.stage(work="everything", posts=lambda: _places(slack, team))
        began = time.monotonic()
        with stage:
            stage.go_on_until(acts.share_done, calm=acts.are_over, say=say)
        happened = stage_figures(playing, stage, began)
        slack.faults.clear()
        before = {stream: _cards(slack, team, stream) for stream in team.streams}
        press_cards(slack, playing.database, team, playing.clock, blind=trial.blind)
        return _figures(slack, team, stage, before, happened)


class _Deeds:
    """What the team does, one act after the other."""

    def __init__(self, playing: Torture, team: Team, chance: random.Random) -> None:
        self.chance = chance
        self._playing = playing
        self._team = team
        self._paused = 0.0

    def do_next(self) -> None:
        team, chance, people = self._team, self.chance, self._playing.trial.people
        if not team.streams or (len(team.streams) < people and chance.random() < 0.2):
            team.start_model()
        elif chance.random() < 0.08 and self._sittings_are_told():
            # What is not told by then would be told in one message with what comes next.
            self._paused += PAUSE_SECONDS
            self._playing.set_clock(jumped=self._paused)
            team.pause()
        elif chance.random() < 0.15:
            team.close_round(chance.choice(team.streams))
        else:
            team.add_asset(chance.choice(team.streams))

    def _sittings_are_told(self) -> bool:
        slack, team = self._playing.slack, self._team
        return not any(_sittings(slack, team, stream).lost for stream in team.streams)


def _figures(
    slack: Sandbox,
    team: Team,
    stage: Stage,
    before: dict[StreamId, list[VisibleMessage]],
    happened: dict[str, Any],
) -> Figures:
    after = {stream: _cards(slack, team, stream) for stream in team.streams}
    results = [_results(slack, team, one) for one in team.streams]
    sittings = [_sittings(slack, team, one) for one in team.streams]
    return Figures(
        **happened,
        models=len(team.streams),
        changes=sum(team.assets.values()),
        lost_cards=sum(
            not any(_shows(one, team, stream) for one in after[stream]) for stream in team.streams
        ),
        orphans=sum(max(0, len(cards) - 1) for cards in before.values()),
        orphans_left=sum(max(0, len(cards) - 1) for cards in after.values()),
        results=sum(map(len, team.rounds.values())),
        lost_results=sum(result.lost for result in results),
        doubled_results=sum(result.doubled for result in results),
        sittings=sum(map(len, team.sittings.values())),
        lost_sittings=sum(sitting.lost for sitting in sittings),
        doubled_sittings=sum(sitting.doubled for sitting in sittings),
        out_of_order=sum(result.out_of_order for result in (*results, *sittings)),
        unknown=stage.processes_killed + stage.unheard["chat.postMessage"],
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
    thread = [one for one in _threads(slack, team, stream) if "has ended" in one.plain]
    return _Told.of(thread, {f"Round {round} of": 0 for round in team.rounds[stream]})


def _sittings(slack: Sandbox, team: Team, stream: StreamId) -> _Told:
    return _Told.of(_threads(slack, team, stream), team.sittings[stream])


def _is_shown(slack: Sandbox, team: Team) -> bool:
    return not any(
        _results(slack, team, stream).lost
        or _sittings(slack, team, stream).lost
        or not any(_shows(card, team, stream) for card in _cards(slack, team, stream))
        for stream in team.streams
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
        f"{channel} {message.ts}"
        for channel in list(team.channels.values())
        for message in slack.workspace.messages(channel, None)
    }


if __name__ == "__main__":
    play_from_command_line(play, FULL, __doc__ or "")
