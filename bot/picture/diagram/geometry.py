"""Boxes and Bézier curves of a picture."""

from collections.abc import Iterator, Sequence
from functools import cache
from math import hypot

import msgspec


class Box(msgspec.Struct, frozen=True):
    """A rectangle by its center and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """The left edge."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height / 2

    def touches(self, other: "Box") -> bool:
        """Return whether the box and another one have a point in common."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    @classmethod
    def between(cls, left: float, top: float, right: float, bottom: float) -> "Box":
        """Return the box with the given edges."""
        return cls((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


Point = tuple[float, float]

_STEPS = 12
"""Number of points sampled on each segment, unless a caller needs more."""


def points_along(points: Sequence[Point], steps: int = _STEPS) -> Iterator[Point]:
    """Yield points on a curve, evenly spaced on each segment."""
    yield points[0]
    for start in range(0, len(points) - 3, 3):
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[start : start + 4]
        for a, b, c, d in _weights(steps):
            yield a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def end_direction(points: Sequence[Point]) -> Point:
    """Return the direction of a curve at its end, as a unit vector."""
    x, y = points[-1]
    for before in reversed(points[:-1]):
        far = hypot(x - before[0], y - before[1])
        if far > 0.5:
            return (x - before[0]) / far, (y - before[1]) / far
    return 0.0, 1.0


@cache
def _weights(steps: int) -> tuple[tuple[float, float, float, float], ...]:
    """Return the weights of the four points of a segment at each step, by Bernstein's polynomials."""
    parts = [step / steps for step in range(1, steps + 1)]
    return tuple(
        ((1 - part) ** 3, 3 * (1 - part) ** 2 * part, 3 * (1 - part) * part**2, part**3) for part in parts
    )
