"""Balancing of column widths to lower the height of a table."""

from collections.abc import Sequence
from functools import cache
from typing import Final

_STEPS: Final = (0.08, 0.03, 0.015)
"""How much of the room a column gives at once: much first, then little."""
_WORTH: Final = 0.01
"""A step must save so much of the whole height; else the widths stay as they were asked for."""
_RAGGED: Final = 1.08
"""Lines end before their edge, for words stay whole: so much longer a text is, and half a line more."""

Lengths = Sequence[Sequence[Sequence[float]]]
"""How long each line of each cell of each row is when it is not broken."""


def balanced_widths(
    widths: Sequence[float], least: Sequence[float], room: float, rows: Lengths
) -> list[float]:
    """Widths of the same columns, none below its least, with which the rows have fewer lines."""
    columns = range(len(widths))

    @cache
    def lines(column: int, wide: float) -> tuple[float, ...]:
        """About how many lines the cells of a column have."""
        return tuple(
            sum(1 if one <= wide else one * _RAGGED / wide + 0.5 for one in row[column]) for row in rows
        )

    def high(tried: Sequence[float]) -> float:
        return sum(map(max, zip(*(lines(one, tried[one]) for one in columns), strict=True)))

    found = list(widths)
    best = high(found)
    for step in (share * room for share in _STEPS):
        while True:
            tries = [
                [one + step * ((place == taker) - (place == giver)) for place, one in enumerate(found)]
                for giver in columns
                for taker in columns
                if giver != taker and found[giver] - step >= least[giver]
            ]
            lowest = min(tries, key=high, default=found)
            if high(lowest) > best * (1 - _WORTH):
                break
            found, best = lowest, high(lowest)
    return found
