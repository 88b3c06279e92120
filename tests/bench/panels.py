"""Whether blind votes, medians and a second vote help: panels of made-up people against a known truth."""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import msgspec
from rich import box
from rich.console import Group
from rich.table import Table

from domain.dread.metrics import Metric
from domain.dread.scoring import DisagreementTest, band_of, is_contested, median
from tests.bench.measurements import Say
from tests.bench.quick_panels import Outcomes, quick_table, study_quick_ballots
from tests.bench.simulated_voters import (
    Misread,
    Threat,
    Voter,
    after_explanations,
    ballot,
    kendall,
    misreadings,
    panel,
    swayed,
    threats,
)

SIZES = (3, 5, 8, 12)
PANELS = 500
"""Of each size; every one scores threats of its own, twice."""
THREATS = 20
SEED = 4

METHODS = ("one scorer", "open mean", "blind mean", "blind median", "by thirds again", "middle half again")
"""The last two are blind medians, after a second vote on what is contested by each of two tests."""

Numbers = dict[tuple[int, Metric], list[int]]
"""The numbers of a panel, one for each voter, by threat and metric."""


class RankAgreement(msgspec.Struct, frozen=True):
    """How far a method's order agrees with the true one, and with the same panel's a month later."""

    size: int
    method: str
    true: float
    later: float


class SecondVotes(msgspec.Struct):
    """The second votes of panels of one size: on which part of the metrics, and what they mended.

    An error is how far the median of a metric lies from what is true.
    """

    shares: list[float] = []
    before: list[float] = []
    after: list[float] = []


class StudyResult(msgspec.Struct, frozen=True):
    """What came out, and what it took: second votes by size and method, and quick ballots."""

    outcomes: list[RankAgreement]
    seconds: dict[tuple[int, str], SecondVotes]
    quick: Outcomes


def study(say: Say) -> StudyResult:
    """Let every panel score its threats, and score them again a month later; the same each time."""
    outcomes: list[RankAgreement] = []
    seconds: defaultdict[tuple[int, str], SecondVotes] = defaultdict(SecondVotes)
    for size in SIZES:
        taus: dict[str, list[tuple[float, float]]] = defaultdict(list)
        said_at = time.monotonic()
        for number in range(PANELS):
            if not number or time.monotonic() - said_at > 2:
                said_at = time.monotonic()
                say(f"panels of {size}: {number} of {PANELS}")
            for method, pair in one_panel(random.Random(f"{SEED}/{size}/{number}"), size, seconds).items():
                taus[method].append(pair)
        outcomes += [
            RankAgreement(
                size,
                method,
                true=statistics.fmean(true for true, _ in taus[method]),
                later=statistics.fmean(later for _, later in taus[method]),
            )
            for method in METHODS
        ]
    return StudyResult(outcomes, seconds, study_quick_ballots(say))


def one_panel(
    chance: random.Random, size: int, seconds: Mapping[tuple[int, str], SecondVotes]
) -> Mapping[str, tuple[float, float]]:
    """Both agreements of each method for one panel; notes what it would vote on again."""
    things, people = threats(chance, THREATS), panel(chance, size)
    truth = [status(threat.true) for threat in things]
    misread = misreadings(chance, size, THREATS)
    now = orders(chance, things, people, misread, seconds)
    month_later = misreadings(chance, size, THREATS, before=misread)
    later = orders(chance, things, people, month_later, seconds)
    return {method: (kendall(truth, now[method]), kendall(now[method], later[method])) for method in METHODS}


def orders(
    chance: random.Random,
    things: Sequence[Threat],
    people: Sequence[Voter],
    misread: Misread,
    seconds: Mapping[tuple[int, str], SecondVotes],
) -> Mapping[str, list[tuple[float, ...]]]:
    """Where each method puts each threat."""
    blind: Numbers = {
        (place, metric): [
            ballot(chance, voter, threat, metric, misread=(person, place, metric) in misread)
            for person, voter in enumerate(people)
        ]
        for place, threat in enumerate(things)
        for metric in Metric
    }
    loud = chance.randrange(len(people))
    aloud = {
        about: [swayed(voter, own, numbers[loud]) for voter, own in zip(people, numbers, strict=True)]
        for about, numbers in blind.items()
    }
    second: Numbers = {
        (place, metric): [
            ballot(
                chance,
                voter,
                things[place],
                metric,
                misread=after_explanations(chance, misread=(person, place, metric) in misread),
            )
            for person, voter in enumerate(people)
        ]
        for place, metric in blind
    }
    medians = {
        method: twice(things, blind, second, disputed, seconds[len(people), method])
        for method, disputed in DISPUTED.items()
    }
    return {
        "one scorer": placed(blind, lambda numbers: numbers[loud]),
        "open mean": placed(aloud, statistics.fmean),
        "blind mean": placed(blind, statistics.fmean),
        "blind median": placed(blind, median),
        **medians,
    }


def twice(
    things: Sequence[Threat],
    first: Numbers,
    second: Numbers,
    disputed: Callable[[Sequence[int]], bool],
    noted: SecondVotes,
) -> list[tuple[float, ...]]:
    """Where the threats stand when what is disputed counts as it was voted the second time."""
    again = {about: second[about] for about, numbers in first.items() if disputed(numbers)}
    noted.shares.append(len(again) / len(first))
    for place, metric in again:
        true = things[place].true[metric]
        noted.before.append(abs(median(first[place, metric]) - true))
        noted.after.append(abs(median(second[place, metric]) - true))
    return placed(first | again, median)


def placed(ballots: Numbers, middle: Callable[[list[int]], float]) -> list[tuple[float, ...]]:
    """Where the threats stand when the numbers of each metric are made one by `middle`."""
    return [status({metric: middle(ballots[place, metric]) for metric in Metric}) for place in range(THREATS)]


def status(numbers: Mapping[Metric, float]) -> tuple[float, ...]:
    """What threats are ranked by: the band, then the mean, then Damage."""
    return band_of(numbers)[0].order, sum(numbers.values()) / len(numbers), numbers[Metric.DAMAGE]


DISPUTED: Mapping[str, Callable[[Sequence[int]], bool]] = {
    "by thirds again": lambda numbers: is_contested(numbers, DisagreementTest.THIRDS),
    "middle half again": is_contested,
}


def table_of(done: StudyResult) -> Group:
    """What came out, in a form that the page of benchmarks takes as it is."""
    return Group(_second_vote_table(done), quick_table(done.quick))


def _second_vote_table(done: StudyResult) -> Table:
    table = Table(title="Kendall's τ with the true order / with the same panel's later", box=box.MARKDOWN)
    table.add_column("Scored by", no_wrap=True)
    for size in SIZES:
        table.add_column(f"{size} voters", justify="right", no_wrap=True)
    found = {(outcome.size, outcome.method): outcome for outcome in done.outcomes}
    for method in METHODS:
        cells = [found[size, method] for size in SIZES]
        table.add_row(method, *(f"{cell.true:.2f} / {cell.later:.2f}" for cell in cells))
    for method in DISPUTED:
        votes = [done.seconds[size, method] for size in SIZES]
        name = method.removesuffix(" again")
        table.add_row(f"{name}: share", *(f"{statistics.fmean(vote.shares):.0%}" for vote in votes))
        errors = [(statistics.fmean(vote.before), statistics.fmean(vote.after)) for vote in votes]
        table.add_row(f"{name}: error", *(f"{before:.2f} → {after:.2f}" for before, after in errors))
    return table
