"""Imports from the terminal: shown first, stored as a whole, and only once."""

import json
from pathlib import Path

import pytest

from bot.cli.operations.import_operation import ImportLimits, plan_import, store_import
from bot.store import StreamId, open_store
from bot.wiring import mark_as_announced
from domain.decide.size_limits import SizeLimits, TooManyModels
from tests.cli.conftest import RunCli

WHO = ("--channel", "CNEW", "--by", "UNEW")


@pytest.fixture
def written(house: RunCli, tmp_path: Path) -> Path:
    """The House as an Open Threat Model file."""
    file = tmp_path / "house.otm.json"
    assert house("export", "TM-1", "-f", "otm", "-o", str(file)).exit_code == 0
    return file


def test_a_file_is_previewed_and_then_stored_for_its_importer(house: RunCli, written: Path) -> None:
    told = house("import", str(written), *WHO, "--yes").stdout
    assert "Open Threat Model 0.2: “The House”" in told
    assert " events by UNEW.\n" in told
    assert "5 data flows, 5 components, 1 trust boundary" in told
    assert "  - score of a threat: it must be voted on again (6 times)" in told
    assert "TM-2 was created. To view it: threatmodel show TM-2 --workspace TDEMO" in told
    seen = json.loads(house("show", "TM-2", "--json").stdout)
    assert (seen["name"], len(seen["threats"]), seen["threats"][0]["score"]) == ("The House", 6, None)
    history = json.loads(house("history", "TM-2", "--json").stdout)
    assert {one["by"] for one in history} == {"UNEW"}
    assert house("verify").exit_code == 0


def test_nothing_is_stored_without_a_confirmation(house: RunCli, written: Path) -> None:
    told = house("import", str(written), *WHO)  # nobody answers
    assert told.exit_code == 1
    assert "Import it as a new model?" in told.output
    assert "TM-2" not in house("list").stdout


def test_the_same_file_is_stored_once(house: RunCli, written: Path) -> None:
    house("import", str(written), *WHO, "--yes")
    again = house("import", str(written), *WHO, "--yes")
    assert again.stdout.endswith("The file was already imported as TM-2. Nothing was stored.\n")
    other = house("import", str(written), "--channel", "COTHER", "--by", "UNEW", "--yes")
    assert "TM-3 was created." in other.stdout


def test_imported_events_include_scores_and_history(house: RunCli, tmp_path: Path) -> None:
    file = tmp_path / "house.jsonl"
    house("export", "TM-1", "-f", "events", "-o", str(file))
    told = house("import", str(file), *WHO, "--yes").stdout
    assert "with its approvals and votes: this installation exported and sealed it" in told
    assert "TM-2 was created." in told
    before, after = (json.loads(house("show", key, "--json").stdout) for key in ("TM-1", "TM-2"))
    scores = [[(one["id"], one["score"]) for one in model["threats"]] for model in (before, after)]
    assert scores[0] == scores[1]
    assert scores[0][0][1]["total"] == 43


def test_an_imported_history_is_not_reported_in_the_thread(
    house: RunCli, tmp_path: Path, database: Path
) -> None:
    file = tmp_path / "house.jsonl"
    house("export", "TM-1", "-f", "events", "-o", str(file))
    house("import", str(file), *WHO, "--yes")
    version = json.loads(house("show", "TM-2", "--json").stdout)["version"]
    store = open_store(f"sqlite:///{database}")
    told = store.unit("TDEMO").thread_messages.announced(StreamId("TDEMO/TM-2")).version
    store.close()
    assert told == version - 1, "only who restored it is news, and no old round"


def test_the_entry_that_says_who_imported_a_model_is_not_erased_alone(house: RunCli, written: Path) -> None:
    house("import", str(written), *WHO, "--yes")
    (*_, last) = json.loads(house("history", "TM-2", "--json").stdout)
    assert last["text"].startswith("imported the threat model from a file")
    refused = house("erase", "TM-2", "--entry", str(last["version"]), "--yes")
    assert "approvals of the file would count" in refused.stderr
    assert json.loads(house("show", "TM-2", "--json").stdout)["imported"]["by"] == "UNEW"


def test_the_limits_of_the_operator_hold_unless_they_are_ignored(house: RunCli, written: Path) -> None:
    written.write_bytes(written.read_bytes() + b" " * 1_000_000)
    limits = {
        "MAX_MODELS": ("1", "This workspace has 1 threat model, which is the limit."),
        "MAX_ELEMENTS": ("12", "elements, and the limit is 12. Nothing was saved."),
        "MAX_FILE_MB": (
            "1",
            "has more than 1,000,000 bytes, the size that the operator allows (MAX_FILE_MB).",
        ),
    }
    for name, (value, sentence) in limits.items():
        told = house("import", str(written), *WHO, "--yes", **{name: value})
        assert (told.exit_code, told.stdout) == (2, ""), name
        assert sentence in told.stderr
        assert told.stderr.endswith("To import the file regardless, use --ignore-limits.\n"), told.stderr
    assert "TM-2" not in house("list").stdout
    lowest = dict.fromkeys(limits, "1")

    told = house("import", str(written), *WHO, "--yes", "--ignore-limits", **lowest)

    assert "TM-2 was created." in told.stdout
    again = house("import", str(written), *WHO, "--yes", **{**lowest, "MAX_FILE_MB": "2"})
    assert "already imported as TM-2" in again.stdout


@pytest.mark.usefixtures("house")
def test_the_limits_hold_also_for_what_was_started_during_the_preview(written: Path, database: Path) -> None:
    store = open_store(f"sqlite:///{database}")
    limits = ImportLimits(workspace=SizeLimits(models=2, elements=100), file_bytes=5_000_000)
    first, second = (
        plan_import(store, written, workspace=None, channel=channel, by="UNEW", limits=limits)
        for channel in ("CNEW", "COTHER")
    )
    store_import(store, first, mark_as_announced(store), limits=limits)
    with pytest.raises(TooManyModels):
        store_import(store, second, mark_as_announced(store), limits=limits)
    store.close()


def test_an_empty_database_requires_the_workspace(run_cli: RunCli, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"otmVersion": "0.2.0", "project": {"name": "A", "id": "a"}, "trustZones": []}')
    assert "TM-1 was created." in run_cli("import", str(file), *WHO, "--workspace", "TNEW", "--yes").stdout


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("nowhere.json", *WHO), "nowhere.json cannot be read (No such file or directory). Choose another"),
        (("{file}", "--channel", "general", "--by", "UNEW"), "--channel: general is not a channel"),
        (("{file}", "--channel", "CNEW", "--by", "ana"), "--by: ana is not a"),
        (("{file}", *WHO, "--workspace", "acme"), "--workspace: acme is not a workspace"),
        (("{bad}", *WHO), "bad.json: The file format is not supported. Import one of: Open Threat Model"),
    ],
)
def test_a_failure_is_reported_with_its_fix(
    house: RunCli, written: Path, tmp_path: Path, words: tuple[str, ...], mend: str
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"openapi": "3.0"}')
    told = house("import", *(word.format(file=written, bad=bad) for word in words), "--yes")
    assert told.exit_code == 2
    assert mend in told.stderr
    assert "TM-2" not in house("list").stdout
