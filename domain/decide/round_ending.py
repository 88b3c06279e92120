"""Decisions on ending rounds: by the facilitator, at the deadline, or when all have voted."""

from msgspec.structs import replace

from domain.commands import CloseRound, ExtendRound, SettleRound
from domain.decide.decision import Decision
from domain.decide.input_checks import check_open, clean_text, require_round
from domain.dread.metrics import BallotLength, Metric, follow_up_metrics
from domain.dread.scoring import is_near_critical
from domain.events import RoundClosed, RoundExtended, RoundFellShort, RoundOpened
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import BallotItem, DerivedNumbers, Round, RoundEndCause
from domain.model import ThreatModel
from domain.rejections import ContentMissing, NothingToSettle, QuorumNotMet
from domain.voting.derived_numbers import derived_numbers
from domain.voting.published_votes import publications
from domain.voting.round_deadlines import skip_weekends
from domain.voting.scores import Score, scores_of_round
from domain.voting.turnout import (
    awaited_voters,
    ballots_by_threat,
    has_quorum,
    invited_voters,
    live_asks,
    minimum_quorum,
    missing_ballots,
)


def close_round(command: CloseRound, decision: Decision) -> Decision:
    """Close a round that has its quorum; the system also extends a round below it, or ends it as short."""
    one = require_round(decision.model, command.round)
    if decision.by == SYSTEM:
        return _at_deadline(one, decision)
    check_open(one)
    if not has_quorum(decision.model, one):
        raise QuorumNotMet(one.id, count_phrase(one.quorum, "ballot"))
    return _close(one, RoundEndCause.FACILITATOR, decision)


def extend_round(command: ExtendRound, decision: Decision) -> Decision:
    """Extend a round that fell short, so that its numbers need not stay sealed."""
    one = require_round(decision.model, command.round)
    check_open(one)
    if not one.fell_short:
        raise NothingToSettle(one.id)
    more = (one.deadline - one.opened_at) / 2
    return decision.record(
        RoundExtended(**decision.header, round=one.id, deadline=skip_weekends(decision.at + more))
    )


def settle_round(command: SettleRound, decision: Decision) -> Decision:
    """Settle a round that fell short with the ballots cast."""
    one = require_round(decision.model, command.round)
    check_open(one)
    if not one.fell_short:
        raise NothingToSettle(one.id)
    reason = clean_text(command.reason, what="The reason", field="reason")
    if not reason:
        raise ContentMissing(
            "The reason is missing. Explain why the ballots cast are sufficient.", field="reason"
        )
    return _close(one, RoundEndCause.SETTLED, decision, reason=reason)


def end_finished_rounds(decision: Decision, before: ThreatModel) -> Decision:
    """Close each open round in which all have voted, or no threats or voters remain."""
    model = decision.model
    if model.ballots is before.ballots and model.threats is before.threats and model.rounds is before.rounds:
        return decision
    decision = replace(decision, undoes=None)  # undoing an answer never undoes the end of a round
    for one in model.open_rounds():
        if not live_asks(decision.model, one):
            decision = _close(one, RoundEndCause.NO_THREATS, decision)
        elif not invited_voters(one):
            decision = _close(one, RoundEndCause.NO_VOTERS, decision)
        elif not any(missing_ballots(decision.model, one, voter) for voter in awaited_voters(one)):
            decision = _close(one, RoundEndCause.ALL_VOTED, decision)
    return decision


def _at_deadline(one: Round, decision: Decision) -> Decision:
    """Process a deadline; nothing if another replica was faster."""
    if one.ending is not None or one.fell_short or decision.at < one.deadline:
        return decision
    if has_quorum(decision.model, one):
        return _close(one, RoundEndCause.DEADLINE, decision)
    if one.extended:
        return decision.record(RoundFellShort(**decision.header, round=one.id))
    # From now if the clock was late: voters could not have used the time in between.
    half = (one.deadline - one.opened_at) / 2
    deadline = skip_weekends(max(one.deadline, decision.at) + half)
    return decision.record(RoundExtended(**decision.header, round=one.id, deadline=deadline))


def _close(one: Round, cause: RoundEndCause, decision: Decision, *, reason: str = "") -> Decision:
    cast = ballots_by_threat(decision.model, one)
    threats = tuple(ask.threat for ask in live_asks(decision.model, one) if cast[ask.threat])
    decision = decision.record(
        RoundClosed(
            **decision.header,
            round=one.id,
            cause=cause,
            threats=threats,
            reason=reason,
            derived=_derived(decision.model, one, threats),
        )
    )
    return open_second_vote(one, decision) if one.revote_of is None else decision


def _derived(model: ThreatModel, one: Round, threats: tuple[ThreatId, ...]) -> tuple[DerivedNumbers, ...]:
    """Return the numbers that quick ballots left out, as the model is at the end of the round."""
    quick = tuple(model.threats[threat] for threat in threats if one.length_of(threat) is BallotLength.QUICK)
    return derived_numbers(model, quick, one.discoverability)


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
