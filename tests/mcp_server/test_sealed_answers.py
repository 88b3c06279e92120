"""Open ballots are in no answer: neither their numbers nor their reasons, nor who has cast one."""

import json
import re
from datetime import timedelta

from bot.mcp_server.callers import CallRefused
from bot.store import CommandKey
from domain.commands import CastBallot, Command, OpenRound
from domain.dread.metrics import Metric, Numbers
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from tests.mcp_server.agents import AMINA, BENJI, CHIYO, DARIO, NOON, TEAM, Agents

THREATS = (ThreatId("TH-1"), ThreatId("TH-2"))
PEOPLE = (AMINA, BENJI, CHIYO, DARIO)
MARK = "ZEBRA"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")


def answers_with(number: int, reason: str, voters: tuple[PersonId, ...]) -> dict[str, str]:
    """Every answer about the shop while these voters have cast such ballots in an open round of four."""
    agents = Agents()
    stream = agents.store.streams(TEAM)[0].stream
    begun = agents.command_handler.model(stream)
    round_ = RoundId(f"RD-{len(begun.rounds) + 1}")
    numbers = Numbers(**{metric.value: number for metric in Metric})
    commands: list[Command] = [
        OpenRound(by=AMINA, at=NOON, threats=THREATS, voters=PEOPLE, deadline=NOON + timedelta(days=2))
    ]
    commands += [
        CastBallot(by=voter, at=NOON, round=round_, threat=threat, numbers=numbers, reason=reason)
        for voter in voters
        for threat in THREATS
    ]
    for place, command in enumerate(commands):
        agents.command_handler.execute(command, stream=stream, key=CommandKey(f"vote {place}"))
    answers: dict[str, str] = {}
    for name, call in agents.operations(agents.caller()).items():
        try:
            answers[name] = json.dumps(call())
        except CallRefused as refused:
            answers[name] = str(refused)
    return {name: _MOMENT.sub("(moment)", text) for name, text in answers.items()}


def test_whatever_is_in_open_ballots_and_whoever_cast_them_the_answers_are_the_same() -> None:
    usual = answers_with(7, f"{MARK} sealed", (BENJI, CHIYO))
    assert [name for name, text in usual.items() if MARK in text] == []
    assert '"turnout": {"cast": 2, "of": 4}' in usual["threats"]
    assert '"turnout": {"cast": 2, "of": 4}' in usual["resource"]

    for other in (answers_with(1, "", (BENJI, CHIYO)), answers_with(7, MARK, (DARIO, CHIYO))):
        assert {name for name, text in other.items() if text != usual[name]} == set()


def test_the_one_voter_who_is_awaited_is_not_told_apart() -> None:
    usual = answers_with(7, MARK, (BENJI, CHIYO, DARIO))
    assert '"turnout": {"cast": 3, "of": 4}' in usual["threats"]

    for voters in ((AMINA, CHIYO, DARIO), (AMINA, BENJI, DARIO), (AMINA, BENJI, CHIYO)):
        other = answers_with(7, MARK, voters)
        assert {name for name, text in other.items() if text != usual[name]} == set()
