"""What closed rounds say of the threats: scores, their order, and the yardsticks."""

import msgspec

from domain.dread.metrics import Ballot, Discoverability, Metric, Numbers
from domain.dread.scoring import Tally, tallied
from domain.elements import PersonId
from domain.model import ThreatModel, id_order
from domain.own_threats import Threat, ThreatId
from domain.rounds import Cause, Round, RoundId, RoundKind
from domain.voting import ballots_by_threat


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """Why a number was the lowest or the highest of its metric; `by` only where they agreed."""

    metric: Metric
    text: str
    by: PersonId | None = None


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What a closed round made of its ballots on one threat; nobody stands in it by name.

    `reasons` come in the order of the alphabet, so that their order says nothing of their authors;
    `voted_again` are the metrics of which a second vote is in here, `to_vote_again` those of an open one.
    """

    round: RoundId
    tally: Tally
    cause: Cause
    discoverability: Discoverability
    rubric: int
    reasons: tuple[str, ...] = ()
    explained: tuple[Explained, ...] = ()
    voted_again: tuple[Metric, ...] = ()
    to_vote_again: tuple[Metric, ...] = ()


class RankedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat with its place among the scored ones (1 is the worst) and its scores."""

    threat: Threat
    rank: int | None = None
    score: Score | None = None
    residual: Score | None = None


class Yardstick(msgspec.Struct, frozen=True, kw_only=True):
    """A scored threat that others are measured by."""

    threat: ThreatId
    title: str
    medians: dict[Metric, float]


class Extreme(msgspec.Struct, frozen=True, kw_only=True):
    """A contested metric of which somebody gave the lowest or the highest number, for their own eyes."""

    round: RoundId
    threat: ThreatId
    metric: Metric
    number: int


def ranked_threats(model: ThreatModel) -> tuple[RankedThreat, ...]:
    """All threats: those with a score by band, mean and Damage, the worst first, then the rest by id."""
    scores, residuals = scores_of(model, RoundKind.INITIAL), scores_of(model, RoundKind.RESIDUAL)
    threats = sorted(model.threats.values(), key=lambda one: _place(one, scores.get(one.id)))
    return tuple(
        RankedThreat(
            threat=threat,
            rank=rank if threat.id in scores else None,
            score=scores.get(threat.id),
            residual=residuals.get(threat.id),
        )
        for rank, threat in enumerate(threats, start=1)
    )


def scores_of(model: ThreatModel, kind: RoundKind = RoundKind.INITIAL) -> dict[ThreatId, Score]:
    """The score of each threat that has one, from the last round of that kind in which it was counted."""
    again = {one.revote_of: one for one in model.rounds.values() if one.revote_of is not None}
    counted = [one for one in model.rounds.values() if one.kind is kind and one.revote_of is None]
    scores: dict[ThreatId, Score] = {}
    for one in sorted(counted, key=lambda one: id_order(one.id)):
        scores.update(scores_of_round(model, one, again.get(one.id)))
    return scores


def scores_of_round(model: ThreatModel, one: Round, again: Round | None) -> dict[ThreatId, Score]:
    """What a round led to, together with the second vote on what was contested in it."""
    if one.ending is None:
        return {}
    cast = ballots_by_threat(model, one)
    cast_again = ballots_by_threat(model, again) if again else {}
    scores: dict[ThreatId, Score] = {}
    for threat in one.ending.threats:
        ballots = cast[threat]
        revoted = again.asked(threat) if again else ()
        counted = bool(again and again.ending and threat in again.ending.threats)
        if counted:
            ballots = {**ballots, **_second(ballots, cast_again[threat], revoted)}
        tally = tallied([ballot.numbers for ballot in ballots.values()], one.discoverability)
        if tally is None:
            continue
        said = [*cast[threat].values(), *(cast_again[threat].values() if counted else ())]
        scores[threat] = Score(
            round=one.id,
            tally=tally,
            cause=one.ending.cause,
            discoverability=one.discoverability,
            rubric=one.rubric,
            reasons=tuple(sorted({ballot.reason for ballot in said if ballot.reason})),
            explained=_explained(model, one.id, threat),
            voted_again=revoted if counted else (),
            to_vote_again=revoted if again and again.ending is None else (),
        )
    return scores


def yardsticks(model: ThreatModel, scores: dict[ThreatId, Score]) -> tuple[Yardstick, ...]:
    """The threats marked as reference that still are there, with their medians."""
    return tuple(
        Yardstick(threat=id, title=model.threats[id].title, medians=scores[id].tally.medians)
        for id in sorted(model.yardsticks, key=id_order)
        if id in model.threats and id in scores
    )


def extremes_of(model: ThreatModel, person: PersonId) -> tuple[Extreme, ...]:
    """Where somebody is asked why: contested metrics, while they are voted again."""
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
    if number is None or number not in (min(given.values()), max(given.values())):
        return None
    return Extreme(round=one.id, threat=threat, metric=metric, number=number)


def _second(
    first: dict[PersonId, Ballot], second: dict[PersonId, Ballot], metrics: tuple[Metric, ...]
) -> dict[PersonId, Ballot]:
    """The ballots of those who voted again; who did not keeps the first number."""
    return {
        person: Ballot(
            numbers=Numbers(
                **{
                    metric.value: (ballot if metric in metrics else first[person]).numbers.of(metric)
                    for metric in Metric
                    if metric in metrics or person in first
                }
            )
        )
        for person, ballot in second.items()
    }


def _explained(model: ThreatModel, round: RoundId, threat: ThreatId) -> tuple[Explained, ...]:
    said = [
        Explained(metric=metric, text=one.text, by=person if one.named else None)
        for (about, subject, metric, person), one in model.explanations.items()
        if (about, subject) == (round, threat)
    ]
    return tuple(sorted(said, key=lambda one: (tuple(Metric).index(one.metric), one.text, one.by or "")))


def _place(threat: Threat, score: Score | None) -> tuple[float, ...]:
    if score is None:
        return (1, *id_order(threat.id))
    tally = score.tally
    damage = tally.medians.get(Metric.DAMAGE, 0)
    return (0, -tally.band.order, -tally.mean, -damage, *id_order(threat.id))
