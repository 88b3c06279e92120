"""The script of the gate: what it runs, what it says about that, and how a part of it is run again."""

import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module."""
    loader = SourceFileLoader("check", str(ROOT / "tests" / "check"))
    spec = spec_from_loader("check", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module.environment, "VENV", Path(sys.prefix))
    return module


def test_the_deep_run_has_every_test_in_one_piece(check: ModuleType) -> None:
    once = [command for name, command in check.deep_pieces().items() if name != check.ON_A_SERVER]
    asked = [path for command in once for path in command if path.startswith("tests/")]
    for path in (ROOT / "tests").rglob("test_*.py"):
        name = str(path.relative_to(ROOT))
        pieces = [one for one in asked if name == one or name.startswith(f"{one}/")]
        assert len(pieces) == 1, (name, pieces)


def test_the_deep_run_ends_with_coverage_and_mutation_run(check: ModuleType) -> None:
    assert list(check.deep_pieces())[-2:] == ["coverage", "mutation"]


def test_a_piece_that_does_not_exist_is_named_with_those_that_do(
    check: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main(["deep", "slak"]) == 2
    said = capsys.readouterr().err
    assert "no piece of the deep run is called slak" in said
    assert "slack, " in said


def test_each_piece_of_the_deep_run_is_announced_and_a_failed_one_can_be_run_again(
    check: ModuleType, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THREATMODEL_DEEP", "7")
    deep = "import os; raise SystemExit(os.environ['THREATMODEL_DEEP'] != '7')"
    pieces = {"good": ["python", "-c", deep], "bad": ["python", "-c", "raise SystemExit(1)"]}
    pieces["last"] = ["python", "-c", "print('still run')"]
    assert check.run_pieces(pieces) == 1
    said = capfd.readouterr().out
    assert "piece 2 of 3" in said
    assert "good: passed after" in said
    assert "bad: FAILED after" in said
    assert "still run" in said
    assert "again: THREATMODEL_DEEP=7 tests/check deep bad\n" in said


def test_a_stage_beside_the_others_shows_what_it_found_and_makes_the_gate_red(
    check: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    stages = {"types": ["python", "-c", "print('found'); raise SystemExit(1)"], "tests": ["python", "-c", ""]}
    assert check.run_gate(stages) == 1
    said = capfd.readouterr().out
    assert "found" in said
    assert "The gate is red: types" in said
