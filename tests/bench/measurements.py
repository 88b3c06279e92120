"""Contenders run in turns, so that whatever the machine is doing meets them all alike."""

import random
import statistics
import time
from collections.abc import Callable, Mapping

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison, both sides in the same unit; the aim is a bound of `ratio`."""

    what: str
    ours: float
    theirs: float
    unit: str
    ratio: float
    aim: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the aim is met."""
        return self.ratio >= self.aim if self.at_least else self.ratio <= self.aim


def at_most(what: str, ours: float, theirs: float, unit: str, *, aim: float) -> Row:
    """Ours may be so many times theirs."""
    return Row(what=what, ours=ours, theirs=theirs, unit=unit, ratio=ours / theirs, aim=aim)


def at_least(what: str, ours: float, theirs: float, unit: str, *, aim: float) -> Row:
    """Ours must be so many times theirs."""
    return Row(what=what, ours=ours, theirs=theirs, unit=unit, ratio=ours / theirs, aim=aim, at_least=True)


def faster(what: str, ours: float, theirs: float, unit: str, *, aim: float) -> Row:
    """Theirs must take so many times as long as ours."""
    return Row(what=what, ours=ours, theirs=theirs, unit=unit, ratio=theirs / ours, aim=aim, at_least=True)


Say = Callable[[str], None]
"""Tells the one who waits what is being done."""


def medians(
    contenders: Mapping[str, Callable[[], object]], *, rounds: int, warm_up: int = 5
) -> dict[str, float]:
    """The median time of each contender in microseconds, over rounds in which each runs once."""
    names = list(contenders)
    chance = random.Random(0)
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(warm_up + rounds):
        chance.shuffle(names)
        for name in names:
            run = contenders[name]
            started = time.perf_counter()
            run()
            ended = time.perf_counter()
            if number >= warm_up:
                times[name].append((ended - started) * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}
