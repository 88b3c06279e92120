"""Whether a quick ballot orders and bands threats as well as a full one, by simulated panels.

A quick ballot asks for Damage and Exploitability. Whether these two speak for the other three depends on the
threats, so there are two worlds. In the first, the five metrics of a threat have nothing in common but its
severity. In the second, nearly every attack can be repeated at will, Affected users follow from Damage, and
what is easy to exploit is easy to find.

Each method is held against its own truth, which is what it would say if nobody erred, and against the truth
of the full ballot. Bands are held against the own truth: a full ballot errs there, too, and is the baseline.
"""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import msgspec
from rich import box
from rich.table import Table

from domain.dread.metrics import HIGHEST, LOWEST, QUICK_METRICS, Metric
from domain.dread.scoring import BANDS_FROM, NEAR_CRITICAL, band_of, median
from tests.bench.measurements import Say
from tests.bench.simulated_voters import Misread, Threat, Voter, ballot, kendall, misreadings, panel, threats

SIZES = (3, 5, 8, 12)
PANELS = 300
"""Of each size and in each world; every one scores threats of its own, twice."""
THREATS = 20
SEED = 14

TIMED, TIMED_NUMBER = 0.15, 5
"""How many attacks work only at the right moment, and how reproducible these are."""
LOOSE = 1.0
"""Standard deviation of Affected users around Damage, and of Discoverability around Exploitability."""

Medians = Mapping[Metric, float]
Order = list[tuple[float, ...]]


class QuickAgreement(msgspec.Struct, frozen=True):
    """The agreement of a method's order with its own truth, with that of full ballots, and with a later one.

    `one_off` and `further_off` are shares of the threats by the distance of their band from the true one.
    """

    own: float
    full: float
    later: float
    one_off: float
    further_off: float


Outcomes = Mapping[tuple[str, str, int], QuickAgreement]
"""By world, method and size of the panel."""


def study_quick_ballots(say: Say, panels: int = PANELS) -> Outcomes:
    """Let panels score their threats by each method, and a month later again."""
    found: dict[tuple[str, str, int], QuickAgreement] = {}
    for world in WORLDS:
        for size in SIZES:
            rows: defaultdict[str, list[QuickAgreement]] = defaultdict(list)
            said_at = time.monotonic()
            for number in range(panels):
                if not number or time.monotonic() - said_at > 2:
                    said_at = time.monotonic()
                    say(f"quick ballots, {world}, panels of {size}: {number} of {panels}")
                chance = random.Random(f"{SEED}/{world}/{size}/{number}")
                for method, one in compare_methods(chance, world, size).items():
                    rows[method].append(one)
            for method, some in rows.items():
                found[world, method, size] = _mean(some)
    return found


def compare_methods(chance: random.Random, world: str, size: int) -> Mapping[str, QuickAgreement]:
    """Return how each method does for one panel."""
    things, people = WORLDS[world](chance), panel(chance, size)
    misread = misreadings(chance, size, THREATS)
    now = _medians(chance, things, people, misread)
    later = _medians(chance, things, people, misreadings(chance, size, THREATS, before=misread))
    truth: list[Medians] = [thing.true for thing in things]
    full = [METHODS["full ballot"](one) for one in truth]
    found: dict[str, QuickAgreement] = {}
    for method, place in METHODS.items():
        own, scored, again = ([place(one) for one in some] for some in (truth, now, later))
        distances = [abs(one[0] - other[0]) for one, other in zip(own, scored, strict=True)]
        found[method] = QuickAgreement(
            own=kendall(own, scored),
            full=kendall(full, scored),
            later=kendall(scored, again),
            one_off=statistics.fmean(distance == 1 for distance in distances),
            further_off=statistics.fmean(distance > 1 for distance in distances),
        )
    return found


def full_place(medians: Medians) -> tuple[float, ...]:
    """Where a threat stands by the mean of five metrics: band, mean, Damage."""
    return _place(medians, medians)


def quick_place(medians: Medians) -> tuple[float, ...]:
    """Where a threat stands by the mean of Damage and Exploitability."""
    return _place(medians, {metric: medians[metric] for metric in QUICK_METRICS})


def followed_up_place(medians: Medians) -> tuple[float, ...]:
    """Where a threat stands if those close to critical are followed up."""
    mean = statistics.fmean(medians[metric] for metric in QUICK_METRICS)
    is_near = abs(mean - BANDS_FROM[-1]) <= NEAR_CRITICAL
    return full_place(medians) if is_near else quick_place(medians)


def independent_threats(chance: random.Random) -> list[Threat]:
    """Threats whose metrics have only their severity in common."""
    return threats(chance, THREATS)


def paired_threats(chance: random.Random) -> list[Threat]:
    """Threats whose other metrics follow from Damage, Exploitability and timing."""
    return [
        Threat(true=_paired(chance, threat.true), misread=_paired(chance, threat.misread))
        for threat in threats(chance, THREATS)
    ]


METHODS: Mapping[str, Callable[[Medians], tuple[float, ...]]] = {
    "full ballot": full_place,
    "quick ballot": quick_place,
    "quick, followed up": followed_up_place,
}
WORLDS: Mapping[str, Callable[[random.Random], list[Threat]]] = {
    "independent": independent_threats,
    "paired": paired_threats,
}


def quick_table(done: Outcomes) -> Table:
    """What came out, in a form that the page of benchmarks takes as it is."""
    table = Table(title="Quick ballots: τ with own truth / full truth / later", box=box.MARKDOWN)
    table.add_column("Metrics, ballot", no_wrap=True)
    for size in SIZES:
        table.add_column(f"{size} voters", justify="right", no_wrap=True)
    for world in WORLDS:
        for method in METHODS:
            cells = [done[world, method, size] for size in SIZES]
            table.add_row(
                f"{world}, {method}",
                *(f"{cell.own:.2f} / {cell.full:.2f} / {cell.later:.2f}" for cell in cells),
            )
        for method in METHODS:
            cells = [done[world, method, size] for size in SIZES]
            table.add_row(
                f"{world}, {method}: bands one off, further",
                *(f"{cell.one_off:.0%}, {cell.further_off:.1%}" for cell in cells),
            )
    return table


def _place(medians: Medians, counted: Medians) -> tuple[float, ...]:
    return band_of(counted)[0].order, statistics.fmean(counted.values()), medians[Metric.DAMAGE]


def _medians(
    chance: random.Random, things: Sequence[Threat], people: Sequence[Voter], misread: Misread
) -> list[Medians]:
    return [
        {
            metric: median(
                [
                    ballot(chance, voter, thing, metric, misread=(person, place, metric) in misread)
                    for person, voter in enumerate(people)
                ]
            )
            for metric in Metric
        }
        for place, thing in enumerate(things)
    ]


def _paired(chance: random.Random, true: Mapping[Metric, float]) -> dict[Metric, float]:
    return {
        **true,
        Metric.REPRODUCIBILITY: TIMED_NUMBER if chance.random() < TIMED else HIGHEST,
        Metric.AFFECTED_USERS: _within(chance.gauss(true[Metric.DAMAGE], LOOSE)),
        Metric.DISCOVERABILITY: _within(chance.gauss(true[Metric.EXPLOITABILITY], LOOSE)),
    }


def _within(number: float) -> float:
    return min(max(number, LOWEST), HIGHEST)


def _mean(some: Sequence[QuickAgreement]) -> QuickAgreement:
    return QuickAgreement(
        own=statistics.fmean(one.own for one in some),
        full=statistics.fmean(one.full for one in some),
        later=statistics.fmean(one.later for one in some),
        one_off=statistics.fmean(one.one_off for one in some),
        further_off=statistics.fmean(one.further_off for one in some),
    )
