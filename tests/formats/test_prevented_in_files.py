"""Threats that a control prevents, in files: all with their basis in CSV, the vouched-for ones elsewhere."""

import csv
import io
import json
from functools import cache
from typing import Any

import pytest

from bot.formats import FORMATS
from bot.formats.importers.model_creation import CreatedModel
from domain.analysis.rule_findings import ControlInPlace
from domain.kernel.answer_basis import BasisKind
from domain.register import register
from tests.formats.export_sources import export_source_named
from tests.formats.test_round_trips import LOSSLESS, read_back


@cache
def prevented() -> tuple[ControlInPlace, ...]:
    return export_source_named("web-shop").register.prevented


@cache
def vouched_for() -> set[str]:
    return {one.id for one in prevented() if one.basis in (BasisKind.STATED, BasisKind.CONFIRMED)}


def document(word: str) -> Any:
    return json.loads(FORMATS[word].write(export_source_named("web-shop")))


def dragon_threats(file: Any) -> list[dict[str, Any]]:
    cells = file["detail"]["diagrams"][0]["cells"]
    return [one for cell in cells for one in cell["data"].get("threats", ())]


def of_prevented(threats: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in threats if "prevented" in one["threatmodel"]]


def titles(made: CreatedModel) -> list[str]:
    return sorted(threat.title for threat in made.model.threats.values())


def test_the_example_has_both_sorts() -> None:
    assert set() < vouched_for() < {one.id for one in prevented()}


def test_csv_lists_every_prevented_threat_with_its_control_and_basis() -> None:
    text = FORMATS["csv"].write(export_source_named("web-shop")).decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text, newline="")) if row["State"] == "prevented"]
    assert [(row["Id"], row["Basis"]) for row in rows] == [(one.id, one.basis.label) for one in prevented()]
    assert all(row["Controls in place"] and not row["Rank"] for row in rows)
    (login,) = (row for row in rows if row["Id"] == "S03@EP-3")
    assert login["Controls in place"] == "“failed sign-in attempts are limited”: yes, stated, 2 Mar 2026"


def test_threat_dragon_shows_as_mitigated_what_someone_vouched_for() -> None:
    file = document("threat-dragon")
    threats = dragon_threats(file)
    found = of_prevented(threats)
    assert {one["threatmodel"]["prevented"] for one in found} == vouched_for()
    assert {one["status"] for one in found} == {"Mitigated"}
    numbers = [one["number"] for one in found]
    others = {one["number"] for one in threats if one not in found}
    assert len(numbers) == len({*numbers}) == len({*numbers} - others)
    assert file["detail"]["threatTop"] == max(numbers)


def test_tm_bom_has_an_active_control_for_what_someone_vouched_for() -> None:
    file = document("tm-bom")
    (extension,) = file["extensions"].values()
    names = {name for name, one in extension["objects"].items() if "prevented" in one}
    controls = [one for one in file["controls"] if one["symbolic_name"] in names]
    threats = {one["symbolic_name"] for one in file["threats"] if one["symbolic_name"] in names}
    assert len(threats) == len(controls) == len(vouched_for())
    assert {one["status"] for one in controls} == {"active"}
    assert {threat for one in controls for threat in one["threats"]} == threats


@pytest.mark.parametrize("word", LOSSLESS)
def test_an_own_file_is_read_back_without_doubling_them(word: str) -> None:
    before = export_source_named("web-shop").register
    again = register(read_back(FORMATS[word].write(export_source_named("web-shop"))).model)
    assert len(again.threats) == len(before.threats)
    assert [(one.id, one.basis) for one in again.prevented if one.vouched_for] == [
        (one.id, one.basis) for one in before.prevented if one.vouched_for
    ]


def test_a_status_changed_in_threat_dragon_is_read_as_a_threat() -> None:
    file = document("threat-dragon")
    unchanged = titles(read_back(json.dumps(file).encode()))
    changed, *_ = of_prevented(dragon_threats(file))
    changed["status"] = "Open"
    assert titles(read_back(json.dumps(file).encode())) == sorted([*unchanged, changed["title"]])


def test_a_status_changed_in_tm_bom_is_read_as_a_threat_with_its_mitigation() -> None:
    file = document("tm-bom")
    before = read_back(json.dumps(file).encode())
    changed = next(one for one in file["controls"] if one["symbolic_name"].startswith("in-place-"))
    changed["status"] = "retired"
    after = read_back(json.dumps(file).encode())
    assert len(after.model.threats) == len(before.model.threats) + 1
    assert len(after.model.mitigations) == len(before.model.mitigations) + 1
