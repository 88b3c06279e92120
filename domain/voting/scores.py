"""Results of closed rounds: scores, results that stay sealed, the ranking, the yardsticks."""

from collections.abc import Sequence

import msgspec

from domain.dread.metrics import Ballot, Discoverability, Metric, Numbers
from domain.dread.scoring import Tally, count_ballots, is_shown
from domain.kernel.elements import PersonId
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.threat import Threat, ThreatId
from domain.kernel.voting_round import Round, RoundEndCause, RoundId, RoundKind
from domain.model import ThreatModel, id_order
from domain.voting.turnout import ballots_by_threat, minimum_quorum


class PublishedExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a number was the lowest or the highest of its metric; `by` only where they agreed."""

    metric: Metric
    text: str
    by: PersonId | None = None


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What a closed round made of its ballots on one threat; nobody stands in it by name.

    `reasons` come in the order of the alphabet, so that their order says nothing of their authors;
    `voted_again` are the metrics of which a second vote is in here, `to_vote_again` those of an open one,
    `sealed_again` those of one that too few took part in, so that the first result stands.
    """

    round: RoundId
    tally: Tally
    cause: RoundEndCause
    discoverability: Discoverability
    rubric: int
    reasons: tuple[str, ...] = ()
    explained: tuple[PublishedExplanation, ...] = ()
    voted_again: tuple[Metric, ...] = ()
    to_vote_again: tuple[Metric, ...] = ()
    sealed_again: tuple[Metric, ...] = ()


class SealedResult(msgspec.Struct, frozen=True, kw_only=True):
    """A closed round that shows no number of a threat: too few gave one.

    `voted` of the `panel` cast a ballot on it; a metric is shown from `needed` numbers on.
    """

    round: RoundId
    kind: RoundKind
    voted: int
    panel: int
    needed: int


class RankedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat with its place among the scored ones (1 is the worst) and its scores.

    `sealed` is its latest round, where that shows no number.
    """

    threat: Threat
    rank: int | None = None
    score: Score | None = None
    residual: Score | None = None
    sealed: SealedResult | None = None


class Yardstick(msgspec.Struct, frozen=True, kw_only=True):
    """A scored threat that others are measured by."""

    threat: ThreatId
    title: str
    medians: dict[Metric, float]


def ranked_threats(model: ThreatModel) -> tuple[RankedThreat, ...]:
    """All threats: those with a score by band, mean and Damage, the worst first, then the rest by id."""
    scores, residuals = scores_of(model, RoundKind.INITIAL), scores_of(model, RoundKind.RESIDUAL)
    sealed = sealed_results(model)
    threats = sorted(values_of(model.threats), key=lambda one: _place(one, scores.get(one.id)))
    return tuple(
        RankedThreat(
            threat=threat,
            rank=rank if threat.id in scores else None,
            score=scores.get(threat.id),
            residual=residuals.get(threat.id),
            sealed=sealed.get(threat.id),
        )
        for rank, threat in enumerate(threats, start=1)
    )


def scores_of(model: ThreatModel, kind: RoundKind = RoundKind.INITIAL) -> dict[ThreatId, Score]:
    """The score of each threat that has one, from the last round of that kind that shows one."""
    again = {one.revote_of: one for one in values_of(model.rounds) if one.revote_of is not None}
    scores: dict[ThreatId, Score] = {}
    for one in _first_votes(model):
        if one.kind is kind:
            scores.update(scores_of_round(model, one, again.get(one.id)))
    return scores


def sealed_results(model: ThreatModel) -> dict[ThreatId, SealedResult]:
    """The latest round of each threat, where it is over and shows no number of the threat."""
    latest: dict[ThreatId, SealedResult | None] = {}
    for one in _first_votes(model):
        if one.ending is not None:
            sealed = sealed_in_round(model, one)
            latest.update({threat: sealed.get(threat) for threat in one.ending.threats})
    return {threat: one for threat, one in latest.items() if one is not None}


def sealed_in_round(model: ThreatModel, one: Round) -> dict[ThreatId, SealedResult]:
    """The threats of a closed first vote of which it shows no number."""
    if one.ending is None:
        return {}
    cast, shown = ballots_by_threat(model, one), scores_of_round(model, one, None)
    return {
        threat: SealedResult(
            round=one.id,
            kind=one.kind,
            voted=len(cast[threat]),
            panel=len(one.voters),
            needed=minimum_quorum(len(one.voters)),
        )
        for threat in one.ending.threats
        if threat not in shown
    }


def scores_of_round(model: ThreatModel, one: Round, again: Round | None) -> dict[ThreatId, Score]:
    """Return the published scores of a round, with the second vote on its contested metrics.

    This is the only place where the numbers of ballots become something that is shown. Whatever the cause,
    a metric is shown from as many numbers on as three, or the whole panel of the first vote if it is smaller.
    """
    if one.ending is None:
        return {}
    cast = ballots_by_threat(model, one)
    cast_again = ballots_by_threat(model, again) if again else {}
    enough = minimum_quorum(len(one.voters))
    scores: dict[ThreatId, Score] = {}
    for threat in one.ending.threats:
        first = [*cast[threat].values()]
        revoted = again.asked(threat) if again else ()
        is_over = again is not None and again.ending is not None and threat in again.ending.threats
        second = [*cast_again[threat].values()] if is_over else []
        numbers = [ballot.numbers for ballot in second]
        counted = tuple(metric for metric in revoted if _is_shown(numbers, metric, enough))
        tally = count_ballots(
            [ballot.numbers for ballot in first],
            one.discoverability,
            fewest=enough,
            again=dict.fromkeys(counted, numbers),
        )
        if tally is None:
            continue
        scores[threat] = Score(
            round=one.id,
            tally=tally,
            cause=one.ending.cause,
            discoverability=one.discoverability,
            rubric=one.rubric,
            reasons=_reasons(first, second, enough),
            explained=_explained(model, one.id, threat, tuple(tally.medians)),
            voted_again=counted,
            to_vote_again=revoted if again and again.ending is None else (),
            sealed_again=tuple(metric for metric in revoted if metric not in counted)
            if again and again.ending
            else (),
        )
    return scores


def yardsticks(model: ThreatModel, scores: dict[ThreatId, Score]) -> tuple[Yardstick, ...]:
    """The threats marked as reference that still are there, with their medians."""
    return tuple(
        Yardstick(threat=id, title=model.threats[id].title, medians=scores[id].tally.medians)
        for id in sorted(model.yardsticks, key=id_order)
        if id in model.threats and id in scores
    )


def _first_votes(model: ThreatModel) -> list[Round]:
    """The rounds that are no second votes, the earliest first."""
    return sorted(
        (one for one in values_of(model.rounds) if one.revote_of is None), key=lambda one: id_order(one.id)
    )


def _is_shown(ballots: Sequence[Numbers], metric: Metric, enough: int) -> bool:
    return is_shown([number for one in ballots if (number := one.of(metric)) is not None], enough)


def _reasons(first: Sequence[Ballot], second: Sequence[Ballot], enough: int) -> tuple[str, ...]:
    """The reasons of votes in which enough took part: those of fewer would not be without a name."""
    said = [ballot.reason for vote in (first, second) if len(vote) >= enough for ballot in vote]
    return tuple(sorted({reason for reason in said if reason}))


def _explained(
    model: ThreatModel, round: RoundId, threat: ThreatId, metrics: tuple[Metric, ...]
) -> tuple[PublishedExplanation, ...]:
    said = [
        PublishedExplanation(metric=metric, text=one.text, by=person if one.named else None)
        for (about, subject, metric, person), one in items_of(model.explanations)
        if (about, subject) == (round, threat) and metric in metrics
    ]
    return tuple(sorted(said, key=lambda one: (tuple(Metric).index(one.metric), one.text, one.by or "")))


def _place(threat: Threat, score: Score | None) -> tuple[float, ...]:
    if score is None:
        return (1, *id_order(threat.id))
    tally = score.tally
    damage = tally.medians.get(Metric.DAMAGE, 0)
    return (0, -tally.band.order, -tally.mean, -damage, *id_order(threat.id))
