"""Decisions on ballots, on leaving a round, and on explanations."""

from domain.commands import CastBallot, ExplainBallot, LeaveRound
from domain.decide.decision import Decision
from domain.decide.input_checks import check_open, clean_text, require_round
from domain.dread.metrics import HIGHEST, LOWEST, Ballot, Metric, Numbers
from domain.events import BallotCast, BallotExplained, VoterLeft
from domain.kernel.elements import SYSTEM
from domain.kernel.length_limits import SENTENCE
from domain.rejections import (
    BallotTooLate,
    ContentMissing,
    NotAVoter,
    NotInTheRound,
    NotTheFacilitator,
    OutOfRange,
    Rejected,
)
from domain.voting.extreme_numbers import extremes_of
from domain.voting.turnout import invited_voters


def cast_ballot(command: CastBallot, decision: Decision) -> Decision:
    """Record a ballot on one threat."""
    one = require_round(decision.model, command.round)
    if one.ending is not None or one.fell_short or one.deadline <= decision.at:
        raise BallotTooLate(one.id, over=one.ending is not None)
    if decision.by not in invited_voters(one):
        raise NotAVoter(one.id, decision.model.facilitator)
    if command.threat not in decision.model.threats or not one.asked(command.threat):
        raise NotInTheRound(command.threat, one.id)
    ballot = Ballot(
        numbers=_numbers(command.numbers, one.asked(command.threat)),
        reason=clean_text(command.reason, what="The reason", field="reason", limit=SENTENCE),
        confidence=command.confidence,
    )
    # Also if it is unchanged: the presence of an event must not reveal whether a number changed.
    return decision.record(BallotCast(**decision.header, round=one.id, threat=command.threat, ballot=ballot))


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
            "Only those are asked why whose number was the lowest or the highest, "
            "while the metric is being voted on again."
        )
    text = clean_text(command.text, what="The sentence", field="text", limit=SENTENCE)
    if not text:
        raise ContentMissing("Please write a sentence.", field="text")
    return decision.record(
        BallotExplained(
            **decision.header,
            round=command.round,
            threat=command.threat,
            metric=command.metric,
            text=text,
            named=command.named,
        )
    )


def _numbers(told: Numbers, metrics: tuple[Metric, ...]) -> Numbers:
    """Return the numbers of the metrics voted on; others are not kept."""
    kept: dict[str, int | None] = {}
    for metric in metrics:
        number = told.of(metric)
        if number is not None and not LOWEST <= number <= HIGHEST:
            raise OutOfRange(metric.label, field=metric.value)
        kept[metric.value] = number
    return Numbers(**kept)
