"""Each concept has one term in all sentences that people read."""

import re

import pytest

from tests.sentences.collector import sentences

REPLACED = {
    "condition": r"\bgates?\b",
    "suggested threat": r"\bcandidates?\b",
    "suggests": r"\bno longer (raises|applies to it)\b|the rule no longer applies",
    "highest risk": r"\bworst\b",
    "don't know": r"\bnot sure\b|“unknown”|\bI don't know\b",
    "not applicable": r"\bdoesn't apply(”|$)",
    "change": r"\b(undid|undo|undone)\b.{0,30}\banswers?\b|\blast answer\b.{0,20}undone",
    "owner": r"\bheld by @|^held by$",
    "warning": r"\binconsistencies in the model\b|\bfindings about the model\b",
}
"""What people do not read any more, by the term that stands for it."""

INTERNAL = ("domain/rules/", "deploy/docs/generator/")
"""Where these words have their common meaning, or only developers read them."""


@pytest.mark.parametrize("term", REPLACED)
def test_a_replaced_term_is_in_no_sentence(term: str) -> None:
    old = re.compile(REPLACED[term], re.IGNORECASE)
    found = [one for one in sentences() if old.search(one.text) and not one.path.startswith(INTERNAL)]
    assert not found, "\n".join(f"{one.path}:{one.line}: {one.text}" for one in found)
