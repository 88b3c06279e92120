"""A person is erased by another process while the bot runs: what stands in Slack follows."""

import re
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.commands.person_erasure import PersonEraser
from bot.delivery.work_kinds import Waits
from bot.sandbox.api import TEAM_ID
from bot.store.repositories.workspace_directory import FORMER_PARTICIPANT
from domain.commands import BeginAnalysis, BeginRemediation, NameElements, PlanMitigation, ReportThreat
from domain.kernel.elements import PersonId
from domain.kernel.threat import ControlClass, Stride, ThreatId
from tests.depth import deep_only
from tests.examples import reasons_for_conditions
from tests.running_database import open_running
from tests.slack.slack_team import QUICK, SlackTeam, run_bot

WORDS = ("Grandmother's ring", "The House", "Ana")
"""Texts that Ana entered, and her name."""


@pytest.fixture
def team(tmp_path: Path) -> Generator[SlackTeam]:
    """A model that Ana started and described, on which Ben built."""
    pace = replace(QUICK, summary=Waits(quiet=0.1, longest=0.5))
    with run_bot(tmp_path / "threatmodel.db", pace=pace) as team:
        team.start("ana")
        team.card("TM-1")
        ana, ben = (PersonId(team.person(who).id) for who in ("ana", "ben"))
        stream, now = team.streams[0], team.now()
        for command in (
            NameElements(by=ana, at=now, assets=("Grandmother's ring",)),
            NameElements(by=ben, at=now, assets=("Papers",)),
            ReportThreat(by=ana, at=now, title="Grandmother's ring is lost", stride=(Stride.SPOOFING,)),
            BeginAnalysis(by=ana, at=now, reason="Enough", reasons=reasons_for_conditions()),
            BeginRemediation(by=ana, at=now, reason="Enough", reasons=reasons_for_conditions()),
            PlanMitigation(
                by=ben,
                at=now,
                threat=ThreatId("TH-1"),
                title="A safe",
                control=next(iter(ControlClass)),
                owner=ana,
                due=now.date() + timedelta(days=30),
            ),
        ):
            team.command_handler.execute(command, stream=stream, key=team.key())
        team.person("ben").open_home()
        yield team


def shown(team: SlackTeam) -> str:
    """Everything that Ben sees of the bot: the card, its thread, his Home tab and his direct messages."""
    ben = team.person("ben")
    card = next(message for message in reversed(team.cards()) if message.message.thread is None)
    home = ben.home()
    every = [*team.cards(), *ben.thread("#house", card.ts), *ben.direct_messages()]
    return "\n".join([*(one.plain for one in every), home.plain if home else ""])


def said_words(team: SlackTeam) -> list[str]:
    """The words of Ana's that stand somewhere."""
    seen = shown(team)
    return [word for word in WORDS if re.search(rf"\b{word}\b", seen)]


def test_messages_are_updated_and_show_neither_the_name_nor_the_words(
    team: SlackTeam, tmp_path: Path
) -> None:
    team.wait(lambda: said_words(team) == [*WORDS] and "Papers" in shown(team))
    before = [message.ts for message in team.cards()]
    other = open_running(tmp_path / "threatmodel.db")  # as another process does
    done = PersonEraser(other, TEAM_ID, PersonId(team.person("ana").id), now=team.now()).erase()
    other.close()

    assert done.models == 1
    team.wait(lambda: said_words(team) == [])
    assert "Threat model TM-1" in shown(team)
    assert "Papers" in shown(team), "what Ben entered is still there"
    assert [message.ts for message in team.cards()] == before, "messages are updated, not posted again"
    assert FORMER_PARTICIPANT in shown(team)


@deep_only
def test_slack_s_reports_about_the_account_bring_no_name_back(team: SlackTeam) -> None:
    ana = PersonId(team.person("ana").id)
    PersonEraser(team.store, TEAM_ID, ana, now=team.now()).erase()
    team.wait(lambda: said_words(team) == [])
    team.read_channel()
    team.settle()

    known = team.unit.directory.person(ana)
    assert known is not None
    assert known.name == FORMER_PARTICIPANT
    assert said_words(team) == []


def test_the_account_is_refused_afterwards(team: SlackTeam) -> None:
    ana = PersonId(team.person("ana").id)
    PersonEraser(team.store, TEAM_ID, ana, now=team.now()).erase()
    version = team.model().version
    team.command("ana", "/threatmodel assets")

    assert "deactivated" in team.private_message("ana", "can no longer answer")
    assert team.model().version == version
