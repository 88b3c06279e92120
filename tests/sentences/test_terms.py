"""Each concept has one term in all sentences that people read."""

import re

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


def test_a_replaced_term_is_in_no_sentence() -> None:
    """One test for all terms: each worker that collects the sentences takes a second for it."""
    old = {term: re.compile(pattern, re.IGNORECASE) for term, pattern in REPLACED.items()}
    found = [
        f"{sentence.path}:{sentence.line}: say {term}: {sentence.text}"
        for sentence in sentences()
        if not sentence.path.startswith(INTERNAL)
        for term, pattern in old.items()
        if pattern.search(sentence.text)
    ]
    assert not found, "\n".join(found)
