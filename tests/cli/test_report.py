"""Reports from the terminal: into a file, or to the standard output."""

from pathlib import Path

import pytest

from bot.report import REPORT_FORMATS, PdfNotInstalled
from tests.cli.conftest import RunCli


def test_the_command_line_offers_every_report_format(house: RunCli) -> None:
    assert f"[{'|'.join(REPORT_FORMATS)}]" in "".join(house("report", "--help").stdout.split())


def test_without_a_file_it_is_markdown_on_the_standard_output(house: RunCli, tmp_path: Path) -> None:
    told = house("report", "tm-1", "--zone", "UTC").stdout
    assert told.startswith("# The House\n")
    file = tmp_path / "house.md"
    said = house("report", "TM-1", "--zone", "UTC", "-o", str(file))
    assert said.stdout == f"The report was written to {file}.\n"
    assert file.read_text("utf-8") == told


@pytest.mark.parametrize(("name", "words"), [("house.HTML", ()), ("house", ("--format", "html"))])
def test_the_file_extension_or_an_option_selects_the_format(
    house: RunCli, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    file = tmp_path / name
    assert house("report", "TM-1", "-o", str(file), *words).exit_code == 0
    assert file.read_bytes().startswith(b"<!DOCTYPE html>")


def test_the_appendix_is_written_if_it_is_asked_for(house: RunCli) -> None:
    short, full = house("report", "TM-1").stdout, house("report", "TM-1", "--full").stdout
    assert "Appendix: Registers" not in short
    assert "Appendix: Registers" in full
    assert "Gaps" in short


def test_a_report_shows_an_earlier_state(house: RunCli) -> None:
    then = house("report", "TM-1", "--full", "--as-of", "2026-03-02T09:10:00Z", "--zone", "UTC").stdout
    assert "> **State of 2 March 2026, evaluated with the current rules.**" in then
    assert "closed the round" not in then
    now = house("report", "TM-1", "--full", "--as-of", "2026-04-02", "--zone", "UTC").stdout
    assert "State of 2" not in now
    assert "closed the round" in now


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("TM-1", "-o", "house.doc"), "house.doc does not end in .md, .html, .pdf. Choose such a file,"),
        (("TM-1", "-f", "docx"), "'docx' is not one of 'md', 'html', 'pdf'"),
    ],
)
def test_a_failure_is_reported_with_its_fix(house: RunCli, words: tuple[str, ...], mend: str) -> None:
    told = house("report", *words)
    assert told.exit_code == 2
    assert mend in told.stderr


def test_without_the_pdf_package_the_error_names_it(
    house: RunCli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing(_name: str) -> None:
        raise ModuleNotFoundError

    monkeypatch.setattr("bot.report.pdf_renderer.import_module", missing)
    told = house("report", "TM-1", "-o", str(tmp_path / "house.pdf"))
    assert told.exit_code == 2
    assert told.stderr == f"threatmodel: --format pdf: {PdfNotInstalled()}\n"
