"""Files that were handed in are read, also if the process ended that was to read them."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.slack.handlers.draft_acceptance.kept_readings import OVERDUE
from bot.slack.handlers.follow_ups import FollowUps
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.test_drafts import SMALL, drafted, started
from tests.waiting import patient_sandbox

FIELD = "Have a compose file, a Kubernetes manifest or an OpenAPI description?"


def _end(*_: object) -> None:
    """Stand for a process that ends here."""


def waiting(team: SlackTeam) -> int:
    return len(team.store.unit(TEAM_ID).pending.all())


def told(team: SlackTeam, who: str = "ben") -> list[str]:
    return [one.plain for one in team.person(who).direct_messages() if "compose.yaml" in one.plain]


def start_with_a_file(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ben", "/threatmodel start")
    team.modal("ben", "New threat model")
    team.person("ben").fill("Name", "Shop")
    team.person("ben").attach(FIELD, ("compose.yaml", SMALL))
    team.person("ben").submit()
    team.wait(lambda: team.streams)


@pytest.fixture
def workspace() -> Generator[Sandbox]:
    with patient_sandbox(manifest=build_manifest("socket")) as running:
        yield running


@pytest.fixture
def left(tmp_path: Path, workspace: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of a process that ended after a form with a file was acknowledged."""
    file = tmp_path / "threatmodel.db"
    with monkeypatch.context() as patch:
        patch.setattr(FollowUps, "_read_draft", _end)
        with run_bot(file, sandbox=workspace) as team:
            start_with_a_file(team)
            assert waiting(team) == 1
    return file


def test_the_next_process_reads_them_and_tells_the_person_once(left: Path, workspace: Sandbox) -> None:
    with run_bot(left, sandbox=workspace, clock=lambda: datetime.now(UTC) + OVERDUE) as team:
        team.wait(lambda: told(team))
        team.wait(lambda: not waiting(team))
        assert len(team.store.unit(TEAM_ID).drafts.of_home("TM-1")) == 1
    with run_bot(left, sandbox=workspace, clock=lambda: datetime.now(UTC) + 2 * OVERDUE) as team:
        team.card("TM-1")
        assert len(told(team)) == 1


def test_another_process_does_not_read_them_while_the_first_may_do_so(left: Path, workspace: Sandbox) -> None:
    with run_bot(left, sandbox=workspace) as team:
        team.card("TM-1")
        assert waiting(team) == 1
        assert told(team) == []


def test_nothing_waits_any_longer_once_a_draft_was_shown(team: SlackTeam) -> None:
    started(team)
    drafted(team, ("compose.yaml", SMALL))
    team.wait(lambda: not waiting(team))
