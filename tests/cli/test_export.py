"""Exports from the terminal: into a file, or to the standard output."""

import json
from pathlib import Path

import pytest

from bot.formats import FORMATS
from tests.cli.conftest import RunCli


def test_the_command_line_offers_every_format(house: RunCli) -> None:
    shown = house("export", "--help").stdout
    assert f"[{'|'.join(FORMATS)}]" in "".join(shown.split())


@pytest.mark.parametrize("word", FORMATS)
def test_a_file_has_the_same_content_as_the_standard_output(house: RunCli, tmp_path: Path, word: str) -> None:
    file = tmp_path / "out"
    told = house("export", "tm-1", "--format", word, "-o", str(file))
    assert told.stdout == f"TM-1 was exported to {file}.\n"
    assert file.read_bytes() == house("export", "TM-1", "-f", word).stdout_bytes


def test_an_earlier_state_is_exported(house: RunCli) -> None:
    told = house("export", "TM-1", "-f", "events", "--as-of", "2026-03-02T09:01:00Z").stdout
    header, *lines = (json.loads(line) for line in told.splitlines())
    assert (header["key"], header["events"]) == ("TM-1", len(lines))
    assert [one["type"] for one in lines] == ["ThreatModelStarted"]


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("TM-1",), "Missing option '-f' / '--format'. Choose from:"),
        (("TM-1", "-f", "visio"), "'visio' is not one of 'otm', 'threat-dragon'"),
        (("TM-1", "-f", "otm", "-o", "/nowhere/x"), "/nowhere/x cannot be written"),
        (("TM-1", "-f", "otm", "--anchor", "README.md"), "--anchor: this option requires --format sarif."),
        (("TM-1", "-f", "sarif", "--anchor", "/etc/passwd"), "Enter one relative to the repository's root,"),
        (("TM-1", "-f", "sarif", "--anchor", "docs/../../x"), "Enter one relative to the repository's root,"),
        (
            ("TM-1", "-f", "sarif", "--anchor", "https://example.org/x"),
            "Enter one relative to the repository's root,",
        ),
        (("TM-1", "-f", "sarif", "--anchor", ""), "Enter one relative to the repository's root,"),
    ],
)
def test_a_failure_is_reported_with_its_fix(house: RunCli, words: tuple[str, ...], mend: str) -> None:
    told = house("export", *words)
    assert told.exit_code == 2
    assert mend in told.stderr


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("README.md", "README.md"),
        ("./docs/threat model.md", "docs/threat%20model.md"),
        ("docs\\THREATMODEL.md", "docs/THREATMODEL.md"),
        ("Bedrohungen/Übersicht#1.md", "Bedrohungen/%C3%9Cbersicht%231.md"),
    ],
)
def test_findings_are_attached_to_the_named_file(house: RunCli, path: str, uri: str) -> None:
    (run,) = json.loads(house("export", "TM-1", "-f", "sarif", "--anchor", path).stdout)["runs"]
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    assert places
    assert set(places) == {uri}
