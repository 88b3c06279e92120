"""A voter's own lowest or highest numbers of contested metrics, shown only to that voter."""

import msgspec

from domain.dread.metrics import Metric
from domain.dread.scoring import is_shown
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel
from domain.voting.turnout import ballots_by_threat, minimum_quorum


class Extreme(msgspec.Struct, frozen=True, kw_only=True):
    """A contested metric for which a voter gave the lowest or highest number; shown to that voter only."""

    round: RoundId
    threat: ThreatId
    metric: Metric
    number: int


def extremes_of(model: ThreatModel, person: PersonId) -> tuple[Extreme, ...]:
    """Return the contested metrics that a voter is asked to explain while they are voted on again."""
    return tuple(
        extreme
        for again in model.open_rounds()
        if again.revote_of is not None and (one := model.rounds.get(again.revote_of)) is not None
        for ask in again.asks
        for metric in ask.metrics
        if (extreme := _extreme(model, one, ask.threat, metric, person)) is not None
    )


def _extreme(
    model: ThreatModel, one: Round, threat: ThreatId, metric: Metric, person: PersonId
) -> Extreme | None:
    cast = ballots_by_threat(model, one).get(threat, {})
    given = {who: number for who, ballot in cast.items() if (number := ballot.numbers.of(metric)) is not None}
    number = given.get(person)
    if number is None or not is_shown([*given.values()], minimum_quorum(len(one.voters))):
        return None
    if number not in (min(given.values()), max(given.values())):
        return None
    return Extreme(round=one.id, threat=threat, metric=metric, number=number)
