"""Bad days at random: people answer, everything goes wrong, and a book is kept of what was promised."""

import random
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bot.sandbox.api import Delivery, NotOnScreen
from tests.cases.processes import kill_process, serve_process
from tests.slack.slack_team import SlackTeam, Transport, locked, run_at_the_same_time

PEOPLE = ("ana", "ben", "chi", "dee")
FORMS = {
    "asset": ("Add asset", "Name"),
    # Nothing but the key of a request keeps one from being recorded twice: they need not be unique.
    "assumption": ("Add assumption", "Assumption"),
}
TROUBLES = ("ratelimited", "server_error", "dropped", "answer_lost", "fatal_error")


class FailureWalk:
    """One walk through bad days; `promised` is what Slack was told is kept."""

    def __init__(self, team: SlackTeam, database: Path, transport: Transport, chance: random.Random) -> None:
        self.promised: set[str] = set()
        self.tried: set[str] = set()
        self.stored_answers: list[str] = []
        self.deaths = 0
        self._there = team
        self._database = database
        self._transport: Transport = transport
        self._chance = chance
        self._parts = ExitStack()
        self._bot: subprocess.Popen[str] | None = None
        self._number = 0

    @property
    def steps(self) -> dict[Callable[[], None], int]:
        """What may happen next, and how likely each is compared with the others."""
        return {
            self.somebody_answers: 20,
            self.all_answer_at_once: 6,
            self.somebody_sends_again: 6,
            self.slack_repeats_something: 5,
            self.acks_are_lost: 3,
            self.deliveries_come_twice: 2,
            self.deliveries_overtake_each_other: 2,
            self.slack_fails: 4,
            self.slack_recovers: 4,
            self.slack_is_slow: 1,
            self.the_file_is_locked: 2,
            self.the_card_is_deleted: 2,
            self.the_channel_is_archived: 2,
            self.the_channel_is_in_use_again: 3,
            self.the_bot_is_thrown_out: 2,
            self.the_bot_is_invited: 3,
            self.the_channel_is_shared: 1,
            self.the_channel_is_our_own_again: 3,
            self.the_connection_breaks: 1,
            self.the_token_is_revoked_and_restored: 1,
            self.the_bot_dies: 2,
        }

    def go(self, steps: int) -> None:
        """Take so many steps."""
        likely = self.steps
        for _ in range(steps):
            (step,) = self._chance.choices([*likely], weights=[*likely.values()])
            self.stored_answers.append(step.__name__)
            step()

    def begin(self) -> None:
        """Start the bot."""
        self._bot = self._parts.enter_context(
            serve_process(self._there.sandbox, self._database, self._transport)
        )

    def end(self) -> None:
        """Let everything be well again, with a bot that was started anew."""
        slack = self._there.sandbox
        slack.faults.clear()
        slack.restore_token()
        with slack.quietly():
            slack.change_channel("#house", is_archived=False, is_ext_shared=False)
            slack.invite_bot("#house")
        self._restart()

    def close(self) -> None:
        """Stop the bot."""
        self._parts.close()

    # What people do

    def somebody_answers(self) -> None:
        who = self._chance.choice(PEOPLE)
        self._answer(who, self._name())

    def all_answer_at_once(self) -> None:
        names = {who: self._name() for who in PEOPLE}
        if self._chance.random() < 0.2:
            threading.Timer(self._chance.uniform(0, 0.3), self._kill).start()
            run_at_the_same_time(
                *[lambda who=who, name=name: self._answer(who, name) for who, name in names.items()]
            )
            self._restart()
            return
        run_at_the_same_time(
            *[lambda who=who, name=name: self._answer(who, name) for who, name in names.items()]
        )

    def somebody_sends_again(self) -> None:
        for who in PEOPLE:
            seen = self._there.person(who).modal
            fields = [field for title, field in FORMS.values() if seen is not None and seen.title == title]
            if seen is not None and fields and seen.values[fields[0]]:
                self._hand_in(who, str(seen.values[fields[0]]))

    def _answer(self, who: str, name: str) -> None:
        person = self._there.person(who)
        if person.modal is not None:
            person.close(all_of_them=True)
        what = "asset" if name.startswith("Asset") else "assumption"
        person.command("#house", f"/threatmodel add {what}")
        ends = time.monotonic() + 0.6
        while person.modal is None and time.monotonic() < ends:
            time.sleep(0.01)
        try:
            person.fill(FORMS[what][1], name)
        except NotOnScreen:
            return  # no form, or another one, came of it
        self._hand_in(who, name)

    def _hand_in(self, who: str, name: str) -> None:
        self.tried.add(name)
        delivery = self._there.person(who).submit()
        if delivery is not None and is_promise(delivery):
            self.promised.add(name)

    def _name(self) -> str:
        self._number += 1
        return f"{self._chance.choice(('Asset', 'Belief'))} {self._number}"

    # What Slack does

    def slack_repeats_something(self) -> None:
        deliveries = self._there.sandbox.deliveries
        self._there.sandbox.repeat(self._chance.choice(deliveries[-40:]))

    def acks_are_lost(self) -> None:
        self._there.sandbox.faults.lost_acks = self._chance.randint(1, 3)

    def deliveries_come_twice(self) -> None:
        self._there.sandbox.faults.repeats = self._chance.randint(1, 3)

    def deliveries_overtake_each_other(self) -> None:
        self._there.sandbox.faults.reorder = 1

    def slack_fails(self) -> None:
        of = self._chance.choice((0.1, 0.5, 1.0))
        self._there.sandbox.faults.share(
            self._chance.choice(TROUBLES), of=of, seed=self._chance.randrange(9999)
        )

    def slack_recovers(self) -> None:
        self._there.sandbox.faults.clear()

    def slack_is_slow(self) -> None:
        self._there.sandbox.faults.latency = self._chance.uniform(0.05, 0.3)

    def the_card_is_deleted(self) -> None:
        for card in self._there.cards():
            self._there.sandbox.delete_message("#house", card.ts)

    def the_channel_is_archived(self) -> None:
        with self._there.sandbox.quietly(unless=self._chance.random() < 0.7):
            self._there.sandbox.change_channel("#house", is_archived=True)

    def the_channel_is_in_use_again(self) -> None:
        with self._there.sandbox.quietly(unless=self._chance.random() < 0.7):
            self._there.sandbox.change_channel("#house", is_archived=False)

    def the_bot_is_thrown_out(self) -> None:
        with self._there.sandbox.quietly(unless=self._chance.random() < 0.7):
            self._there.sandbox.remove_bot("#house")

    def the_bot_is_invited(self) -> None:
        with self._there.sandbox.quietly(unless=self._chance.random() < 0.7):
            self._there.sandbox.invite_bot("#house")

    def the_channel_is_shared(self) -> None:
        with self._there.sandbox.quietly(unless=self._chance.random() < 0.7):
            self._there.sandbox.change_channel("#house", is_ext_shared=True)

    def the_channel_is_our_own_again(self) -> None:
        with self._there.sandbox.quietly(unless=self._chance.random() < 0.7):
            self._there.sandbox.change_channel("#house", is_ext_shared=False)

    def the_connection_breaks(self) -> None:
        if self._chance.random() < 0.5:
            self._there.sandbox.drop_connections()
        else:
            self._there.sandbox.ask_to_reconnect()

    def the_token_is_revoked_and_restored(self) -> None:
        with self._there.sandbox.quietly(unless=self._chance.random() < 0.5):
            self._there.sandbox.revoke_token()
        self.somebody_answers()
        self.somebody_answers()
        self._there.sandbox.restore_token()
        self._restart()

    # What the machine does

    def the_file_is_locked(self) -> None:
        who, name = self._chance.choice(PEOPLE), self._name()
        held = threading.Event()
        holder = threading.Thread(target=self._hold_file, args=(held, self._chance.uniform(0.05, 2.6)))
        holder.start()
        held.wait(5)
        self._answer(who, name)
        holder.join()

    def _hold_file(self, held: threading.Event, seconds: float) -> None:
        with locked(self._there):
            held.set()
            time.sleep(seconds)

    def the_bot_dies(self) -> None:
        self._restart()

    def _kill(self) -> None:
        if self._bot is not None:
            self.deaths += 1
            kill_process(self._bot)

    def _restart(self) -> None:
        """Kill it and start it again, as a supervisor does; Slack is well enough for a start."""
        self._kill()
        self._parts.close()
        slack = self._there.sandbox
        slack.faults.clear()
        self.begin()


def is_promise(delivery: Delivery) -> bool:
    """Whether the person was told that what they said is kept: the form closed, or waits for a look."""
    if not delivery.acked:
        return False
    answer = delivery.response or {}
    kept = "Your input is kept" in str(answer.get("view", ""))
    return not answer.get("response_action") or kept
