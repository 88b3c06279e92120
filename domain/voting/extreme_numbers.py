"""A voter's own numbers that are far from those of the others, shown only to that voter."""

from collections.abc import Iterator

import msgspec

from domain.dread.metrics import Metric
from domain.dread.scoring import DisagreementTest, is_far_from_median
from domain.kernel.elements import PersonId
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel, id_order
from domain.voting.published_votes import published_vote


class Extreme(msgspec.Struct, frozen=True, kw_only=True):
    """A number that its voter is asked to explain; shown to that voter only."""

    round: RoundId
    threat: ThreatId
    metric: Metric
    number: int


def extremes_of(model: ThreatModel, person: PersonId) -> tuple[Extreme, ...]:
    """Return the numbers that a voter is asked to explain.

    They are the lowest and highest ones of contested metrics, while these are voted on again, and those far
    from the median, until the threat is voted on in a new round.
    """
    found = dict.fromkeys((*_contested(model, person), *_far_from_median(model, person)))
    return tuple(sorted(found, key=lambda one: (id_order(one.round), id_order(one.threat))))


def _contested(model: ThreatModel, person: PersonId) -> Iterator[Extreme]:
    second_votes = [
        (one, again)
        for again in model.open_rounds()
        if again.revote_of is not None and (one := model.rounds.get(again.revote_of)) is not None
    ]
    for one, again in second_votes:
        for ask in again.asks:
            for metric in ask.metrics:
                given = _shown_numbers(model, one, ask.threat, metric)
                if given.get(person) in _ends(given):
                    yield _extreme(one, ask.threat, metric, given[person])


def _far_from_median(model: ThreatModel, person: PersonId) -> Iterator[Extreme]:
    for threat, one in _latest_votes(model).items():
        if one.ending is None or one.test is DisagreementTest.THIRDS or threat not in one.ending.threats:
            continue
        if (one.id, threat, person) not in model.ballots:
            continue
        for metric in one.asked(threat):
            given = _shown_numbers(model, one, threat, metric)
            if person in given and is_far_from_median(given[person], [*given.values()]):
                yield _extreme(one, threat, metric, given[person])


def _latest_votes(model: ThreatModel) -> dict[ThreatId, Round]:
    """Return the latest first vote on each threat that still exists."""
    firsts = (value for value in values_of(model.rounds) if value.revote_of is None)
    ordered = sorted(firsts, key=lambda first: id_order(first.id))
    return {ask.threat: one for one in ordered for ask in one.asks if ask.threat in model.threats}


def _shown_numbers(model: ThreatModel, one: Round, threat: ThreatId, metric: Metric) -> dict[PersonId, int]:
    """Return the numbers of a metric by voter, if the metric is shown at all."""
    vote = published_vote(model, one.id, threat)
    if vote is None or metric not in vote.votes:
        return {}
    cast = ((who, model.ballots.get((one.id, threat, who))) for who in one.voters)
    return {
        who: number
        for who, ballot in cast
        if ballot is not None and (number := ballot.numbers.of(metric)) is not None
    }


def _ends(given: dict[PersonId, int]) -> tuple[int, ...]:
    return (min(given.values()), max(given.values())) if given else ()


def _extreme(one: Round, threat: ThreatId, metric: Metric, number: int) -> Extreme:
    return Extreme(round=one.id, threat=threat, metric=metric, number=number)
