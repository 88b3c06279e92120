"""Bots that are killed while they send assignments: each assignee is notified once. This test can fail."""

from pathlib import Path

from msgspec.structs import replace

from tests.depth import SEED, deep_only
from tests.reminders.handover_torture import FULL, play
from tests.reminders.trial import Trial

ONE = Trial(people=1, each=1, tickers=1, seed=1, lease=1.0, rate=1.0, deaths=1.0, longest=240)
"""One thing is handed over, and whoever tells of it dies between the message and the note of it."""

SEVERAL = 5
"""The way to hand over in which one command plans several mitigations for one person."""


def test_assignees_are_notified_once_although_bots_are_killed(tmp_path: Path) -> None:
    figures = play(ONE, tmp_path)
    assert figures.died_in_a_post > 0
    assert (figures.handed, figures.messages, figures.unsettled) == (1, 1, 0)


def test_several_mitigations_of_one_command_are_one_message_although_bots_are_killed(tmp_path: Path) -> None:
    figures = play(ONE, tmp_path, first=SEVERAL)
    assert figures.died_in_a_post > 0
    assert (figures.handed, figures.messages, figures.astray, figures.unsettled) == (1, 1, 0, 0)


@deep_only
def test_without_a_search_for_messages_of_killed_bots_assignees_are_notified_twice(tmp_path: Path) -> None:
    figures = play(replace(ONE, blind=True), tmp_path)
    assert figures.died_in_a_post > 0
    assert figures.doubled == 1


@deep_only
def test_in_full(tmp_path: Path) -> None:
    figures = play(replace(FULL, seed=SEED), tmp_path)
    assert figures.handed == 120
    assert figures.killed > 0
    assert (figures.lost, figures.doubled, figures.astray, figures.stale, figures.unsettled) == (
        0,
        0,
        0,
        0,
        0,
    )
