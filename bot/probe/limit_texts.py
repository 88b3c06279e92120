"""Texts with exactly as many characters as a limit allows, and one more."""

from collections.abc import Callable
from typing import Final

from bot.probe.probe_answers import Edge, Letters, Outcome

_ASCII: Final = "a"
_ESCAPED: Final = "&amp;"
_AMPERSAND: Final = "&"
_ASTRAL: Final = "\N{SLIGHTLY SMILING FACE}"


def ask_about_characters(put: Callable[[str], Outcome], limit: int) -> Letters:
    """Put texts of each kind of character at the limit and one over it."""

    def edge(letter: str) -> Edge:
        at = letter * (limit // len(letter))
        return Edge(at=put(at + _ASCII * (limit - len(at))), over=put(at + _ASCII * (limit - len(at) + 1)))

    return Letters(
        ascii=edge(_ASCII), escaped=edge(_ESCAPED), ampersand=edge(_AMPERSAND), astral=edge(_ASTRAL)
    )
