"""Results of closed rounds: scores, sealed results, ranking and reference threats."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from domain.dread.metrics import HIGHEST, BallotLength, Discoverability, Metric, Numbers
from domain.dread.scoring import Band, MetricVote, Tally, tally_votes
from domain.kernel.elements import ElementId
from domain.kernel.latest_results import keep_latest
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.threat import Threat, ThreatId, elements_of, rule_of
from domain.kernel.voting_round import DerivedNumbers, Round, RoundEndCause, RoundId, RoundKind
from domain.model import ThreatModel, id_order
from domain.rules.model_index import ModelIndex
from domain.voting.published_votes import PublishedVote, published_vote
from domain.voting.turnout import minimum_quorum


class PublishedExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """A published reason for the lowest or highest number of a metric, without its author."""

    metric: Metric
    text: str


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The published result of a closed round for one threat, without names.

    `reasons` are in alphabetical order, so that the order reveals nothing about their authors;
    `voted_again` are the metrics with a second vote, `to_vote_again` those with an open second vote,
    `sealed_again` those whose second vote stays sealed, so that the first result stands. In the same way,
    `followed_up`, `to_follow_up` and `sealed_follow_up` are the metrics that quick ballots left out.
    `ended_early` are the metrics of a second vote that the facilitator ended with the first result. For the
    metrics in `stands`, the result of an earlier vote stands, because the people who gave a number differ too
    little from those who gave one then.
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
    ended_early: tuple[Metric, ...] = ()
    stands: tuple[Metric, ...] = ()


class SealedResult(msgspec.Struct, frozen=True, kw_only=True):
    """A closed round with too few numbers on a threat to show any of them.

    `voted` of the `panel` cast a ballot on it; a metric is shown from `needed` numbers on, and a quick ballot
    counts only with both of its metrics. If the earlier result `stands`, too few people are different ones.
    """

    round: RoundId
    kind: RoundKind
    voted: int
    panel: int
    needed: int
    length: BallotLength = BallotLength.FULL
    stands: bool = False


class RankedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat with its rank among the scored ones (1 is the worst) and its scores.

    `sealed` is its latest round, where that shows no number. `imported` is a score from a file, which
    counts for nothing.
    """

    threat: Threat
    rank: int | None = None
    score: Score | None = None
    residual: Score | None = None
    sealed: SealedResult | None = None
    imported: Score | None = None


class ReferenceThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A scored threat that serves as a reference for others."""

    threat: ThreatId
    title: str
    medians: dict[Metric, float]


def ranked_threats(model: ThreatModel) -> tuple[RankedThreat, ...]:
    """Return all threats: scored ones by band, mean and Damage, the worst first, then the others by id.

    Derived numbers only order threats that these leave equal.
    """
    scores, residuals = scores_of(model, RoundKind.INITIAL), scores_of(model, RoundKind.RESIDUAL)
    sealed, imported = sealed_results(model), imported_scores(model)
    threats = in_order_of_scores(values_of(model.threats), scores)
    return tuple(
        RankedThreat(
            threat=threat,
            rank=rank if threat.id in scores else None,
            score=scores.get(threat.id),
            residual=residuals.get(threat.id),
            sealed=sealed.get(threat.id),
            imported=imported.get(threat.id),
        )
        for rank, threat in enumerate(threats, start=1)
    )


def scores_of(model: ThreatModel, kind: RoundKind = RoundKind.INITIAL) -> Mapping[ThreatId, Score]:
    """Return the score of each threat from the last round of a kind held here that shows one."""
    return _all_scores(model).latest[kind]


def imported_scores(model: ThreatModel) -> Mapping[ThreatId, Score]:
    """Return the scores of a file: of the residual risk, if that was voted on."""
    latest = _all_scores(model, imported=True).latest
    return {**latest[RoundKind.INITIAL], **latest[RoundKind.RESIDUAL]}


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
    shown = scores_of_round(model, one, None)
    return {
        threat: SealedResult(
            round=one.id,
            kind=one.kind,
            voted=vote.ballots,
            panel=len(one.voters),
            needed=minimum_quorum(len(one.voters)),
            length=one.length_of(threat),
            stands=bool(vote.stands),
        )
        for threat in one.ending.threats
        if threat not in shown and (vote := published_vote(model, one.id, threat)) is not None
    }


def scores_of_round(model: ThreatModel, one: Round, again: Round | None) -> Mapping[ThreatId, Score]:
    """Return the published scores of a round, with or without the second vote on its contested metrics."""
    imported = model.imported is not None and one.id in model.imported.rounds
    return _all_scores(model, imported=imported).rounds.get((one.id, again is not None), {})


class _Scores(msgspec.Struct, frozen=True):
    """The scores of a model: the latest ones, and those of each round without and with its second vote."""

    latest: Mapping[RoundKind, Mapping[ThreatId, Score]]
    rounds: Mapping[tuple[RoundId, bool], Mapping[ThreatId, Score]]


@keep_latest(8)  # conditions, ranking and next step each need the scores of the same model
def _all_scores(model: ThreatModel, *, imported: bool = False) -> _Scores:
    seconds = {value.revote_of: value for value in values_of(model.rounds) if value.revote_of is not None}
    latest: dict[RoundKind, dict[ThreatId, Score]] = {kind: {} for kind in RoundKind}
    rounds: dict[tuple[RoundId, bool], dict[ThreatId, Score]] = {}
    for vote in _first_votes(model, imported=imported):
        again, earlier = seconds.get(vote.id), latest[vote.kind]
        rounds[vote.id, False] = _scores(model, vote, None, earlier)
        rounds[vote.id, True] = _scores(model, vote, again, earlier) if again else rounds[vote.id, False]
        latest[vote.kind] = earlier | rounds[vote.id, True]
    return _Scores(latest, rounds)


def _scores(
    model: ThreatModel, one: Round, again: Round | None, earlier: Mapping[ThreatId, Score]
) -> dict[ThreatId, Score]:
    """Return the scores of a round; a metric that stays sealed has the numbers of the earlier score."""
    threats = one.ending.threats if one.ending else ()
    found = ((threat, _score(model, one, again, threat, earlier.get(threat))) for threat in threats)
    return {threat: score for threat, score in found if score is not None}


def _score(
    model: ThreatModel, one: Round, again: Round | None, threat: ThreatId, earlier: Score | None
) -> Score | None:
    first = published_vote(model, one.id, threat)
    if one.ending is None or first is None or not first.votes:
        return None
    revoted = again.asked(threat) if again else ()
    second = published_vote(model, again.id, threat) if again else None
    counted = second.votes if second else {}
    to_repeat = tuple(metric for metric in revoted if metric in one.asked(threat))
    to_follow_up = _without(revoted, to_repeat)
    tally = tally_votes(
        # The two votes are never mixed within a metric: from a mixture and the first result, the number of
        # someone who did not vote again could be worked out.
        {**_standing(first, earlier), **first.votes, **counted},
        one.discoverability,
        ballots=first.ballots,
        fewest=minimum_quorum(len(one.voters)),
        length=one.length_of(threat),
        bands=first.bands,
        derived=one.ending.derived_of(threat),
        test=one.test,
    )
    if tally is None:
        return None
    cause = again.ending.cause if again and again.ending else None
    is_open = again is not None and again.ending is None
    is_closed = cause not in (None, RoundEndCause.MEDIANS)
    repeated = tuple(metric for metric in to_repeat if metric in counted)
    followed_up = tuple(metric for metric in to_follow_up if metric in counted)
    stands = {*_without(first.stands, repeated), *(second.stands if second else ())}
    return Score(
        round=one.id,
        tally=tally,
        cause=one.ending.cause,
        discoverability=one.discoverability,
        rubric=one.rubric,
        length=one.length_of(threat),
        reasons=tuple(sorted({*first.reasons, *(second.reasons if second else ())})),
        explained=_explained(model, one.id, threat, tuple(tally.medians)),
        voted_again=repeated,
        to_vote_again=to_repeat if is_open else (),
        sealed_again=_without(to_repeat, repeated) if is_closed else (),
        followed_up=followed_up,
        to_follow_up=to_follow_up if is_open else (),
        sealed_follow_up=_without(to_follow_up, followed_up) if is_closed else (),
        ended_early=revoted if cause is RoundEndCause.MEDIANS else (),
        stands=tuple(metric for metric in Metric if metric in stands),
    )


def _standing(vote: PublishedVote, earlier: Score | None) -> dict[Metric, MetricVote]:
    """Return what the earlier score has for the metrics that stay sealed."""
    if earlier is None:
        return {}
    return {
        metric: MetricVote(
            numbers=earlier.tally.numbers[metric], abstained=earlier.tally.abstained.get(metric, 0)
        )
        for metric in vote.stands
        if metric in earlier.tally.numbers
    }


def reference_threats(model: ThreatModel, scores: Mapping[ThreatId, Score]) -> tuple[ReferenceThreat, ...]:
    """Return the threats marked as reference threats that still exist, with their medians."""
    return tuple(
        ReferenceThreat(threat=id, title=model.threats[id].title, medians=scores[id].tally.medians)
        for id in sorted(model.reference_threats, key=id_order)
        if id in model.threats and id in scores
    )


def _first_votes(model: ThreatModel, *, imported: bool = False) -> list[Round]:
    """Return the first votes held here, or those of a file, the earliest first."""
    from_file = model.imported.rounds if model.imported else ()
    votes = (value for value in values_of(model.rounds) if value.revote_of is None)
    return sorted(
        (vote for vote in votes if (vote.id in from_file) is imported), key=lambda one: id_order(one.id)
    )


def _without(metrics: Sequence[Metric], others: Collection[Metric]) -> tuple[Metric, ...]:
    return tuple(metric for metric in metrics if metric not in others)


def _explained(
    model: ThreatModel, round: RoundId, threat: ThreatId, metrics: tuple[Metric, ...]
) -> tuple[PublishedExplanation, ...]:
    said = [
        PublishedExplanation(metric=metric, text=text)
        for (about, subject, metric, _), text in items_of(model.explanations)
        if (about, subject) == (round, threat) and metric in metrics
    ]
    return tuple(sorted(said, key=lambda one: (tuple(Metric).index(one.metric), one.text)))


def in_order_of_scores(threats: Iterable[Threat], scores: Mapping[ThreatId, Score]) -> list[Threat]:
    """Return threats by some scores, as `ranked_threats` orders them by the latest ones."""
    return sorted(threats, key=lambda threat: _place(threat, scores.get(threat.id)))


def _place(threat: Threat, score: Score | None) -> tuple[float, ...]:
    if score is None:
        return (1, *id_order(threat.id))
    tally = score.tally
    damage = tally.medians.get(Metric.DAMAGE, 0)
    return (0, -tally.band.order, -tally.mean, -damage, -sum(tally.derived.values()), *id_order(threat.id))


TIMING_DECIDES: Final = frozenset({"T11"})
"""Rules whose attack works only at the right moment; every other one can be repeated at will."""

REPRODUCIBILITY_BY_TIMING: Final = 5
"""Reproducibility of these: after several tries."""

TYPICAL_DISCOVERABILITY: Final[Mapping[str, int]] = {
    **dict.fromkeys(("I08", "E07", "E08"), 10),
    **dict.fromkeys(("S01", "S03", "S07", "S09", "T01", "T02", "T03", "T04", "T07", "T10", "I01"), 8),
    **dict.fromkeys(("D01", "D02", "D06", "E01", "E02", "E10"), 8),
    **dict.fromkeys(
        ("S06", "T08", "T09", "T11", "T12", "R01", "R02", "R03", "R04", "R05", "I02", "I03", "I04"), 3
    ),
    **dict.fromkeys(("I06", "I07", "D04", "D07", "E03", "E05", "E06"), 3),
}
"""How easily the weakness of a rule is found, by the anchors of the rubric: 10 in the page itself, 8 by a
scanner or in the documentation, 3 by long probing with an account."""

USUAL_DISCOVERABILITY: Final = 5
"""Discoverability of the other rules: a targeted tester finds it in days."""

ONE_ROLE, MOST_USERS = 5, 8
"""Anchors of Affected users: one role; most users. Everyone, or the administrators: the highest number."""


def can_be_derived(model: ThreatModel, threat: Threat) -> bool:
    """Return whether a threat has a rule and a place in the model."""
    return bool(threat.suggested_threats) and any(place in model.elements for place in _places(threat))


def derived_numbers(
    model: ThreatModel, threats: Sequence[Threat], policy: Discoverability
) -> tuple[DerivedNumbers, ...]:
    """Return the derived numbers of threats with quick ballots."""
    if not threats:
        return ()
    index = ModelIndex(model)
    return tuple(
        DerivedNumbers(
            threat=threat.id,
            numbers=Numbers(
                reproducibility=_reproducibility(_rules(threat)),
                affected_users=_affected_users(index, _places(threat)),
                discoverability=_discoverability(_rules(threat), policy),
            ),
        )
        for threat in threats
    )


def _rules(threat: Threat) -> tuple[str, ...]:
    return tuple(rule_of(suggested_threat) for suggested_threat in threat.suggested_threats)


def _places(threat: Threat) -> tuple[ElementId, ...]:
    named = (
        threat.element,
        *(place for suggested_threat in threat.suggested_threats for place in elements_of(suggested_threat)),
    )
    return tuple(dict.fromkeys(place for place in named if place is not None))


def _reproducibility(rules: Iterable[str]) -> int:
    """Return the number of the rule that is easiest to repeat."""
    is_timed = all(rule in TIMING_DECIDES for rule in rules)
    return REPRODUCIBILITY_BY_TIMING if is_timed else HIGHEST


def _discoverability(rules: Iterable[str], policy: Discoverability) -> int | None:
    match policy:
        case Discoverability.FIXED:
            return HIGHEST
        case Discoverability.LEFT_OUT:
            return None
        case Discoverability.VOTED:
            typical = (TYPICAL_DISCOVERABILITY.get(rule, USUAL_DISCOVERABILITY) for rule in rules)
            return max(typical, default=USUAL_DISCOVERABILITY)


def _affected_users(index: ModelIndex, places: Iterable[ElementId]) -> int:
    """Return whom the assets behind the places concern, by the trust levels that use them."""
    assets = {asset for place in places for asset in index.touched_by(place)}
    known = [index.assets[asset] for asset in assets if asset in index.assets]
    levels = {level for asset in known for level in (*asset.readers, *asset.writers) if level in index.levels}
    if not levels:
        return ONE_ROLE
    most_trusted = max(index.levels.values(), key=lambda level: level.rank).id
    if levels == {most_trusted} or len(levels) == len(index.levels):
        return HIGHEST
    return MOST_USERS if 2 * len(levels) > len(index.levels) else ONE_ROLE
