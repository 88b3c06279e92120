"""Several tickers on one database, killed again and again in a workspace that has bad days.

`python -m tests.reminders.torture` plays it in full and prints what came of it; `--blind` does so without the
step that looks for messages which a killed process may have sent; with `--limited 0.3` Slack asks to wait so
often that a reminder has many chances to overtake another.

`--pauses 0.25` stops senders in the worst moment for longer than the lease, `--skew 120` sets the clocks of
the replicas apart, `--back 600` puts all of them back, and `--busy 0.2 --patience 1` keeps the database from
noting what was sent; `Trial` says more of each.
"""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.sandbox.api import TEAM_ID, Sandbox
from bot.store import Store
from domain.reminder_deliveries import DeliveryState, ReminderKey, ReminderSent
from tests.delivery.tortures.torture_run import (
    StageFigures,
    play_from_command_line,
    stage_figures,
    torture,
)
from tests.reminders.reminder_story import MODEL, create_due_mitigations, person, snooze_each
from tests.reminders.stage import Stage, messages
from tests.reminders.trial import FULL, Trial


class Figures(StageFigures, frozen=True, kw_only=True):
    """What came of it."""

    reminders: int
    messages: int
    lost: int
    doubled: int
    out_of_order: int
    unsettled: int
    found: int
    taken_back: int

    @property
    def rules(self) -> dict[str, bool]:
        """Each rule, and whether it was broken."""
        return {
            "a reminder is lost": self.lost > 0,
            "a reminder is doubled": self.doubled > 0,
            "out of order": self.out_of_order > 0,
            "a reminder is not settled": self.unsettled > 0,
        }


def play(
    trial: Trial, folder: Path, say: Callable[[str], None] = lambda _: None, *, url: str = ""
) -> Figures:
    """Let the tickers do their work under all of this, until every reminder is settled or time is over."""
    with torture(trial, folder, patience=10, url=url) as playing:
        store, command_handler = playing.store, playing.command_handler
        people = [person(playing.slack, number) for number in range(trial.people)]
        stream = create_due_mitigations(store, command_handler, people, each=trial.each)
        due = snooze_each(command_handler, stream, each=trial.each)
        playing.set_clock()
        stage = playing.stage()
        began = time.monotonic()
        with stage:
            stage.go_on_until(
                lambda: _settled(store, due),
                jump=lambda seconds: playing.set_clock(jumped=seconds),
                say=say,
            )
        return _figures(playing.slack, store, due, stage, stage_figures(playing, stage, began))


def _settled(store: Store, due: dict[ReminderKey, datetime]) -> float:
    """The share of the reminders that are settled."""
    known = store.unit(TEAM_ID).reminders.of(MODEL)
    return sum(key in known and known[key].state is DeliveryState.SENT for key in due) / len(due)


def _figures(
    slack: Sandbox,
    store: Store,
    due: dict[ReminderKey, datetime],
    stage: Stage,
    happened: dict[str, Any],
) -> Figures:
    told = messages(slack)
    counts = Counter(key for keys in told.values() for key in keys)
    known = store.unit(TEAM_ID).reminders.of(MODEL)
    found = sum(
        isinstance(one.event, ReminderSent) and one.event.found for one in store.tail(TEAM_ID, 0, 1_000_000)
    )
    return Figures(
        **happened,
        reminders=len(due),
        messages=len(told),
        lost=sum(key not in counts for key in due),
        doubled=sum(number > 1 for number in counts.values()),
        out_of_order=_out_of_order(told, due),
        unsettled=sum(key not in known or known[key].state is not DeliveryState.SENT for key in due),
        found=found,
        taken_back=len(stage.seen - told.keys()),
    )


def _out_of_order(told: dict[str, list[ReminderKey]], due: dict[ReminderKey, datetime]) -> int:
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


if __name__ == "__main__":
    play_from_command_line(play, FULL, __doc__ or "")
