"""The domain calls no clock and nothing of the world, and says where it means everything else."""

import ast
import re
from pathlib import Path

import pytest

import domain

SOURCES = sorted(Path(domain.__file__ or "").parent.rglob("*.py"))
IMPURE = frozenset(
    {
        "now",
        "today",
        "utcnow",
        "open",
        "print",
        "input",
        "eval",
        "exec",
        "compile",
        "__import__",
        "breakpoint",
    }
)
_CATCH_ALL = re.compile(r"^ *case _:(?!  # \w)", re.MULTILINE)


def impure_calls(source: str) -> list[str]:
    """Return the calls that reach a clock or the world."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE:
                found.append(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name)):
                found += [name] if name in IMPURE else []
            case _:
                pass
    return found


def test_the_domain_calls_no_clock_and_nothing_of_the_world() -> None:
    assert {path.name: calls for path in SOURCES if (calls := impure_calls(path.read_text()))} == {}


@pytest.mark.parametrize("call", ["datetime.now(UTC)", "date.today()", "open('x')", "print(1)"])
def test_an_impure_call_is_found(call: str) -> None:
    assert impure_calls(f"def rule():\n    return {call}\n")


def test_whatever_matches_everything_else_says_what_that_is() -> None:
    assert [path.name for path in SOURCES if _CATCH_ALL.search(path.read_text())] == []
