"""The table of failure cases is complete and true."""

import ast
import importlib
from operator import attrgetter
from pathlib import Path

from bot.sandbox.api import Sandbox
from tests.cases.case_table import BEYOND, CASES, Case
from tests.for_each import for_each

HERE = Path(__file__).parent
HOW_MANY = 32


def test_every_case_has_a_row() -> None:
    assert [case.number for case in CASES] == list(range(1, HOW_MANY + 1))


def test_every_row_has_a_test() -> None:
    assert [case.number for case in CASES if not case.tests] == []


def test_every_test_that_a_row_names_is_there() -> None:
    named = {test for case in CASES for test in case.tests} | {*BEYOND}
    assert sorted(named - told_here()) == []


def test_every_test_elsewhere_that_a_row_names_is_there() -> None:
    named = [test.partition("::") for case in CASES for test in case.elsewhere]
    assert [name for file, _, name in named if name not in read_tests(HERE.parent / file)] == []


def test_no_test_of_this_folder_is_without_a_row() -> None:
    named = {test for case in CASES for test in case.tests} | {*BEYOND}
    assert sorted(told_here() - named) == []


def test_no_row_names_a_test_twice() -> None:
    assert [case.number for case in CASES if len(set(case.tests)) < len(case.tests)] == []


@for_each("case", CASES, ids=lambda case: str(case.number))
def test_what_brings_a_case_about_is_there(case: Case) -> None:
    workspace = Sandbox()
    for name in case.injected:
        module, colon, helper = name.partition(":")
        if colon:
            assert callable(getattr(importlib.import_module(f"tests.cases.{module}"), helper))
        else:
            attrgetter(name)(workspace)


def told_here() -> set[str]:
    """Every test of the other files, as the table names them."""
    files = [path for path in HERE.glob("test_*.py") if path.name != Path(__file__).name]
    return {f"{path.name}::{name}" for path in files for name in read_tests(path)}


def read_tests(path: Path) -> list[str]:
    told = ast.parse(path.read_text()).body
    return [one.name for one in told if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")]
