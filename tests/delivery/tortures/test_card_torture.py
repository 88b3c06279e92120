"""Bots that die while they post cards and messages of threads: each model has one card in the end."""

from pathlib import Path

from msgspec.structs import replace

from tests.delivery.tortures.card_torture import FULL, play
from tests.depth import SEED, deep_only
from tests.reminders.trial import Trial

ONE = Trial(people=1, each=3, tickers=1, seed=1, lease=1.0, rate=1.0, deaths=1.0, longest=240)
"""One model; the bot dies at every message, before it has an answer."""


@deep_only
def test_a_card_whose_post_was_not_recorded_deletes_itself_once_it_is_pressed(tmp_path: Path) -> None:
    figures = play(ONE, tmp_path)
    assert figures.died_in_a_post > 0
    assert figures.orphans > 0
    assert figures.faults == []


@deep_only
def test_an_orphan_that_is_not_recognized_stays(tmp_path: Path) -> None:
    figures = play(replace(ONE, blind=True), tmp_path)
    assert figures.orphans_left > 0
    assert "an orphan stays" in figures.faults


@deep_only
def test_in_full(tmp_path: Path) -> None:
    figures = play(replace(FULL, seed=SEED), tmp_path)
    assert figures.killed > 0
    assert figures.faults == []
