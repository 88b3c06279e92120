"""Balancing of column widths to lower the height of a table."""

from collections.abc import Sequence
from functools import cache
from typing import Final

_STEPS: Final = (0.08, 0.03, 0.015)
"""Shares of the room that a column gives up in one step: large ones first, then small ones."""
_WORTH: Final = 0.01
"""Minimum share of the total height that a step must save; otherwise the widths stay."""
_RAGGED: Final = 1.08
"""Allowance for words that do not break: how much longer a text gets, besides half a line."""

Lengths = Sequence[Sequence[Sequence[float]]]
"""The unbroken length of each line of each cell of each row."""


def balanced_widths(
    widths: Sequence[float], least: Sequence[float], room: float, rows: Lengths
) -> list[float]:
    """Return widths of the same columns, none below its minimum, with fewer lines per row."""
    columns = range(len(widths))

    @cache
    def lines(column: int, wide: float) -> tuple[float, ...]:
        """Return the estimated number of lines of a column's cells."""
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
