"""The check of a library: a made-up company's library passes it, and each error is named at its place."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from bot.__main__ import cli
from bot.cli.operations.library_check import example_model
from bot.cli.operations.library_diff import effect_on
from domain.built_in_catalog import BUILT_IN
from domain.library.library_value import Library, with_library
from domain.library.reading import read_library
from domain.register import register
from tests.cli.conftest import runner_on
from tests.domain.generated_systems import generated_system

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


def test_no_text_of_a_file_steers_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text('[library]\nname = "Acme"\nversion = "1"\n"\\u001b[2J" = 1\n', encoding="utf-8")
    status, text = run("check", str(file))
    assert status == 1
    assert "is not known here." in text
    assert "\x1b" not in text


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


def test_a_library_says_what_it_would_change_for_a_model() -> None:
    library, _ = read_library(ACME.read_text(encoding="utf-8"), BUILT_IN)
    effect = effect_on(generated_system(40, 1), library)
    assert effect.more_questions > 0
    assert (effect.more_suggested, effect.fewer_suggested) == ((), ())  # nothing is answered
    billing = example_model(library.examples["ACME-01"][0], with_library(BUILT_IN, library))
    told = effect_on(billing, library)
    assert told.more_suggested == ("Service outside the paved road: Billing",)
    assert effect_on(billing, Library()).more_suggested == ()


def test_the_effects_on_the_models_of_a_database_are_listed(tmp_path: Path) -> None:
    run_cli = runner_on(tmp_path / "threatmodel.db")
    assert run_cli("demo", "house").exit_code == 0
    assert run_cli("library", "diff", str(ACME)).stdout.startswith("TM-1 The House: questions +")
    (effect,) = json.loads(run_cli("library", "diff", str(ACME), "--json").stdout)
    assert effect["name"] == "The House"


def test_the_register_takes_the_library_of_its_model() -> None:
    library, _ = read_library(ACME.read_text(encoding="utf-8"), BUILT_IN)
    model = generated_system(40, 1)
    before = {one.fact for one in register(model).questions}
    after = {one.fact for one in register(replace(model, catalog=with_library(BUILT_IN, library))).questions}
    assert "on_paved_road" in after - before
    assert before - after == {"mediated"}  # asked by E04 alone, which the library switches off
