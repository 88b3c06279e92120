"""Tickers that are killed while they send: each reminder arrives once. This test can fail."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.depth import SEED, deep_only
from tests.emptied_database import empty_database
from tests.reminders.torture import play
from tests.reminders.trial import FULL, Trial

SMALL = Trial(
    people=4,
    each=2,
    tickers=2,
    seed=7,
    lease=1.5,
    rate=60,
    answers_lost=0.1,
    dropped=0.1,
    deaths=0.3,
    longest=240,
)
ONE = Trial(people=1, each=1, tickers=1, seed=1, lease=1.0, rate=60, deaths=1.0, longest=240)
"""One reminder, and its sender dies between the message and the note of it."""


def test_killed_tickers_lose_and_duplicate_nothing(tmp_path: Path) -> None:
    figures = play(SMALL, tmp_path)
    assert figures.reminders == 8
    assert figures.died_in_a_post > 0
    assert (figures.lost, figures.doubled, figures.out_of_order, figures.unsettled) == (0, 0, 0, 0)


def test_killed_tickers_on_a_server_lose_and_duplicate_nothing(tmp_path: Path) -> None:
    figures = play(SMALL, tmp_path, url=empty_database())
    assert figures.reminders == 8
    assert figures.died_in_a_post > 0
    assert (figures.lost, figures.doubled, figures.out_of_order, figures.unsettled) == (0, 0, 0, 0)


@deep_only
def test_without_a_search_for_messages_of_killed_tickers_reminders_are_sent_twice(tmp_path: Path) -> None:
    figures = play(replace(ONE, blind=True), tmp_path)
    assert figures.died_in_a_post > 0
    assert figures.doubled >= 1


@deep_only
@pytest.mark.parametrize("database", ["a file", "a server"])
def test_in_full(tmp_path: Path, database: str) -> None:
    url = empty_database() if database == "a server" else ""
    figures = play(replace(FULL, seed=SEED), tmp_path, url=url)
    assert figures.reminders == 300
    assert figures.killed > 0
    assert (figures.lost, figures.doubled, figures.out_of_order, figures.unsettled) == (0, 0, 0, 0)
