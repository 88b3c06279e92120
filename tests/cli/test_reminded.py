"""What the terminal tells of reminders: those that were sent or not, and those to come."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from bot.cli.model_queries.reminder_lines import planned_reminders
from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, open_store
from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    Command,
    ProposeAcceptance,
    ReportThreat,
    StartThreatModel,
)
from domain.events import RecordedEvent
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.threat import Stride
from domain.reminder_deliveries import Deliveries, ReminderSent, ReminderSkipped, SkipReason
from domain.reminders import Occasion, Reachability, plan_reminders
from domain.replay import replay
from tests.cli.conftest import RunCli
from tests.domain.remediation_story import SPRING, TH1, plan
from tests.domain.voting_story import CONTESTED, OPENED, VOTERS
from tests.examples import ANA, BEN, CHI, at

STORY: tuple[Command, ...] = (
    ReportThreat(by=ANA, at=at(1), title="A plumber who is none", stride=(Stride.SPOOFING,)),
    BeginAnalysis(by=ANA, at=at(2), reason="a short story"),
    BeginRemediation(by=ANA, at=at(3), reason="a short story"),
    plan(),
    ProposeAcceptance(
        by=ANA, at=at(60 * 24 * 8), threat=TH1, expires=SPRING, reason="We move out", approver=BEN
    ),
)


@pytest.fixture
def run_cli_with_reminders(run_cli: RunCli, database: Path) -> RunCli:
    """A mitigation of which its owner was reminded once, and once not."""
    store = open_store(f"sqlite:///{database}")
    command_handler = CommandHandler(store)
    begin = StartThreatModel(by=ANA, at=at(0), name="The House", channel=ChannelId("C1"))
    stream = command_handler.start(begin, tenant="T1", key=CommandKey("begin")).stream
    for number, command in enumerate(STORY):
        command_handler.execute(command, stream=stream, key=CommandKey(f"{number}"))
    reminders = store.unit("T1").reminders
    first, second, *_ = plan_reminders(
        command_handler.model(stream), {}, at(10), lambda _: Reachability()
    ).coming
    for one, why in ((first, None), (second, SkipReason.NOT_DUE)):
        attempt = reminders.attempt([one], place=one.to, day=one.due.date(), now=one.due, overtaken=())
        assert attempt is not None
        at_, to, keys = one.due, one.to, attempt.keys
        if why is None:
            reminders.settle(attempt, [ReminderSent(at=at_, to=to, keys=keys, channel="D1", ts="1.1")])
        else:
            reminders.settle(
                attempt, [ReminderSkipped(at=at_, to=to, keys=keys, models=attempt.models, why=why)]
            )
    store.close()
    return run_cli


def reminders(run_cli: RunCli, *more: str, **environment: str) -> list[dict[str, Any]]:
    return json.loads(run_cli("show", "TM-1", "--json", *more, **environment).stdout)["reminders"]


def test_json_has_recipient_time_reason_and_outcome_of_each_reminder(
    run_cli_with_reminders: RunCli,
) -> None:
    first, second, *rest = reminders(run_cli_with_reminders)
    assert first["state"] == "sent"
    assert first["reason"] == "due soon"
    assert (second["state"], second["why_not"]) == ("skipped", "already done")
    assert {one["state"] for one in rest} <= {"due", "planned"}
    assert {"key", "to", "due", "reason", "state"} <= first.keys()
    waits = {(one["reason"], one["to"], one["about"]) for one in rest}
    assert {
        ("a risk acceptance has been waiting for approval for a long time", ANA, TH1),
        ("overdue", CHI, "MI-1"),
    } <= waits


def test_as_of_a_moment_lists_only_reminders_sent_before(run_cli_with_reminders: RunCli) -> None:
    first, *_ = reminders(run_cli_with_reminders)
    assert reminders(run_cli_with_reminders, "--as-of", "2026-03-02T12:00:00Z") == []
    assert [one["key"] for one in reminders(run_cli_with_reminders, "--as-of", first["due"])] == [
        first["key"]
    ]


def test_the_table_has_the_same_reminders(run_cli_with_reminders: RunCli) -> None:
    told = run_cli_with_reminders("show", "TM-1").stdout
    assert "Reminders" in told
    assert "skipped: already done" in told


def test_no_reminder_is_planned_on_a_configured_holiday(run_cli_with_reminders: RunCli) -> None:
    there = reminders(run_cli_with_reminders)
    day = max(one["due"] for one in there)[:10]
    away = reminders(run_cli_with_reminders, HOLIDAYS=day)
    assert [one["key"] for one in away if one["due"].startswith(day)] == []
    assert {one["key"] for one in away} == {one["key"] for one in there}


def no_deliveries(model: ModelKey) -> Deliveries:
    del model
    return {}


def anywhere(person: PersonId) -> Reachability:
    del person
    return Reachability()


def test_reminders_of_a_second_vote_are_not_listed_because_they_name_missing_voters() -> None:
    def voters(past: list[RecordedEvent]) -> set[PersonId]:
        lines = planned_reminders(Mock(of=no_deliveries), replay(past), at(11), anywhere)
        return {line.to for line in lines if line.occasion in (Occasion.VOTE_OWED, Occasion.VOTE_ENDS)}

    assert voters(OPENED) == set(VOTERS)
    assert voters(CONTESTED) == set()
