"""Files that were handed in are read, also if the process ended that was to read them."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from bot.sandbox.api import TEAM_ID, Sandbox
from bot.slack.handlers.draft_reader import (
    OVERDUE,
    READING,
    KeptReading,
    keep_readings,
    settle_reading,
)
from bot.slack.handlers.follow_ups import FollowUps
from bot.slack.handlers.handler_responses import FollowUp, HandlerResponse, ReadDraft
from bot.slack.handlers.pending_request_checks import PendingRequestChecks
from bot.slack.protocol.targets import DraftTarget
from bot.slack.queries.services import Services
from bot.store.repositories.pending_requests import PendingRequest, PendingRequests
from domain.kernel.elements import ChannelId, PersonId
from tests.fresh_database import fresh_store
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.test_drafts import SMALL, drafted, started

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
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


def test_of_two_processes_one_reads_them_and_after_its_end_the_other_one() -> None:
    unit, now = fresh_store().unit(TEAM_ID), [NOON]
    reading = KeptReading(stream="T1/TM-1", element="F1", selection="", note="")
    kept = PendingRequest(
        key=f"{READING}/1/0",
        channel=ChannelId("C1"),
        person=PersonId("U2"),
        kind=READING,
        body=msgspec.to_builtins(reading),
        at=NOON,
    )
    unit.pending.save(kept)
    read: list[FollowUp] = []
    seen = unit.pending.all()
    waiting = cast("PendingRequests", SimpleNamespace(all=lambda: seen, claim=unit.pending.claim))
    services = cast("Services", SimpleNamespace(now=lambda: now[0]))
    unused = cast("Any", None)
    processes = [PendingRequestChecks(waiting, unused, unused, services) for _ in range(2)]

    def check() -> int:
        seen[:] = unit.pending.all()  # both processes read the requests before either of them claims one
        before = len(read)
        for process in processes:
            process.check_all(read.append)
        return len(read) - before

    counts: list[int] = []
    for passed in (0.5, 1.0, 1.25, 1.9, 2.0, 3.0):
        now[0] = NOON + passed * OVERDUE
        counts.append(check())
    assert counts == [0, 1, 0, 0, 1, 1]
    settle_reading(unit.pending, kept.key)
    now[0] += OVERDUE
    assert check() == 0


def test_a_request_that_arrives_twice_has_its_files_read_once() -> None:
    pending = fresh_store().unit(TEAM_ID).pending

    def stream_of(_: object) -> str:
        return "T1/TM-1"

    def model_of(_: object) -> SimpleNamespace:
        return SimpleNamespace(channel=ChannelId("C1"))

    handler = SimpleNamespace(model=model_of)
    services = cast("Services", SimpleNamespace(now=lambda: NOON, stream=stream_of, command_handler=handler))
    target = DraftTarget(name="draft", stream="TM-1", element="F1")
    answer = HandlerResponse(after=(ReadDraft(person=PersonId("U2"), target=target),))
    kept = [keep_readings(services, pending, answer, key="view:V1").after for _ in range(2)]
    assert [len(one) for one in kept] == [1, 0]
    settle_reading(pending, f"{READING}/view:V1/0")
    assert pending.all() == []


def test_nothing_waits_any_longer_once_a_draft_was_shown(team: SlackTeam) -> None:
    started(team)
    drafted(team, ("compose.yaml", SMALL))
    team.wait(lambda: not waiting(team))
