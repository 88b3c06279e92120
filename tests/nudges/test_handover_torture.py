"""Bots that die while they tell what was handed over: everybody is told once, and that this test can fail."""

from pathlib import Path

from msgspec.structs import replace

from tests.depth import SEED, deep_only
from tests.nudges.handover_torture import FULL, play
from tests.nudges.trial import Trial

ONE = Trial(people=1, each=1, tickers=1, seed=1, lease=1.0, rate=1.0, deaths=1.0, longest=240)
"""One thing is handed over, and whoever tells of it dies between the message and the note of it."""


def test_who_was_handed_something_is_told_once_though_the_bots_die(tmp_path: Path) -> None:
    figures = play(ONE, tmp_path)
    assert figures.died_in_a_post > 0
    assert (figures.handed, figures.messages, figures.unsettled) == (1, 1, 0)


def test_without_a_look_for_what_a_dead_bot_sent_they_are_told_twice(tmp_path: Path) -> None:
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
