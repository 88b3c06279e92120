"""Words and phrases that the product does not use, and where they still occur."""

import re
from collections.abc import Iterator
from pathlib import Path

COUNTED = re.compile(
    r"\b(whoever|somebody|anybody|nobody|everybody|anew|once more|any more)\b", re.IGNORECASE
)
"""The words whose lines are limited."""

AVOIDED = re.compile(
    rf"{COUNTED.pattern}"
    r"|\b(whosever|whomever|whatever|wherever|surely|delicate|dear|hurts? badly|borne|bears? (the|its?)"
    r"|brought in|told of|looks? after|hands? over|at once|sees? to|comes? up|came up|brings? up|glued"
    r"|remed(y|ies|ied)|goes by|unsaid|beside it|gone is|of it|thereof"
    r"|what (is|was|were|are|comes|came|remains|happened|matters))\b",
    re.IGNORECASE,
)
"""Words and phrases that a reader should look at; some of them are right where they stand."""

PLACES = ("bot", "domain", "deploy", "README.md")
"""What the limit holds for."""

LIMIT = 10
"""Lines with a counted word must be fewer than this; lower it when they become fewer."""


def lines_with_counted_words(root: Path) -> Iterator[tuple[str, int, str]]:
    """Return each line with a counted word: its file, its number, itself."""
    for path in _text_files(root):
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if COUNTED.search(line):
                yield path.relative_to(root).as_posix(), number, line.strip()


def _text_files(root: Path) -> Iterator[Path]:
    for place in PLACES:
        path = root / place
        for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if one.is_file() and one.suffix != ".svg" and "__pycache__" not in one.parts:
                yield one
