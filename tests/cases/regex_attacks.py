"""Texts that bring out the worst of a regular expression, made of the signs that stand in it."""

import itertools
import re
import time
from collections.abc import Callable, Iterable, Iterator
from re import _parser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]  (it has no other door)
from typing import Any, cast

from tests.depth import DEEP, count

LONG = 100_000
SQUARE = 3.0
"""Growth of the time from half of a text to the whole: about 2 if it is linear, 4 if it is the square."""

AGAIN = 12
"""Shapes of short texts that are measured again."""

GROWN = count(1, deep=6)
"""Shapes of texts, the slowest ones, that are made longer."""

Use = Callable[[str], object]

_STANDS_FOR = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "!",
    "CATEGORY_WORD": "a",
    "CATEGORY_NOT_WORD": "-",
}


def worst_text(pattern: re.Pattern[str], use: Use, limit: float) -> tuple[float, str]:
    """How long the worst text found takes, in seconds of this thread, and how that text begins.

    Short texts of many shapes show which grow worst; those are made longer until they are too slow, or long.
    """
    short = [(measured_seconds(use, text(400)), text) for text in _texts(pattern)]
    short.sort(key=lambda one: one[0], reverse=True)
    # Again: one of them may have been slow by chance, and would take the place of the worst.
    short = [(min(measured_seconds(use, text(400)) for _ in range(3)), text) for _, text in short[:AGAIN]]
    short.sort(key=lambda one: one[0], reverse=True)
    found = (0.0, "")
    for _, text in short[:GROWN]:
        length = 500
        while True:
            took = measured_seconds(use, text(length))
            if limit < took < 4 * limit:  # again, since the machine may have been busy
                took = min(took, *(measured_seconds(use, text(length)) for _ in range(3)))
            if took > limit or length == LONG:
                found = max(found, (took, f"{length} characters: {text(12)!r}…{text(length)[-3:]!r}"))
                if took > limit:
                    return found
                break
            # What grows by the cube must still end, so the next step would reach the limit with such growth.
            growth = max((limit / max(took, 1e-6)) ** (1 / 3), 1.5)
            length = min(int(length * growth), LONG)
    return found


def measured_seconds(use: Use, text: str) -> float:
    """How long something takes with a text, in seconds of this thread alone."""
    began = time.thread_time()
    use(text)
    return time.thread_time() - began


def grows_with_the_square(use: Use, text: str) -> bool:
    """Whether twice the text takes much more than twice the time, whatever the speed of the machine."""
    half, whole = (
        min(measured_seconds(use, one) for _ in range(5)) for one in (text[: len(text) // 2], text)
    )
    return whole > SQUARE * half


def _texts(pattern: re.Pattern[str]) -> Iterator[Callable[[int], str]]:
    signs = list(dict.fromkeys([*_signs(_parsed(pattern)), "a", " ", "\n", "1", "!"]))[:12]
    few = list(dict.fromkeys([*signs[:2], "a", " "]))
    pairs = ["".join(two) for two in itertools.permutations(signs if DEEP else signs[:6], 2)]
    triples = ["".join(three) for three in itertools.permutations(signs[:6] if DEEP else few, 3)]
    for unit in (*signs, *pairs, *triples):
        yield _repeated(unit)
    for unit, end in itertools.product(signs[:8] if DEEP else signs[:4], signs):
        yield _repeated(unit, before=end)
        yield _repeated(unit, after=f"\n{end}")


def _repeated(unit: str, *, before: str = "", after: str = "") -> Callable[[int], str]:
    return lambda length: (before + unit * (length // len(unit) + 1))[:length] + after


def _parsed(pattern: re.Pattern[str]) -> Iterable[Any]:
    return cast("Any", _parser).parse(pattern.pattern, pattern.flags)


def _signs(parsed: Iterable[Any]) -> Iterator[str]:
    """Signs for each place of a pattern: one that fits there, and one that does not where it names others."""
    for operation, about in parsed:
        match str(operation):
            case "LITERAL":
                yield chr(about)
            case "NOT_LITERAL":
                yield from (chr(about), "a")
            case "IN":
                for kind, one in about:
                    match str(kind):
                        case "LITERAL":
                            yield chr(one)
                        case "RANGE":
                            yield chr(one[0])
                        case "CATEGORY":
                            yield _STANDS_FOR[str(one)]
                        case _:
                            yield "a"
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                yield from _signs(about[2])
            case "SUBPATTERN":
                yield from _signs(about[3])
            case "ATOMIC_GROUP":
                yield from _signs(about)
            case "BRANCH":
                for one in about[1]:
                    yield from _signs(one)
            case "ASSERT" | "ASSERT_NOT":
                yield from _signs(about[1])
            case _:
                pass
