"""Made-up people who score made-up threats, so that there is a truth to compare their panels with."""

import random
from collections.abc import Sequence

import msgspec

from domain.dread.metrics import HIGHEST, LOWEST, Metric

ANCHORS = (1, 3, 5, 8, 10)
"""The numbers that the rubric describes; half of all ballots are drawn to one of them."""

TASTE, METRIC_TASTE, NOISE = 0.8, 0.6, 1.1
"""Standard deviations: how strict somebody is, how strict on one metric, and how a mood changes a number."""

MISREAD, STILL_MISREAD = 0.12, 0.5
"""How often somebody thinks of another attack than is meant, and still does a month later."""

CARELESS, CARELESS_NUMBERS = 0.12, 0.5
"""How many people do not think much, and how many of their numbers come from nowhere."""

FOLLOWERS, PULL = 0.6, 0.6
"""How many follow the first voice that they hear, and how far they go towards it."""

EXPLAINED, TALKED_OUT = 0.6, 0.1
"""After a sentence from each extreme: how many who misread see what is meant, and how many see it no more."""


class Threat(msgspec.Struct, frozen=True):
    """What is true of a threat, and what somebody takes it for who thinks of another attack."""

    true: dict[Metric, float]
    misread: dict[Metric, float]


class Voter(msgspec.Struct, frozen=True):
    """Somebody with their own idea of the scale."""

    strict: dict[Metric, float]
    careless: bool
    follows: bool


Misread = frozenset[tuple[int, int, Metric]]
"""Which voter misreads which threat in which metric, by their places."""


def threats(chance: random.Random, count: int) -> list[Threat]:
    """Threats from harmless to terrible; the metrics of each go together somewhat."""

    def numbers(severity: float) -> dict[Metric, float]:
        return {metric: _within(chance.gauss(severity, 2.0)) for metric in Metric}

    return [
        Threat(true=numbers(chance.uniform(2, 9)), misread=numbers(chance.uniform(2, 9)))
        for _ in range(count)
    ]


def panel(chance: random.Random, size: int) -> list[Voter]:
    """As many people as asked for, some of them careless, some of them followers."""

    def person() -> Voter:
        strict = chance.gauss(0, TASTE)
        return Voter(
            strict={metric: strict + chance.gauss(0, METRIC_TASTE) for metric in Metric},
            careless=chance.random() < CARELESS,
            follows=chance.random() < FOLLOWERS,
        )

    return [person() for _ in range(size)]


def misreadings(chance: random.Random, people: int, count: int, before: Misread = frozenset()) -> Misread:
    """Who misreads what: some anew, and some as they did `before`; explanations are forgotten meanwhile."""
    fresh = MISREAD * (1 - STILL_MISREAD) if before else MISREAD
    return frozenset(
        one
        for person in range(people)
        for threat in range(count)
        for metric in Metric
        if ((one := (person, threat, metric)) in before and chance.random() < STILL_MISREAD)
        or chance.random() < fresh
    )


def ballot(chance: random.Random, voter: Voter, threat: Threat, metric: Metric, *, misread: bool) -> int:
    """A number that somebody gives when nobody talks to them."""
    if voter.careless and chance.random() < CARELESS_NUMBERS:
        return chance.randint(LOWEST, HIGHEST)
    seen = (threat.misread if misread else threat.true)[metric]
    number = _within(seen + voter.strict[metric] + chance.gauss(0, NOISE))
    if chance.random() < 0.5:
        return min(ANCHORS, key=lambda anchor: abs(anchor - number))
    return round(number)


def swayed(voter: Voter, own: int, loud: int) -> int:
    """The number that somebody says aloud after the first one was said."""
    return round(own + PULL * (loud - own)) if voter.follows else own


def after_explanations(chance: random.Random, *, misread: bool) -> bool:
    """Whether somebody still, or now, misreads a threat, once the extremes were explained."""
    return chance.random() >= EXPLAINED if misread else chance.random() < TALKED_OUT


def kendall(one: Sequence[tuple[float, ...]], other: Sequence[tuple[float, ...]]) -> float:
    """How far two orders agree: 1 the same, 0 no more than by chance (tau-b, which counts ties)."""
    agree = tied_one = tied_other = pairs = 0
    for first in range(len(one)):
        for second in range(first):
            here = (one[first] > one[second]) - (one[first] < one[second])
            there = (other[first] > other[second]) - (other[first] < other[second])
            agree += here * there
            tied_one += not here
            tied_other += not there
            pairs += 1
    return agree / ((pairs - tied_one) * (pairs - tied_other)) ** 0.5


def _within(number: float) -> float:
    return min(max(number, LOWEST), HIGHEST)
