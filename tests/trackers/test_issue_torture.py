"""Processes that die in the moment in which an issue was created: each mitigation has one in the end."""

from pathlib import Path

from msgspec.structs import replace

from tests.depth import SEED, deep_only
from tests.trackers.issue_torture import FULL, Trial, play

FEW = Trial(mitigations=3, kills=2, closed=0.9, rate=600.0)


def test_no_issue_is_created_twice_although_processes_are_killed_after_the_call(tmp_path: Path) -> None:
    figures = play(FEW, tmp_path)
    assert figures.killed_after_create == FEW.kills
    assert figures.faults == []
    assert figures.created == FEW.mitigations


@deep_only
def test_a_client_that_records_an_attempt_only_with_its_answer_creates_issues_twice(tmp_path: Path) -> None:
    # Without people who close issues, and among them the second ones.
    figures = play(replace(FEW, blind=True, closed=0.0), tmp_path)
    assert "an issue was created twice and stays" in figures.faults


@deep_only
def test_in_full(tmp_path: Path) -> None:
    figures = play(replace(FULL, seed=SEED), tmp_path)
    assert figures.killed_after_create == FULL.kills
    assert figures.faults == []
