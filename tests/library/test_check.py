"""The check of a library: a made-up company's library passes it, and each error is named at its place."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import cli
from domain.built_in_catalog import BUILT_IN
from domain.library.library_value import with_library
from domain.library.reading import read_library

ACME = Path(__file__).parent / "acme.toml"


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["library", *words])
    return result.exit_code, result.output


def test_the_library_of_a_company_passes() -> None:
    status, text = run("check", str(ACME))
    assert status == 0
    assert text == (
        "Acme 2026.4: 25 rules, 28 facts, 15 technologies, 20 controls, 2 adjusted rules. "
        "50 examples passed.\n"
    )


def test_a_library_adjusts_a_catalog_and_leaves_it_alone() -> None:
    library, _ = read_library(ACME.read_text(encoding="utf-8"), BUILT_IN)
    merged = with_library(BUILT_IN, library)
    assert "E04" in BUILT_IN.rules_by_id
    assert "E04" not in merged.rules_by_id
    assert merged.rules_by_id["D01"].controls[0].id == "ACME-C18"
    assert merged.technology_of("acme_gateway") is library.technologies[0]
    assert len(merged.rules) == len(BUILT_IN.rules) + 24


EDITS = tomllib.loads((ACME.parent / "broken.toml").read_text(encoding="utf-8"))["edit"]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: str(edit["message"])[:60])
def test_each_error_is_named_at_its_place(edit: dict[str, str], tmp_path: Path) -> None:
    old, message, place = edit["old"], edit["message"], edit["place"]
    text = ACME.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "broken.toml"
    file.write_text(text.replace(old, edit["new"], 1), encoding="utf-8")
    status, output = run("check", str(file), "--json")
    problems = json.loads(output)["problems"]
    assert status == 1
    assert message in [one["message"] for one in problems]
    found = next(one for one in problems if one["message"] == message)
    line = file.read_text(encoding="utf-8").splitlines()[found["line"] - 1]
    assert place.removeprefix("1:") in line
    if place.startswith("1:"):
        assert line[found["column"] - 1 :].startswith(place.removeprefix("1:"))


def test_a_file_that_is_no_toml_is_refused_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text('[library]\nname = "Acme\n', encoding="utf-8")
    status, text = run("check", str(file), "--annotations")
    assert status == 2
    assert text.startswith("::error file=")
    assert ",line=2,col=" in text


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    status, text = run("check", str(tmp_path / "none.toml"))
    assert status == 2
    assert "cannot be read: No such file or directory." in text


def test_a_built_in_rule_is_shown_as_an_example() -> None:
    status, text = run("show", "t01")
    assert status == 0
    assert 'applies = "input and reaches_query"' in text
    assert run("show", "T1")[0] == 2


def test_the_names_for_conditions_are_shown_by_kind() -> None:
    status, text = run("show", "component")
    assert status == 0
    assert text.startswith("Predicates: acts_on_its_own, ")
    assert "\nany of: handled_assets, neighbors, stored_assets\n" in text
