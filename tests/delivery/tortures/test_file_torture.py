"""Bots that die while they post files: each file is shown once, and that this test can fail."""

from pathlib import Path

from msgspec.structs import replace

from tests.delivery.tortures.file_torture import FULL, play
from tests.depth import SEED, deep_only
from tests.reminders.trial import Trial

ONE = Trial(people=1, each=2, tickers=1, seed=1, lease=1.0, rate=60.0, deaths=1.0, longest=240)
"""Two files of one model; the bot dies at every file, before it has an answer."""


def test_a_file_whose_upload_was_not_answered_is_found_and_not_posted_again(tmp_path: Path) -> None:
    figures = play(ONE, tmp_path)
    assert figures.died_in_a_post > 0
    assert (figures.files, figures.lost) == (2, 0)
    assert figures.faults == []


@deep_only
def test_without_a_record_of_the_attempt_it_is_posted_again(tmp_path: Path) -> None:
    figures = play(replace(ONE, blind=True), tmp_path)
    assert figures.died_in_a_post > 0
    assert "a file is doubled" in figures.faults


@deep_only
def test_in_full(tmp_path: Path) -> None:
    figures = play(replace(FULL, seed=SEED), tmp_path)
    assert figures.killed > 0
    assert figures.faults == []
