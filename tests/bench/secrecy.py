"""Whether a reader of all that is published about votes can become certain of someone's number.

Made-up panels vote once and, where they disagree, again. Then every assignment of the ballots to the people
known to have voted is tried, and every exchange of two people's numbers for one metric: those that lead to
the same publication are what a reader must hold possible. The reader is assumed to know more than is
published, the names of all who voted again, and has the file of events. A number is *certain* where it is
the same in all of them.

Two exceptions are unavoidable and counted apart. Where all numbers of a metric are equal, everyone's is
known. A voter who reads knows their own, so where all others are equal, theirs are known to this voter.
"""

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, permutations, product

import msgspec
from msgspec.structs import replace
from rich import box
from rich.table import Table

from bot.formats.exporters.history_export import AnonymizedHistory
from domain.dread.metrics import Ballot, BallotLength, Metric
from domain.dread.scoring import DisagreementTest, is_contested
from domain.events import BallotCast, Erased, RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.voting_round import RoundId
from domain.replay import replay
from domain.voting.scores import ranked_threats
from tests.bench.measurements import Say
from tests.domain.voting_story import RD1, RD2, VOTERS, Answers, play_both_votes

PEOPLE = (*VOTERS, PersonId("UEVE"))
TRIALS = {3: 400, 4: 80, 5: 12}
"""Panels of each size for the full count: of five, there are up to 14,400 assignments to try."""
OLD_TRIALS = 2_000
"""Panels of each size that are tried under the rule that this bot had before; that takes no enumeration."""
SEED = 12

Cast = Mapping[tuple[RoundId, PersonId], Ballot]


class SecrecyFigures(msgspec.Struct):
    """What came out for panels of one size; `certain` and `known` of `numbers`, by the reader.

    `unavoidable` are those of the exceptions: all, or all other, numbers of the metric are equal.
    """

    size: int
    panels: int = 0
    twice: int = 0
    numbers: int = 0
    certain: int = 0
    unavoidable: int = 0
    read_by_voters: int = 0
    certain_to_voters: int = 0
    unavoidable_to_voters: int = 0
    old_metrics: int = 0
    old_certain: int = 0


def study(say: Say, trials: Mapping[int, int] = TRIALS) -> list[SecrecyFigures]:
    """Let panels of each size vote, and try to find out who said what."""
    found: list[SecrecyFigures] = []
    for size, count in trials.items():
        told, said_at = SecrecyFigures(size), time.monotonic()
        for number in range(count):
            if not number or time.monotonic() - said_at > 2:
                said_at = time.monotonic()
                say(f"panels of {size}: {number} of {count}")
            one_panel(random.Random(f"{SEED}/{size}/{number}"), size, told)
        for number in range(OLD_TRIALS):
            old_rule(random.Random(f"{SEED}/{size}/{number}"), size, told)
        found.append(told)
    return found


def one_panel(chance: random.Random, size: int, told: SecrecyFigures) -> None:
    """One panel votes; count the numbers of which a reader can be certain."""
    events = voted(chance, size)
    actual = ballots_of(events)
    told.panels += 1
    told.twice += any(round == RD2 for round, _ in actual)
    possible = list(consistent(events, actual))
    shown = shown_numbers(events)
    for (round, person), ballot in actual.items():
        for metric in shown.get(round, ()):
            number = ballot.numbers.of(metric)
            if number is None:
                continue
            others = [one for (of, who), one in actual.items() if of == round and who != person]
            said = [given for other in others if (given := other.numbers.of(metric)) is not None]
            told.numbers += 1
            if _certain(possible, round, person, metric):
                told.certain += 1
                told.unavoidable += set(said) == {number}
            for reader in {who for _, who in actual} - {person}:
                told.read_by_voters += 1
                knowing = [one for one in possible if _same_for(reader, one, actual)]
                if _certain(knowing, round, person, metric):
                    told.certain_to_voters += 1
                    own = actual.get((round, reader))
                    rest = list(said)
                    if own is not None and (mine := own.numbers.of(metric)) is not None:
                        rest.remove(mine)
                    told.unavoidable_to_voters += set(rest) <= {number}


def voted(chance: random.Random, size: int) -> list[RecordedEvent]:
    """The events of a panel that disagrees on damage; some are missing, some leave, some vote again.

    Half of the panels have quick ballots, of which some request a follow-up.
    """
    panel = PEOPLE[:size]
    voters = [one for one in panel if chance.random() < 0.9]
    again = [one for one in panel if chance.random() < 0.7]
    gone = [one for one in panel if chance.random() < 0.1]
    later = [one for one in panel if one not in again and chance.random() < 0.5]
    first, second = answers(chance, voters), answers(chance, again)
    if chance.random() < 0.5:
        return play_both_votes(panel, first, second, gone, later)
    requesting = [voter for voter in voters if chance.random() < 0.2]
    return play_both_votes(panel, first, second, gone, later, BallotLength.QUICK, requesting)


def answers(chance: random.Random, people: Iterable[PersonId]) -> Answers:
    """Ballots that are far apart on damage and close on the rest; some numbers are missing."""
    return {
        person: (
            None if chance.random() < 0.05 else chance.choice((1, 2, 3, 5, 8, 9, 10)),
            *(None if chance.random() < 0.1 else chance.randint(4, 7) for _ in range(4)),
        )
        for person in people
    }


def ballots_of(events: Sequence[RecordedEvent]) -> dict[tuple[RoundId, PersonId], Ballot]:
    """The ballots that were cast, by round and voter."""
    return {(event.round, event.by): event.ballot for event in events if isinstance(event, BallotCast)}


def shown_numbers(events: Sequence[RecordedEvent]) -> dict[RoundId, tuple[Metric, ...]]:
    """The metrics of which each round shows numbers."""
    score = next(threat.score for threat in ranked_threats(replay(events)) if threat.threat.id == "TH-1")
    if score is None:
        return {}
    first = set(score.tally.numbers) | set(score.voted_again)
    return {
        RD1: tuple(metric for metric in Metric if metric in first),
        RD2: (*score.voted_again, *score.followed_up),
    }


def consistent(events: Sequence[RecordedEvent], actual: Cast) -> Iterator[Cast]:
    """Yield the ways to give ballots and numbers to those who voted that lead to the same publication."""
    known = published(events)
    for given in (*_orders_of_ballots(actual), *_exchanges_of_numbers(actual)):
        if published(with_ballots(events, given)) == known:
            yield given


def _orders_of_ballots(actual: Cast) -> Iterator[Cast]:
    first, second = ([(of, who) for of, who in actual if of == round] for round in (RD1, RD2))
    for one, other in product(
        _orders([actual[who] for who in first]), _orders([actual[who] for who in second])
    ):
        yield dict(zip((*first, *second), (*one, *other), strict=True))


def _exchanges_of_numbers(actual: Cast) -> Iterator[Cast]:
    """Yield the ballots with two numbers exchanged: no file holds the numbers of one ballot together."""
    for one, other in combinations(actual, 2):
        for metric in Metric:
            numbers = [actual[place].numbers.of(metric) for place in (one, other)]
            if one[0] == other[0] and numbers[0] != numbers[1]:
                yield {
                    **actual,
                    one: _with_number(actual[one], metric, numbers[1]),
                    other: _with_number(actual[other], metric, numbers[0]),
                }


def _with_number(ballot: Ballot, metric: Metric, number: int | None) -> Ballot:
    return replace(ballot, numbers=replace(ballot.numbers, **{metric.value: number}))


def with_ballots(events: Sequence[RecordedEvent], given: Cast) -> list[RecordedEvent]:
    """The same events with other ballots."""
    return [
        replace(event, ballot=given[event.round, event.by]) if isinstance(event, BallotCast) else event
        for event in events
    ]


def published(events: Sequence[RecordedEvent]) -> object:
    """All that anyone can read about the votes after the first one and at the end, the file included."""
    end_of_first = next((at for at, one in enumerate(events, start=1) if _ends(one)), len(events))
    told = [
        (ranked_threats(replay(past)), AnonymizedHistory(list(enumerate(past, start=1))).events())
        for past in (events[:end_of_first], events)
    ]
    return [(scores, [event for _, event in file]) for scores, file in told]


def old_rule(chance: random.Random, size: int, told: SecrecyFigures) -> None:
    """How it was before: who did not vote again kept the first number, and names were shown.

    Counted are contested metrics, and those in which someone's first number is certain beyond unanimity.
    """
    people = range(size)
    first = [chance.choice((1, 2, 3, 5, 8, 9, 10)) for _ in people]
    again = [person for person in people if chance.random() < 0.8]
    if not is_contested(first, DisagreementTest.THIRDS) or not again:
        return
    second = {one: chance.choice((1, 2, 3, 5, 8, 9, 10)) for one in again}
    kept = sorted(second.get(person, first[person]) for person in people)
    told.old_metrics += 1
    possible: dict[int, set[int]] = {person: set() for person in people}
    for guess in set(permutations(first)):
        rest = list(kept)
        try:
            for person in people:
                if person not in second:
                    rest.remove(guess[person])
        except ValueError:
            continue
        for person in people:
            possible[person].add(guess[person])
    told.old_certain += any(len(values) == 1 for values in possible.values())


def table_of(done: Sequence[SecrecyFigures]) -> Table:
    """What came out, in a form that the page of benchmarks takes as it is."""
    table = Table(title="Numbers that a reader can be certain of, beyond unanimous ones", box=box.MARKDOWN)
    for heading in ("Panel", "panels", "voted twice", "by a reader", "by a voter", "rule before"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in done:
        table.add_row(
            str(one.size),
            str(one.panels),
            str(one.twice),
            f"{one.certain - one.unavoidable} of {one.numbers:,}",
            f"{one.certain_to_voters - one.unavoidable_to_voters} of {one.read_by_voters:,}",
            f"{one.old_certain / max(1, one.old_metrics):.0%} of metrics",
        )
    return table


def _orders(ballots: Sequence[Ballot]) -> list[tuple[Ballot, ...]]:
    """The ballots in every order, each once."""
    return list({tuple(map(id, order)): order for order in permutations(ballots)}.values())


def _certain(possible: Sequence[Cast], round: RoundId, person: PersonId, metric: Metric) -> bool:
    return len({one[round, person].numbers.of(metric) for one in possible}) == 1


def _same_for(reader: PersonId, one: Cast, actual: Cast) -> bool:
    return all(one[place] == ballot for place, ballot in actual.items() if place[1] == reader)


def _ends(event: RecordedEvent) -> bool:
    return not isinstance(event, Erased) and type(event).__name__ == "RoundClosed"
