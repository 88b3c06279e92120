"""The charts from the terminal: into a file, or in words where there is none."""

from pathlib import Path

import pytest

from bot.picture import charts
from tests.cli.conftest import RunCli


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("scores", "1. TH-6 Anyone who opens the garage can enter the house: critical, mean 8.6."),
        ("coverage", "cells on trust crossings are undecided."),
        ("open-threats", "On 1 May 2026 6 were open: 1 critical, 3 high, 2 medium."),
    ],
)
def test_each_chart_is_drawn_or_described(house: RunCli, tmp_path: Path, what: str, words: str) -> None:
    assert words in house("chart", "TM-1", what, "--as-of", "2026-05-01", "--zone", "Europe/Berlin").stdout
    file = tmp_path / f"{what}.svg"
    assert house("chart", "TM-1", what, "-o", str(file)).stdout == f"The chart was written to {file}.\n"
    assert file.read_text().startswith("<svg ")


def test_each_page_of_a_large_grid_is_a_file(
    house: RunCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "ROWS", 5)
    file, second = tmp_path / "grid.png", tmp_path / "grid-2.png"
    assert house("chart", "TM-1", "coverage", "-o", str(file)).stdout.startswith(
        f"The chart was written to {file}, {second}"
    )
    assert second.read_bytes().startswith(b"\x89PNG")


def test_an_unknown_time_zone_is_refused(house: RunCli) -> None:
    for words in (("chart", "TM-1", "open-threats"), ("diagram", "TM-1"), ("history", "TM-1")):
        told = house(*words, "--zone", "Mars/Olympus")
        assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
        assert "as Europe/Berlin." in told.stderr
