"""Everybody answers at once while Slack has a bad day: nobody waits, nothing is lost, the card is true.

In the deep run two hundred people answer within ten seconds, and how long the acks take is limited, too.
"""

import random
import statistics
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from bot.delivery.work_kinds import Waits
from bot.sandbox.api import Delivery
from bot.slack.slots.work_scheduler import Pace
from tests.depth import DEEP, count
from tests.slack.busy_channels import join_new_person, message_writes, recorded_calls
from tests.slack.slack_team import SlackTeam, Transport, run_bot

PEOPLE, SECONDS = count(30, deep=200), count(1, deep=10)

LATENCY = 0.5
"""Seconds that each call to Slack takes longer."""

REFUSED = 0.05
"""The share of calls that Slack refuses as too many, to be tried again after a second."""

PACE = Pace(summary=Waits(quiet=1.0, longest=4.0))
"""That of every day, with summaries that do not keep the test waiting."""


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_a_flood_of_answers(tmp_path: Path, transport: Transport) -> None:
    with run_bot(tmp_path / "threatmodel.db", transport=transport, pace=PACE) as team:
        team.start()
        team.card("TM-1")
        crowd = Crowd(team, seed=random.randrange(1_000_000))
        print("seed", crowd.seed)
        team.read_channel()
        team.sandbox.faults.latency = LATENCY
        team.sandbox.faults.share("ratelimited", of=REFUSED, seed=crowd.seed)
        with recorded_calls(team.sandbox) as calls:
            crowd.answer()
            assert crowd.faults == []
            team.card(f"Assets  {PEOPLE}")
            team.wait(lambda: any(f"and {PEOPLE - 24} more" in summary for summary in summaries(team)))
        acks = sorted(delivery.ack_ms for delivery in crowd.deliveries)
        middle, slow = statistics.median(acks), statistics.quantiles(acks, n=100)[98]
        print(f"{transport}: {PEOPLE} people in {SECONDS} s, {len(acks)} requests, {crowd.again} once more")
        print(f"ack: half within {middle:.0f} ms, 99 % within {slow:.0f} ms, all within {acks[-1]:.0f} ms")
        assert all(delivery.acked for delivery in crowd.deliveries)
        assert not DEEP or acks[-1] < 3_000
        assert Counter(element.name for element in team.model().elements.values()) == Counter(crowd.names), (
            "every answer is there, and once"
        )
        assert len(team.cards()) == 1
        updates = message_writes(calls, team.sandbox.workspace.channel("#house").id)
        lasted = updates[-1].at - updates[0].at
        print(f"{len(updates)} writes in the channel in {lasted:.1f} s")
        assert len(updates) - 1 <= (lasted + 2) / 0.95, "one in a second on average"


class Crowd:
    """People who each open a form and hand it in, once, at a moment of their own."""

    def __init__(self, team: SlackTeam, seed: int) -> None:
        self.seed = seed
        self.deliveries: list[Delivery] = []
        self.faults: list[Exception] = []
        self.again = 0
        self._there = team
        chance = random.Random(seed)
        self._people = [join_new_person(team, number) for number in range(PEOPLE)]
        self.names = [f"Asset of {who}" for who in self._people]
        self._threads = [
            threading.Thread(target=self._answer, args=(who, chance.uniform(0, SECONDS)))
            for who in self._people
        ]

    def answer(self) -> None:
        """Let everybody answer, and wait until they have."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _answer(self, who: str, moment: float) -> None:
        try:
            time.sleep(moment)
            person = self._there.person(who)
            while person.modal is None:
                self.deliveries.append(person.command("#house", "/threatmodel add asset"))
                ends = time.monotonic() + 5
                while person.modal is None and time.monotonic() < ends:
                    time.sleep(0.05)
                self.again += person.modal is None
            person.fill("Name", f"Asset of {who}")
            handed_in = person.submit()
            assert handed_in is not None
            self.deliveries.append(handed_in)
            assert handed_in.response is None, handed_in.response
        except Exception as fault:  # noqa: BLE001  (looked at by the test)
            self.faults.append(fault)


def summaries(team: SlackTeam) -> list[str]:
    """What stands in the thread of the card."""
    return [one.plain for one in team.person("ben").thread("#house", team.cards()[0].ts)[1:]]
