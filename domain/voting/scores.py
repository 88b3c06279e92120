"""Results of closed rounds: scores, sealed results, ranking and yardsticks."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from domain.dread.metrics import Ballot, BallotLength, Discoverability, Metric
from domain.dread.scoring import Band, Tally, count_ballots
from domain.kernel.elements import PersonId
from domain.kernel.latest_results import keep_latest
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.threat import Threat, ThreatId
from domain.kernel.voting_round import Round, RoundEndCause, RoundId, RoundKind
from domain.model import ThreatModel, id_order
from domain.voting.second_vote_metrics import SecondVote
from domain.voting.turnout import ballots_by_threat, minimum_quorum


class PublishedExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """A published reason for the lowest or highest number of a metric; `by` only with the voter's consent."""

    metric: Metric
    text: str
    by: PersonId | None = None


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The published result of a closed round for one threat, without names.

    `reasons` are in alphabetical order, so that the order reveals nothing about their authors;
    `voted_again` are the metrics with a second vote, `to_vote_again` those with an open second vote,
    `sealed_again` those whose second vote had too few ballots, so that the first result stands. In the same
    way, `followed_up`, `to_follow_up` and `sealed_follow_up` are the metrics that quick ballots left out.
    """

    round: RoundId
    tally: Tally
    cause: RoundEndCause
    discoverability: Discoverability
    rubric: int
    length: BallotLength = BallotLength.FULL
    reasons: tuple[str, ...] = ()
    explained: tuple[PublishedExplanation, ...] = ()
    voted_again: tuple[Metric, ...] = ()
    to_vote_again: tuple[Metric, ...] = ()
    sealed_again: tuple[Metric, ...] = ()
    followed_up: tuple[Metric, ...] = ()
    to_follow_up: tuple[Metric, ...] = ()
    sealed_follow_up: tuple[Metric, ...] = ()


class SealedResult(msgspec.Struct, frozen=True, kw_only=True):
    """A closed round with too few numbers on a threat to show any of them.

    `voted` of the `panel` cast a ballot on it; a metric is shown from `needed` numbers on, and a quick ballot
    counts only with both of its metrics.
    """

    round: RoundId
    kind: RoundKind
    voted: int
    panel: int
    needed: int
    length: BallotLength = BallotLength.FULL


class RankedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat with its rank among the scored ones (1 is the worst) and its scores.

    `sealed` is its latest round, where that shows no number.
    """

    threat: Threat
    rank: int | None = None
    score: Score | None = None
    residual: Score | None = None
    sealed: SealedResult | None = None


class Yardstick(msgspec.Struct, frozen=True, kw_only=True):
    """A scored threat that serves as a reference for others."""

    threat: ThreatId
    title: str
    medians: dict[Metric, float]


def ranked_threats(model: ThreatModel) -> tuple[RankedThreat, ...]:
    """Return all threats: scored ones by band, mean and Damage, the worst first, then the others by id.

    Derived numbers only order threats that these leave equal.
    """
    scores, residuals = scores_of(model, RoundKind.INITIAL), scores_of(model, RoundKind.RESIDUAL)
    sealed = sealed_results(model)
    threats = in_order_of_scores(values_of(model.threats), scores)
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


@keep_latest(8)  # gates, ranking and next step each need the scores of the same model
def scores_of(model: ThreatModel, kind: RoundKind = RoundKind.INITIAL) -> Mapping[ThreatId, Score]:
    """Return the score of each threat from the last round of a kind that shows one."""
    again = {one.revote_of: one for one in values_of(model.rounds) if one.revote_of is not None}
    scores: dict[ThreatId, Score] = {}
    for one in _first_votes(model):
        if one.kind is kind:
            scores.update(scores_of_round(model, one, again.get(one.id)))
    return scores


def bands_of(model: ThreatModel) -> dict[ThreatId, Band]:
    """Return the severity band of each scored threat."""
    return {id: score.tally.band for id, score in scores_of(model).items()}


def sealed_results(model: ThreatModel) -> dict[ThreatId, SealedResult]:
    """Return the threats whose latest round is closed and shows no number."""
    latest: dict[ThreatId, SealedResult | None] = {}
    for one in _first_votes(model):
        if one.ending is not None:
            sealed = sealed_in_round(model, one)
            latest.update({threat: sealed.get(threat) for threat in one.ending.threats})
    return {threat: one for threat, one in latest.items() if one is not None}


def sealed_in_round(model: ThreatModel, one: Round) -> dict[ThreatId, SealedResult]:
    """Return the threats of a closed first vote without any shown number."""
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
            length=one.length_of(threat),
        )
        for threat in one.ending.threats
        if threat not in shown
    }


def scores_of_round(model: ThreatModel, one: Round, again: Round | None) -> dict[ThreatId, Score]:
    """Return the published scores of a round, with the second vote on its contested metrics.

    This is the only place where numbers of ballots are published. Whatever the cause of the end,
    a metric is shown only with at least three numbers, or the whole panel of the first vote if smaller.
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
        vote = SecondVote.of(one.asked(threat), revoted, [ballot.numbers for ballot in second], enough)
        tally = count_ballots(
            [ballot.numbers for ballot in first],
            one.discoverability,
            fewest=enough,
            again=dict.fromkeys((*vote.repeated, *vote.followed_up), vote.numbers),
            length=one.length_of(threat),
            derived=one.ending.derived_of(threat),
            test=one.test,
        )
        if tally is None:
            continue
        is_open = again is not None and again.ending is None
        is_closed = again is not None and again.ending is not None
        scores[threat] = Score(
            round=one.id,
            tally=tally,
            cause=one.ending.cause,
            discoverability=one.discoverability,
            rubric=one.rubric,
            length=one.length_of(threat),
            reasons=_reasons(first, second, enough),
            explained=_explained(model, one.id, threat, tuple(tally.medians)),
            voted_again=vote.repeated,
            to_vote_again=vote.to_repeat if is_open else (),
            sealed_again=_without(vote.to_repeat, vote.repeated) if is_closed else (),
            followed_up=vote.followed_up,
            to_follow_up=vote.to_follow_up if is_open else (),
            sealed_follow_up=_without(vote.to_follow_up, vote.followed_up) if is_closed else (),
        )
    return scores


def yardsticks(model: ThreatModel, scores: Mapping[ThreatId, Score]) -> tuple[Yardstick, ...]:
    """Return the threats marked as yardsticks that still exist, with their medians."""
    return tuple(
        Yardstick(threat=id, title=model.threats[id].title, medians=scores[id].tally.medians)
        for id in sorted(model.yardsticks, key=id_order)
        if id in model.threats and id in scores
    )


def _first_votes(model: ThreatModel) -> list[Round]:
    """Return the first votes, the earliest first."""
    return sorted(
        (one for one in values_of(model.rounds) if one.revote_of is None), key=lambda one: id_order(one.id)
    )


def _without(metrics: Sequence[Metric], others: Sequence[Metric]) -> tuple[Metric, ...]:
    return tuple(metric for metric in metrics if metric not in others)


def _reasons(first: Sequence[Ballot], second: Sequence[Ballot], enough: int) -> tuple[str, ...]:
    """Return the reasons of votes with enough voters; with fewer, the author could be inferred."""
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


def in_order_of_scores(threats: Iterable[Threat], scores: Mapping[ThreatId, Score]) -> list[Threat]:
    """Return threats by some scores, as `ranked_threats` orders them by the latest ones."""
    return sorted(threats, key=lambda one: _place(one, scores.get(one.id)))


def _place(threat: Threat, score: Score | None) -> tuple[float, ...]:
    if score is None:
        return (1, *id_order(threat.id))
    tally = score.tally
    damage = tally.medians.get(Metric.DAMAGE, 0)
    return (0, -tally.band.order, -tally.mean, -damage, -sum(tally.derived.values()), *id_order(threat.id))
