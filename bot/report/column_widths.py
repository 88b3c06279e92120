"""Widths of the columns of tables."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from bot.picture.font_metrics import text_width
from bot.report.document_parts import Badge, Meter, ReportLine, ReportTable, Run, breakable_pieces

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


ACROSS: Final = 505.0
"""Printable width of a page, in points."""
SIZE: Final = 8.8
"""Font size of a table, in points."""

_AROUND: Final = 10.5
"""Horizontal padding of a cell on both sides, in points."""
_ROUND_A_BADGE: Final = 12.0
_METER: Final = 42.0
"""Length of a meter without its text, in points."""
_TOGETHER: Final = 16
"""Maximum characters of badges and meters kept on one line."""

_SHORT: Final = 72.0
"""Length of a date, in points."""
_EASY: Final = 0.8
"""Maximum share of the room for which the columns' minimum widths count as small."""
_KEPT: Final = 0.6
"""Minimum share of its width that a column keeps when it gives room to others."""
_ENOUGH: Final = 60
"""Number of rows that are measured."""

_BREAKS: Final = re.compile(r"\s+|(?<=[-/\u2013\u2014])")


def column_widths(table: ReportTable, room: float) -> list[float]:
    """Return the width of each column in points; in total they fill the room."""
    shares = [max(column.share, 0.01) for column in table.columns]
    for short, marks in ((_SHORT, True), (0.0, True), (0.0, False)):
        least, most = _bounds(table, room, short=short, marks=marks)
        if sum(least) <= _EASY * room:
            break
    scale = min(1.0, room / sum(least))
    least = [one * scale for one in least]
    found = _shared(shares, least, most, room)
    left = room - sum(found)
    asked = [one + left * share / sum(shares) for one, share in zip(found, shares, strict=True)]
    if len(asked) < 2 or not table.rows:
        return asked
    rows = [[[_whole(one) + _AROUND for one in cell] for cell in row] for row in table.rows[:_ENOUGH]]
    kept = [max(low, _KEPT * one) for low, one in zip(least, asked, strict=True)]
    return balanced_widths(asked, kept, room, rows)


def _bounds(table: ReportTable, room: float, *, short: float, marks: bool) -> tuple[list[float], list[float]]:
    """Return the width of each column's longest word and of its longest line.

    Lines up to `short` points count as one word; with `marks` so do adjacent badges and meters.
    """
    least, most = list[float](), list[float]()
    for place, column in enumerate(table.columns):
        title = [text_width(one, SIZE * 0.92, "Bold") for one in _unbroken(column.title)]
        cells = [line for row in table.rows for line in row[place]]
        words = [word for line in cells for word in _words(line)]
        words += [whole for line in cells if (whole := _whole(line)) < short]
        if marks:
            words += [sum(_words(line)) + 3 * len(line) for line in cells if _only_marks(line)]
        least.append(max([*title, *words, 0.0]) + _AROUND)
        whole = [sum(title) + len(title) * 3, *(_whole(line) for line in cells)]
        most.append(max(least[-1], min(max(whole) + _AROUND, room)))
    return least, most


def _only_marks(line: ReportLine) -> bool:
    return not any(isinstance(one, Run) and one.text.strip() for one in line)


def _words(line: ReportLine) -> Iterator[float]:
    for one in line:
        match one:
            case Run():
                bold = "Bold" if one.style == "strong" else "Regular"
                larger = 1.1 if one.style == "code" else 1.0
                yield from (text_width(word, SIZE * larger, bold) for word in _unbroken(one.text))
            case Badge():
                yield text_width(one.text[:_TOGETHER], SIZE * 0.84, "Bold") + _ROUND_A_BADGE
            case Meter():
                yield text_width(one.text[:_TOGETHER], SIZE, "Bold") + _METER


def _whole(line: ReportLine) -> float:
    """Return the length of an unbroken line; slightly overestimated for small text."""
    around = {Run: 0.0, Badge: _ROUND_A_BADGE, Meter: _METER}
    return sum(text_width(one.text, SIZE, "Bold") + around[type(one)] + 3 for one in line)


def _unbroken(text: str) -> list[str]:
    return [one for piece in breakable_pieces(text) for one in _BREAKS.split(piece) if one]


def _shared(
    shares: Sequence[float], least: Sequence[float], most: Sequence[float], room: float
) -> list[float]:
    """Return the room divided by shares within those bounds, as browsers size flexible boxes.

    Columns that would be too narrow, or too wide if that is the greater excess, get their bound; the others
    share the rest.
    """
    found: dict[int, float] = {}
    while free := [one for one in range(len(shares)) if one not in found]:
        unit = (room - sum(found.values())) / sum(shares[one] for one in free)
        wanted = {one: shares[one] * unit for one in free}
        bounded = {one: min(max(wanted[one], least[one]), most[one]) for one in free}
        excess = sum(bounded.values()) - sum(wanted.values())
        found |= {
            one: bounded[one]
            for one in free
            if abs(excess) < 1e-6
            or (excess > 0 and bounded[one] > wanted[one])
            or (excess < 0 and bounded[one] < wanted[one])
        }
    return [found[one] for one in range(len(shares))]
