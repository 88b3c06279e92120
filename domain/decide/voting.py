"""Decisions on ballots, on leaving a round, and on explanations."""

from domain.commands import CastBallot, CastBallots, ExplainBallot, LeaveRound, MarkYardstick, UnmarkYardstick
from domain.decide.decision import Decision
from domain.decide.input_checks import check_open, clean_text, require_round, require_threat
from domain.dread.metrics import HIGHEST, LOWEST, Ballot, BallotLength, Metric, Numbers
from domain.events import BallotCast, BallotExplained, VoterLeft, YardstickMarked, YardstickUnmarked
from domain.kernel.elements import SYSTEM
from domain.kernel.length_limits import SENTENCE
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import Round, RoundId
from domain.rejections import (
    BallotTooLate,
    ContentMissing,
    NotAVoter,
    NotInTheRound,
    NotScored,
    NotTheFacilitator,
    OutOfRange,
    Rejected,
)
from domain.voting.extreme_numbers import extremes_of
from domain.voting.scores import scores_of
from domain.voting.turnout import invited_voters


def cast_ballot(command: CastBallot, decision: Decision) -> Decision:
    """Record a ballot on one threat."""
    one = _require_vote(command.round, decision)
    if not _is_in(one, command.threat, decision):
        raise NotInTheRound(command.threat, one.id)
    ballot = Ballot(
        numbers=_numbers(command.numbers, one.asked(command.threat)),
        reason=clean_text(command.reason, what="The reason", field="reason", limit=SENTENCE),
        confidence=command.confidence,
        follow_up=command.follow_up and _may_follow_up(one, command.threat),
    )
    # Also if it is unchanged: the presence of an event must not reveal whether a number changed.
    return decision.record(BallotCast(**decision.header, round=one.id, threat=command.threat, ballot=ballot))


def cast_ballots(command: CastBallots, decision: Decision) -> Decision:
    """Record the ballots of one page; threats that were withdrawn meanwhile are left out."""
    one = _require_vote(command.round, decision)
    if not command.ballots:
        raise ContentMissing("The ballots are empty. Enter at least one number.", field="threat")
    entries = {entry.threat: entry for entry in command.ballots if _is_in(one, entry.threat, decision)}
    if not entries:
        raise NotInTheRound(command.ballots[0].threat, one.id)
    for threat, entry in entries.items():
        before = decision.model.ballots.get((one.id, threat, decision.by))
        ballot = Ballot(
            numbers=_numbers(entry.numbers, one.asked(threat)),
            reason=before.reason if before else "",
            confidence=before.confidence if before else None,
            follow_up=entry.follow_up and _may_follow_up(one, threat),
        )
        decision = decision.record(BallotCast(**decision.header, round=one.id, threat=threat, ballot=ballot))
    return decision


def leave_round(command: LeaveRound, decision: Decision) -> Decision:
    """Remove a voter from a round."""
    one, voter = require_round(decision.model, command.round), command.voter or command.by
    if decision.by not in (SYSTEM, voter, decision.model.facilitator):
        raise NotTheFacilitator(decision.model.facilitator)
    check_open(one)
    if voter in invited_voters(one):
        return decision.record(VoterLeft(**decision.header, round=one.id, voter=voter))
    if voter == decision.by:
        raise NotAVoter(one.id, decision.model.facilitator)
    return decision


def explain_ballot(command: ExplainBallot, decision: Decision) -> Decision:
    """Record a voter's reason for the lowest or highest number."""
    asked = {(one.round, one.threat, one.metric) for one in extremes_of(decision.model, decision.by)}
    if (command.round, command.threat, command.metric) not in asked:
        raise Rejected(
            "This reason is no longer needed. You can explain a number far from the median until the "
            "threat is voted on again."
        )
    text = clean_text(command.text, what="The reason", field="text", limit=SENTENCE)
    if not text:
        raise ContentMissing("The reason is empty. Enter a sentence.", field="text")
    return decision.record(
        BallotExplained(
            **decision.header,
            round=command.round,
            threat=command.threat,
            metric=command.metric,
            text=text,
        )
    )


def _require_vote(id: RoundId, decision: Decision) -> Round:
    """Return a round in which the author may vote now."""
    one = require_round(decision.model, id)
    if one.ending is not None or one.fell_short or one.deadline <= decision.at:
        raise BallotTooLate(one.id, "is over" if one.ending else "has passed its deadline")
    if decision.by not in invited_voters(one):
        raise NotAVoter(one.id, decision.model.facilitator)
    return one


def _is_in(one: Round, threat: ThreatId, decision: Decision) -> bool:
    return threat in decision.model.threats and bool(one.asked(threat))


def _may_follow_up(one: Round, threat: ThreatId) -> bool:
    return one.length_of(threat) is BallotLength.QUICK


def _numbers(told: Numbers, metrics: tuple[Metric, ...]) -> Numbers:
    """Return the numbers of the metrics voted on; others are not kept."""
    kept: dict[str, int | None] = {}
    for metric in metrics:
        number = told.of(metric)
        if number is not None and not LOWEST <= number <= HIGHEST:
            raise OutOfRange(metric.label, field=metric.value)
        kept[metric.value] = number
    return Numbers(**kept)


MAX_YARDSTICKS = 3
"""The highest number of yardsticks in a model."""


def mark_yardstick(command: MarkYardstick, decision: Decision) -> Decision:
    """Mark a scored threat as a yardstick."""
    require_threat(decision.model, command.threat)
    if command.threat not in scores_of(decision.model):
        raise NotScored(command.threat)
    if command.threat in decision.model.yardsticks:
        return decision
    status = [one for one in decision.model.yardsticks if one in decision.model.threats]
    if len(status) >= MAX_YARDSTICKS:
        raise Rejected(
            f"A model can have {MAX_YARDSTICKS} reference threats: {', '.join(sorted(status))}. Remove "
            "one first."
        )
    return decision.record(YardstickMarked(**decision.header, threat=command.threat))


def unmark_yardstick(command: UnmarkYardstick, decision: Decision) -> Decision:
    """Remove a threat from the yardsticks."""
    if command.threat in decision.model.yardsticks:
        return decision.record(YardstickUnmarked(**decision.header, threat=command.threat))
    return decision
