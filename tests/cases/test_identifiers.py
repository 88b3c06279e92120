"""No sentence is an identifier: code compares codes and types, not the words that people read."""

import ast
from collections.abc import Iterator
from pathlib import Path

from deploy.docs.generator.syntax import nodes

ROOT = Path(__file__).resolve().parents[2]

READ_FROM_ELSEWHERE = (
    "bot/formats/",
    "bot/probe/",
    "bot/sandbox/",
    "bot/trackers/",
)
"""These read what other programs or earlier versions wrote, whose words are given."""


def words_compared(source: str) -> Iterator[tuple[int, str]]:
    """Every text of several words that is compared, matched or looked up by, with its line."""
    for node in nodes(source):
        match node:
            case ast.Compare(left=left, comparators=others):
                parts = [left, *others]
            case ast.MatchValue(value=value):
                parts = [value]
            case ast.Subscript(value=ast.Name(id="Annotated" | "Literal")):
                continue  # a type; what describes it is shown
            case ast.Subscript(slice=key, ctx=ast.Load()):
                parts = [key]
            case ast.Call(func=ast.Attribute(attr="get" | "startswith" | "endswith"), args=[first, *_]):
                parts = [first]
            case _:
                continue
        for part in parts:
            for one in ast.walk(part):
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and _is_prose(one.value):
                    yield one.lineno, one.value


def _is_prose(text: str) -> bool:
    return sum(word.isalpha() and not word.isupper() for word in text.split()) > 1


def test_no_sentence_is_compared_or_looked_up() -> None:
    found = {
        f"{file.relative_to(ROOT)}:{line}: {words}"
        for package in ("bot", "domain")
        for file in sorted((ROOT / package).rglob("*.py"))
        if not str(file.relative_to(ROOT)).startswith(READ_FROM_ELSEWHERE)
        for line, words in words_compared(file.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_a_comparison_with_a_sentence_is_found() -> None:
    source = 'if about == "the proposal to close":\n    pass\n'
    assert list(words_compared(source)) == [(1, "the proposal to close")]
