"""Decision on a second vote: contested metrics again, and the metrics that quick ballots left out."""

from domain.decide.decision import Decision
from domain.dread.metrics import BallotLength, Metric, follow_up_metrics
from domain.dread.scoring import is_near_critical
from domain.events import RoundOpened
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import BallotItem, Round
from domain.model import ThreatModel
from domain.voting.published_votes import publications
from domain.voting.round_deadlines import skip_weekends
from domain.voting.scores import Score, scores_of_round
from domain.voting.turnout import ballots_by_threat, invited_voters, minimum_quorum


def open_second_vote(one: Round, decision: Decision) -> Decision:
    """Open the second vote of a round: once, with the same voters, half as long.

    There is none if so many have left that its result would stay sealed.
    """
    first = decision.model.rounds[one.id]
    voters = invited_voters(one)
    asks = tuple(
        BallotItem(threat=threat, metrics=metrics)
        for threat, score in scores_of_round(decision.model, first, None).items()
        if (metrics := _metrics(decision.model, one, threat, score, voters))
    )
    if not asks or len(voters) < minimum_quorum(len(one.voters)):
        return decision
    return decision.record(
        RoundOpened(
            **decision.header,
            round=Round(
                id=decision.next_round(),
                kind=one.kind,
                asks=asks,
                voters=voters,
                opened_at=decision.at,
                deadline=skip_weekends(decision.at + (one.deadline - one.opened_at) / 2),
                quorum=min(one.quorum, len(voters)),
                discoverability=one.discoverability,
                rubric=one.rubric,
                test=one.test,
                revote_of=one.id,
            ),
        )
    )


def _metrics(
    model: ThreatModel, one: Round, threat: ThreatId, score: Score, voters: tuple[PersonId, ...]
) -> tuple[Metric, ...]:
    """Return what is voted on a second time, if that can be shown, and what for the first time."""
    shown = publications(model).panels[threat]
    contested = tuple(
        metric
        for metric in score.tally.contested
        if metric not in score.stands and shown.can_repeat(metric, voters)
    )
    if not _needs_follow_up(model, one, threat, score):
        return contested
    return (*contested, *follow_up_metrics(one.discoverability))


def _needs_follow_up(model: ThreatModel, one: Round, threat: ThreatId, score: Score) -> bool:
    """Return whether two metrics are too few: close to critical, or if any voter requested the others."""
    if one.length_of(threat) is not BallotLength.QUICK:
        return False
    requested = any(ballot.follow_up for ballot in ballots_by_threat(model, one)[threat].values())
    return requested or is_near_critical(score.tally)
