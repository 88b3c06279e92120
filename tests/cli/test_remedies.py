"""What the terminal shows of responses, mitigations and a closed model."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bot.cli.output import register_rows
from bot.cli.output.json_document import model_json
from bot.commands.command_handler import CommandHandler
from bot.slack.directory.member_directory import Directory
from bot.store import CommandKey, open_store
from bot.store.repositories.workspace_directory import Person
from domain.commands import (
    AnswerRetrospective,
    ApproveAcceptance,
    BeginAnalysis,
    BeginRemediation,
    CloseThreatModel,
    Command,
    ConfirmClosing,
    ProposeAcceptance,
    ReportThreat,
    StartThreatModel,
)
from domain.kernel.closing import RetrospectiveAnswer, RetrospectiveQuestion
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.threat import Stride
from domain.register import register
from domain.replay import replay
from tests.cli.conftest import RunCli
from tests.domain.remediation_story import DONE, FRIDAY, ISSUE, LINKED, TH1, TH2, TH3, plan, see, start
from tests.examples import ANA, BEN, CHI, at, decide_all, reasons_for_conditions

CLOSED = "2026-03-02T10:00:00Z"
"""When the story below is told; everything later is time alone."""
STORY: tuple[Command, ...] = (
    ReportThreat(by=ANA, at=at(1), title="A plumber who is none", stride=(Stride.SPOOFING,)),
    ReportThreat(by=BEN, at=at(2), title="Curtains left open", stride=(Stride.INFORMATION_DISCLOSURE,)),
    ReportThreat(by=CHI, at=at(3), title="Glue in the lock", stride=(Stride.DENIAL_OF_SERVICE,)),
    BeginAnalysis(by=ANA, at=at(4), reason="a short story"),
    BeginRemediation(by=ANA, at=at(5), reasons=reasons_for_conditions()),
    plan(),
    start(),
    ProposeAcceptance(by=BEN, at=at(21), threat=TH2, expires=date(2026, 5, 29), reason="Nothing to see"),
    ApproveAcceptance(by=CHI, at=at(22), threat=TH2),
    ProposeAcceptance(by=BEN, at=at(23), threat=TH3, expires=date(2026, 5, 29), reason="It is summer"),
    CloseThreatModel(by=ANA, at=at(29), reason="for now", reasons=reasons_for_conditions()),
    ConfirmClosing(by=BEN, at=at(30)),
    AnswerRetrospective(
        by=ANA,
        at=at(31),
        answers=(RetrospectiveAnswer(question=RetrospectiveQuestion.SURPRISE, text="The plumber"),),
    ),
)


@pytest.fixture
def run_cli_in_remediation(run_cli: RunCli, database: Path) -> RunCli:
    store = open_store(f"sqlite:///{database}")
    chi = Person(id=CHI, name="Chi", zone="Asia/Tokyo")
    Directory(store.unit("T1")).records.learn_person(chi, datetime(2026, 1, 1, tzinfo=UTC))
    command_handler = CommandHandler(store)
    begin = StartThreatModel(by=ANA, at=at(0), name="The House", channel=ChannelId("C1"))
    stream = command_handler.start(begin, tenant="T1", key=CommandKey("0")).stream
    for number, command in enumerate(STORY, start=1):
        command_handler.execute(command, stream=stream, key=CommandKey(str(number)))
    store.close()
    return run_cli


def shown(run_cli: RunCli, as_of: str) -> dict[str, Any]:
    result = run_cli("show", "TM-1", "--json", "--as-of", as_of)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def states(document: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    return [(one["id"], one["response"], one["state"]) for one in document["threats"]]


def test_json_has_the_response_to_each_threat(run_cli_in_remediation: RunCli) -> None:
    document = shown(run_cli_in_remediation, CLOSED)
    assert states(document) == [
        (TH1, "mitigate", "in_progress"),
        (TH2, "accept", "accepted"),
        (TH3, None, "proposed"),
    ]
    accepted = document["threats"][1]["decision"]
    assert (accepted["by"], accepted["approver"], accepted["expires"]) == (BEN, CHI, "2026-05-29")
    assert document["threats"][2]["proposal"]["reason"] == "It is summer"
    (mitigation,) = document["mitigations"]
    expected = {
        "id": "MI-1",
        "threat": TH1,
        "title": "Ask for a badge",
        "control": "authentication",
        "owner": CHI,
        "due": "2026-03-06",
        "state": "started",
        "overdue": False,
    }
    assert mitigation.items() >= expected.items()


def test_json_and_the_table_have_the_issue_and_what_it_asks() -> None:
    seen = register(replay(decide_all(see(DONE), after=LINKED)))
    (mitigation,) = cast("list[dict[str, Any]]", model_json(seen)["mitigations"])
    assert mitigation["owned_by"] == [CHI]
    assert mitigation["issue"] == {
        "tracker": "TR-1",
        "kind": "redmine",
        "key": "#12",
        "url": ISSUE.url,
        "typed": False,
        "state": "completed",
        "reason": "",
        "assignee": "",
        "assigned_to": None,
        "due": FRIDAY,
        "asks": "implemented",
    }
    ((*_, remarks),) = register_rows.mitigations(seen.mitigations, str)
    assert "issue #12 in Redmine, closed as completed; #12 was closed as completed in Redmine." in remarks


def test_a_due_date_ends_in_its_owners_time_zone(run_cli_in_remediation: RunCli) -> None:
    (mitigation,) = shown(run_cli_in_remediation, CLOSED)["mitigations"]
    assert mitigation["due_at"] == "2026-03-06T08:00:00Z"
    (mitigation,) = shown(run_cli_in_remediation, "2026-03-06T08:00:00Z")["mitigations"]
    assert mitigation["overdue"]


def test_as_of_respects_the_time_of_day(run_cli_in_remediation: RunCli) -> None:
    assert states(shown(run_cli_in_remediation, "2026-03-02T09:05:30Z")) == [
        (TH1, None, "open"),
        (TH2, None, "open"),
        (TH3, None, "open"),
    ]
    assert states(shown(run_cli_in_remediation, "2026-07-01T00:00:00Z"))[1] == (TH2, "accept", "expired")


def test_conditions_name_their_open_items(run_cli_in_remediation: RunCli) -> None:
    conditions = {one["id"]: one for one in shown(run_cli_in_remediation, CLOSED)["conditions"]}
    assert conditions["responses_chosen"]["text"].endswith(": TH-3"), "it is only proposed to accept it"
    assert not conditions["acceptances_approved"]["met"]
    assert conditions["acceptances_approved"]["text"].endswith(": TH-3")


def test_a_closed_model_has_its_review_date_and_retrospective(
    run_cli_in_remediation: RunCli,
) -> None:
    document = shown(run_cli_in_remediation, CLOSED)
    assert document["review_due"] == "2026-05-31T09:30:00Z"
    assert document["retrospective"] == [
        {"by": ANA, "question": "surprise", "answer": "The plumber"},
    ]


def test_tables_have_the_same_content(run_cli_in_remediation: RunCli) -> None:
    told = run_cli_in_remediation("show", "TM-1", "--as-of", CLOSED).stdout
    for words in (
        "Responses",
        "in progress",
        "Mitigations",
        "Ask for a badge",
        "Retrospective",
        "The plumber",
    ):
        assert words in told
    assert "The plumber" in told
    assert "Next review: " in told
    assert "is approved by Chi" in told
    assert "is overdue (open:" not in told
    late = run_cli_in_remediation("show", "TM-1", "--as-of", "2026-07-01T00:00:00Z").stdout
    assert " overdue " in late
    assert "expired" in late


def test_history_has_the_events(run_cli_in_remediation: RunCli) -> None:
    told = run_cli_in_remediation("history", "TM-1").stdout
    assert "planned the mitigation “Ask for a badge” (MI-1) for TH-1, owned by @Chi" in told
    assert PersonId("UBEN") in told
