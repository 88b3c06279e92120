"""Bézier curves: points along them, and their direction at the end."""

from collections.abc import Iterator, Sequence
from math import hypot

Point = tuple[float, float]

_STEPS = 12
"""Number of points sampled on each segment, unless a caller needs more."""


def points_along(points: Sequence[Point], steps: int = _STEPS) -> Iterator[Point]:
    """Yield points on a curve, evenly spaced on each segment."""
    yield points[0]
    for start in range(0, len(points) - 3, 3):
        piece = points[start : start + 4]
        for step in range(1, steps + 1):
            yield _at(piece, step / steps)


def end_direction(points: Sequence[Point]) -> Point:
    """Return the direction of a curve at its end, as a unit vector."""
    x, y = points[-1]
    for before in reversed(points[:-1]):
        far = hypot(x - before[0], y - before[1])
        if far > 0.5:
            return (x - before[0]) / far, (y - before[1]) / far
    return 0.0, 1.0


def _at(piece: Sequence[Point], part: float) -> Point:
    rest = 1 - part
    weights = (rest**3, 3 * rest**2 * part, 3 * rest * part**2, part**3)
    return (
        sum(weight * point[0] for weight, point in zip(weights, piece, strict=True)),
        sum(weight * point[1] for weight, point in zip(weights, piece, strict=True)),
    )
