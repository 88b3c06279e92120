"""Boxes: positions and sizes in the picture."""

from collections.abc import Iterable

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

    def moved(self, right: float, down: float) -> "Box":
        """Return the box at another position."""
        return Box(self.x + right, self.y + down, self.width, self.height)

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


def bounding_box(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around some boxes, of which there is at least one."""
    every = list(boxes)
    return Box.between(
        min(one.left for one in every),
        min(one.top for one in every),
        max(one.right for one in every),
        max(one.bottom for one in every),
    )
