"""Several bots that tell people what they were handed, killed again and again in a workspace with bad days.

`python -m tests.reminders.handover_torture` plays it in full and prints what came of it; `--blind` does so
without the step that looks for messages which a killed process may have sent. Somebody hands over one thing
after the other meanwhile: all of it must be told, each once, and none may offer in the end what is over.
"""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bot.sandbox.api import Json, Sandbox, json_objects
from bot.slack.projectors.direct_messages import about_of, person_of
from bot.slack.sinks.posted_messages import event_type_of
from bot.store import Store, tenant_of
from domain.kernel.elements import PersonId
from tests.delivery.tortures.torture_run import (
    StageFigures,
    Torture,
    play_from_command_line,
    stage_figures,
    torture,
)
from tests.reminders.handover_story import ExpectedHandover, HandoverScript
from tests.reminders.reminder_story import create_due_mitigations, person
from tests.reminders.stage import Stage, carried
from tests.reminders.trial import FULL as REMINDED
from tests.reminders.trial import Trial
from tests.running_database import url_of

EVENT_TYPE = event_type_of("handover")

FULL = replace(REMINDED, people=10, each=12, rate=1.0, limited=0.1, latency=0.2, deaths=0.05, jump_after=None)
MAX_WAITING = 6
"""So many are handed over before the bots have told of any of them."""


class Figures(StageFigures, frozen=True, kw_only=True):
    """What came of it; `stale` are messages that still offer what is over."""

    handed: int
    messages: int
    lost: int
    doubled: int
    astray: int
    stale: int
    unsettled: int
    taken_back: int

    @property
    def rules(self) -> dict[str, bool]:
        """Each rule, and whether it was broken."""
        return {
            "something is lost": self.lost > 0,
            "something is told twice": self.doubled > 0,
            "somebody else is told": self.astray > 0,
            "a message offers what is over": self.stale > 0,
            "a message is not recorded": self.unsettled > 0,
        }


def play(
    trial: Trial, folder: Path, say: Callable[[str], None] = lambda _: None, *, first: int = 0
) -> Figures:
    """Let the bots tell everybody under all of this, until everybody was told or time is over.

    `first` is the way of handing over that the story begins with.
    """
    with torture(trial, folder, patience=10, url=url_of(folder / "threatmodel.db")) as playing:
        slack, store = playing.slack, playing.store
        ana, *others = (person(slack, number) for number in range(trial.people + 1))
        stream = create_due_mitigations(store, playing.command_handler, [ana, *others], each=0)
        playing.set_clock()
        giver = HandoverScript(playing.command_handler, stream, ana, others, first=first)
        most = trial.people * trial.each
        stage = playing.stage(work="handovers", carrying=EVENT_TYPE)

        def done() -> float:
            there = _told(slack)
            settled = len(giver.handed) - len(_unsettled(store, giver, there))
            if len(giver.handed) < most and len(giver.handed) - settled < MAX_WAITING:
                giver.hand_over()
            # The last share is for bringing all of them up to date; of two of one, only one ever is.
            all_true = settled == most and (trial.blind or not _stale(slack, giver))
            return (settled + all_true) / (most + 1)

        began = time.monotonic()
        with stage:
            stage.go_on_until(done, say=say)
        return _figures(playing, giver, stage, began)


def _figures(playing: Torture, giver: HandoverScript, stage: Stage, began: float) -> Figures:
    slack = playing.slack
    there = _told(slack)
    happened: dict[str, Any] = stage_figures(playing, stage, began)
    return Figures(
        **happened,
        handed=len(giver.handed),
        messages=there.total(),
        lost=sum(one not in there for one in giver.handed),
        doubled=sum(there[one] > 1 for one in giver.handed),
        astray=sum(number for one, number in there.items() if one not in giver.handed),
        stale=_stale(slack, giver),
        unsettled=len(_unsettled(playing.store, giver, there)),
        taken_back=len(stage.seen - carried(slack, EVENT_TYPE).keys()),
    )


def _told(slack: Sandbox) -> Counter[ExpectedHandover]:
    """How many messages tell whom of what."""
    return Counter(_of(slack, place, payload) for place, payload in carried(slack, EVENT_TYPE).items())


def _of(slack: Sandbox, place: str, payload: Json) -> ExpectedHandover:
    (reader,) = slack.workspace.channel(place.split()[0]).members - {"U0THREATM"}
    return ExpectedHandover(int(payload["slot"].split("/")[-2]), PersonId(reader))


def _unsettled(
    store: Store, giver: HandoverScript, there: Counter[ExpectedHandover]
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


if __name__ == "__main__":
    play_from_command_line(play, FULL, __doc__ or "")
