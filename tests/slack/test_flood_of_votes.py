"""Many people vote at the same time on ten threats: nobody waits, every ballot counts, the card is true.

The bot is in a process of its own, as Slack and people are elsewhere. In the deep run fifty people vote
within two seconds, and how long the acks take is limited, too.
"""

import random
import re
import statistics
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.sandbox.api import Delivery
from domain.commands import OpenRound
from domain.dread.metrics import Metric, Numbers
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from tests.cases.processes import bot_database, manifest_for, serve_process
from tests.cases.processes import start_model as start
from tests.depth import DEEP, count, deep_only
from tests.slack.busy_channels import join_new_person, message_writes, recorded_calls
from tests.slack.slack_team import SlackTeam, Transport
from tests.slack.voting_steps import fill_ballot_page, open_ballot, person_id, report_threats
from tests.waiting import patient_sandbox

PEOPLE, SECONDS = count(6, deep=50), count(1, deep=2)
THREATS = 10
IN_A_ROUND = 6


@deep_only
@pytest.mark.parametrize("transport", ["socket", "http"])
def test_a_flood_of_ballots(tmp_path: Path, transport: Transport) -> None:
    with in_its_own_process(tmp_path / "threatmodel.db", transport) as team:
        report_threats(team, *(f"Threat number {number}" for number in range(1, THREATS + 1)))
        crowd = Crowd(team, seed=random.randrange(1_000_000))
        print("seed", crowd.seed)
        team.card(f"0 of {PEOPLE + 1} voted")
        with recorded_calls(team.sandbox) as calls:
            took = crowd.vote()
            team.wait(lambda: turnouts(team.card().plain) == [PEOPLE, PEOPLE])
            card = team.card("Waiting for Ana")
            time.sleep(1.5)  # in which another update would come, if one did
        acks = sorted(delivery.ack_ms for delivery in crowd.deliveries)
        print(f"{transport}: {PEOPLE} people began within {SECONDS} s, {len(acks)} pages in {took:.1f} s")
        print(f"ack: half within {statistics.median(acks):.0f} ms, all within {acks[-1]:.0f} ms")
        assert crowd.faults == []
        assert all(delivery.acked for delivery in crowd.deliveries)
        assert not DEEP or acks[-1] < 3_000
        assert team.model().ballots.keys() == crowd.ballots.keys(), "every ballot is there"
        assert {key: one.numbers for key, one in team.model().ballots.items()} == crowd.ballots
        updates = message_writes(calls, team.sandbox.workspace.channel("#house").id)
        lasted = updates[-1].at - updates[0].at
        print(f"{len(updates)} writes in the channel in {lasted:.1f} s")
        assert len(updates) - 1 <= (lasted + 2) / 0.95, "one in a second on average"
        shown = [str(update.request["blocks"]) for update in updates if update.request.get("ts") == card.ts]
        assert set(turnouts(shown[-1])) == {PEOPLE}, "the last update shows the truth of both rounds"
        assert shown.count(shown[-1]) == 1


@contextmanager
def in_its_own_process(database: Path, transport: Transport) -> Generator[SlackTeam]:
    """A bot as an operator runs it, with a model."""
    with (
        patient_sandbox(manifest=manifest_for(transport), delivery=transport) as slack,
        serve_process(slack, database, transport),
        bot_database(slack, database) as team,
    ):
        start(team)
        yield team


class Crowd:
    """People invited to two rounds, who each vote on everything, beginning at a moment of their own."""

    def __init__(self, team: SlackTeam, seed: int) -> None:
        self.seed = seed
        self.deliveries: list[Delivery] = []
        self.faults: list[Exception] = []
        self._there = team
        chance = random.Random(seed)
        people = [join_new_person(team, number) for number in range(PEOPLE)]
        threats = [ThreatId(f"TH-{number}") for number in range(1, THREATS + 1)]
        rounds = [self._opened(threats[:IN_A_ROUND], people), self._opened(threats[IN_A_ROUND:], people)]
        self.ballots = {
            (rounds[number // IN_A_ROUND], threat, person_id(team, who)): numbers(chance)
            for who in people
            for number, threat in enumerate(threats)
        }
        for who in people:
            open_ballot(team, who)
        self._threads = [
            threading.Thread(target=self._vote, args=(who, chance.uniform(0, SECONDS))) for who in people
        ]

    def vote(self) -> float:
        """Let everybody vote, and wait until they have; gives how many seconds that took."""
        began = time.monotonic()
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive()
        return time.monotonic() - began

    def _opened(self, threats: list[ThreatId], people: list[str]) -> RoundId:
        team = self._there
        voters = tuple(person_id(team, who) for who in ("ana", *people))
        command = OpenRound(by=person_id(team, "ana"), at=team.now(), threats=tuple(threats), voters=voters)
        done = team.command_handler.execute(command, stream=team.streams[0], key=team.key())
        return done.model.open_rounds()[-1].id

    def _vote(self, who: str, moment: float) -> None:
        try:
            time.sleep(moment)
            mine = {key: one for key, one in self.ballots.items() if key[2] == person_id(self._there, who)}
            for (_, threat, _), given in mine.items():
                form = self._there.person(who).modal
                assert form is not None
                assert f"· {threat}\n" in form.plain
                fill_ballot_page(self._there, who, [given.of(metric) or "?" for metric in Metric])
                self.deliveries.append(self._there.submit(who))
            assert "Your ballots are saved" in self._there.modal(who, "My ballots").plain
        except Exception as fault:  # noqa: BLE001  (looked at by the test)
            self.faults.append(fault)


def turnouts(text: str) -> list[int]:
    """How many have voted in each round, as a text says it."""
    return [int(one) for one in re.findall(r"(\d+) of \d+ voted", text)]


def numbers(chance: random.Random) -> Numbers:
    return Numbers(**{metric.value: chance.choice([None, *range(1, 11)]) for metric in Metric})
