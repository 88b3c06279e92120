"""Whatever a command writes of a model, only its owner may read."""

import os
import re
from collections.abc import Generator
from pathlib import Path

import pytest

from bot.__main__ import cli
from bot.formats import FORMATS
from bot.report import REPORT_FORMATS
from tests.cli.conftest import RunCli

ROOT = Path(__file__).resolve().parents[2]

WRITES: dict[str, list[tuple[str, ...]]] = {
    "report": [("report", "TM-1", "-o", f"{{}}.{report_format}") for report_format in REPORT_FORMATS],
    "export": [("export", "TM-1", "-f", one, "-o", "{}") for one in FORMATS],
    "chart": [("chart", "TM-1", "scores", "-o", f"{{}}.{one}") for one in ("svg", "png")],
    "diagram": [("diagram", "TM-1", "-o", f"{{}}.{one}") for one in ("svg", "png")],
    "compliance": [("compliance", "TM-1", "-o", f"{{}}.{one}") for one in ("md", "html")],
    "backup": [("backup", "{}")],
}
ELSEWHERE = {"doctor": "it asks Slack, and what it writes names nothing of a model"}

CALLS = [words for each in WRITES.values() for words in each]


@pytest.fixture(autouse=True)
def permissive() -> Generator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_a_file_is_readable_by_its_owner_only_for_any_umask(
    house: RunCli, tmp_path: Path, words: tuple[str, ...]
) -> None:
    out = str(tmp_path / "out")
    assert house(*(word.format(out) for word in words)).exit_code == 0
    (file,) = tmp_path.glob("out*")
    assert f"{file.stat().st_mode & 0o777:o}" == "600"


@pytest.mark.parametrize("words", [words for words in CALLS if words[0] != "backup"], ids=" ".join)
def test_a_readable_file_is_restricted_to_its_owner(
    house: RunCli, tmp_path: Path, words: tuple[str, ...]
) -> None:
    out = str(tmp_path / "out")
    file = Path(words[-1].format(out))
    file.write_text("a much longer text than there is in any of them " * 99_999)
    file.chmod(0o666)
    assert house(*(word.format(out) for word in words)).exit_code == 0
    assert f"{file.stat().st_mode & 0o777:o}" == "600"
    assert b"a much longer text" not in file.read_bytes()


def test_a_device_is_written_unchanged(house: RunCli) -> None:
    before = Path("/dev/null").stat().st_mode
    assert house("export", "TM-1", "-f", "otm", "-o", "/dev/null").exit_code == 0
    assert Path("/dev/null").stat().st_mode == before


def test_every_command_that_writes_a_file_is_tried_here() -> None:
    writing = {
        name
        for name, command in cli.commands.items()
        if any(param.name == "output" for param in command.params) or name == "backup"
    }
    assert writing == {*WRITES, *ELSEWHERE}


def test_commands_write_files_in_one_way() -> None:
    direct = re.compile(r"\.write_(?:bytes|text)\(|\bopen\([^)\n]*[\"'][wax]")
    found = [
        path.relative_to(ROOT)
        for path in (ROOT / "bot" / "cli").rglob("*.py")
        if path.name != "private_file.py" and direct.search(path.read_text())
    ]
    assert found == []
