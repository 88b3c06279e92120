"""Numbers of threats by severity band."""

from collections.abc import Iterable, Mapping

import msgspec

from domain.dread.scoring import Band


class BandCounts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Numbers of threats by severity band; `unscored` ones have no result of a vote yet."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    unscored: int = 0

    @property
    def total(self) -> int:
        """Return the number of all threats."""
        return self.critical + self.high + self.medium + self.low + self.unscored

    @property
    def worst_first(self) -> tuple[tuple[Band | None, int], ...]:
        """Return each band with its number, from critical to low; None stands for unscored threats."""
        return (
            (Band.CRITICAL, self.critical),
            (Band.HIGH, self.high),
            (Band.MEDIUM, self.medium),
            (Band.LOW, self.low),
            (None, self.unscored),
        )

    @property
    def text(self) -> str:
        """Return the numbers in words: `2 critical, 1 unscored`."""
        parts = (f"{number} {band or 'unscored'}" for band, number in self.worst_first if number)
        return ", ".join(parts) or "none"

    def at_least(self, band: Band) -> int:
        """Return the number of scored threats of a band or a higher one."""
        return sum(number for one, number in self.worst_first if one is not None and one.order >= band.order)


def count_bands(bands: Mapping[Band | None, int]) -> BandCounts:
    """Return the numbers of a mapping from bands; None stands for unscored threats."""
    return BandCounts(
        critical=bands.get(Band.CRITICAL, 0),
        high=bands.get(Band.HIGH, 0),
        medium=bands.get(Band.MEDIUM, 0),
        low=bands.get(Band.LOW, 0),
        unscored=bands.get(None, 0),
    )


def add_counts(counts: Iterable[BandCounts]) -> BandCounts:
    """Return the sums by band."""
    every = tuple(counts)
    return BandCounts(
        critical=sum(one.critical for one in every),
        high=sum(one.high for one in every),
        medium=sum(one.medium for one in every),
        low=sum(one.low for one in every),
        unscored=sum(one.unscored for one in every),
    )
