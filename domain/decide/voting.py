"""Decisions on voting rounds: opening, ballots, leaving, explanations, reference threats and the end."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from domain.analysis.stakes import Stakes
from domain.commands import (
    CastBallot,
    CastBallots,
    CloseRound,
    ExplainBallot,
    ExtendRound,
    LeaveRound,
    MarkReferenceThreat,
    OpenRound,
    SettleRound,
    TakeMedians,
    UnmarkReferenceThreat,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import (
    check_open,
    clean_text,
    combine_rejections,
    require_round,
    require_threat,
)
from domain.dread.metrics import (
    HIGHEST,
    LOWEST,
    Ballot,
    BallotLength,
    Metric,
    Numbers,
    follow_up_metrics,
    voted_metrics,
)
from domain.dread.rubric import NEWEST
from domain.dread.scoring import DisagreementTest, is_near_critical
from domain.events import (
    BallotCast,
    BallotExplained,
    ReferenceThreatMarked,
    ReferenceThreatUnmarked,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    VoterLeft,
)
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.length_limits import SENTENCE
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import (
    MAX_THREATS,
    BallotItem,
    DerivedNumbers,
    Round,
    RoundEndCause,
    RoundId,
    RoundKind,
)
from domain.model import ThreatModel, id_order
from domain.rejections import (
    AlreadyInARound,
    BallotTooLate,
    ContentMissing,
    NotAVoter,
    NothingToSettle,
    NothingVerified,
    NotInTheRound,
    NotScored,
    NotTheFacilitator,
    OutOfRange,
    QuorumNotMet,
    Rejected,
    TooMany,
)
from domain.remediation.status import tracked_mitigations
from domain.rules.model_index import ModelIndex
from domain.voting.extreme_numbers import extremes_of
from domain.voting.published_votes import publications
from domain.voting.scores import Score, can_be_derived, derived_numbers, scores_of, scores_of_round
from domain.voting.turnout import (
    awaited_voters,
    ballots_by_threat,
    default_deadline,
    default_quorum,
    has_quorum,
    invited_voters,
    live_asks,
    minimum_quorum,
    missing_ballots,
    skip_weekends,
)

MAX_ROUND_LENGTH = timedelta(days=60)
"""The longest time until a deadline."""


def open_round(command: OpenRound, decision: Decision) -> Decision:
    """Open a voting round, with the ballots on what is most at stake first."""
    deadline = default_deadline(decision.at) if command.deadline is None else command.deadline
    combine_rejections(
        lambda: _threats(command, decision.model),
        lambda: _quorum(command.quorum, len(_voters(command, decision.model))),
        lambda: _check_deadline(deadline, decision.at),
    )
    voters = _voters(command, decision.model)
    return decision.record(
        RoundOpened(
            **decision.header,
            round=Round(
                id=decision.next_round(),
                kind=command.kind,
                asks=tuple(_item(one, command, decision.model) for one in _by_stake(command, decision.model)),
                voters=voters,
                opened_at=decision.at,
                deadline=deadline,
                quorum=_quorum(command.quorum, len(voters)),
                discoverability=command.discoverability,
                rubric=NEWEST,
                test=DisagreementTest.MIDDLE_HALF,
            ),
        )
    )


def sealed_in_advance(command: OpenRound, model: ThreatModel) -> tuple[ThreatId, ...]:
    """Return the threats of which the round cannot show all results, even if all of its voters vote."""
    voters, shown = _voters(command, model), publications(model)
    asks = (_item(threat, command, model) for threat in command.threats if threat in model.threats)
    return tuple(ask.threat for ask in asks if shown.stay_sealed(ask.threat, ask.metrics, voters))


def _item(threat: ThreatId, command: OpenRound, model: ThreatModel) -> BallotItem:
    """Return what is voted on for a threat; without a rule or a place, nothing can be derived."""
    is_quick = command.length is BallotLength.QUICK and can_be_derived(model, model.threats[threat])
    length = BallotLength.QUICK if is_quick else BallotLength.FULL
    return BallotItem(threat=threat, metrics=voted_metrics(command.discoverability, length), length=length)


def _check_deadline(deadline: datetime, now: datetime) -> None:
    if deadline <= now:
        raise Rejected("The deadline is in the past. Choose a later time.", field="deadline")
    if deadline > now + MAX_ROUND_LENGTH:
        raise Rejected(
            f"The deadline is too late. A round can last at most {MAX_ROUND_LENGTH.days} days.",
            field="deadline",
        )


def _voters(command: OpenRound, model: ThreatModel) -> tuple[PersonId, ...]:
    voters = tuple(dict.fromkeys(command.voters or model.participants))
    if not voters:
        raise ContentMissing("No voter is selected. Select at least one.", field="voters")
    strangers = tuple(voter for voter in voters if not model.participates(voter))
    if strangers:
        raise Rejected(
            f"@{strangers[0]} is not a participant of this model. Add them first.",
            field="voters",
            people=strangers[:1],
        )
    return voters


def _threats(command: OpenRound, model: ThreatModel) -> tuple[ThreatId, ...]:
    threats = tuple(dict.fromkeys(command.threats))
    if not threats:
        raise ContentMissing("No threat is selected. Select at least one.", field="threats")
    if len(threats) > MAX_THREATS:
        raise TooMany("threats", len(threats), MAX_THREATS, field="threats")
    for id in threats:
        require_threat(model, id)
        if command.kind is RoundKind.RESIDUAL:
            _check_something_remains(model, id)
        for round in model.open_rounds():
            if round.asked(id):
                raise AlreadyInARound(id, round.id)
    return threats


def _by_stake(command: OpenRound, model: ThreatModel) -> tuple[ThreatId, ...]:
    stakes = Stakes(ModelIndex(model))
    weights = {one: stakes.of_threat(model.threats[one]).weight for one in _threats(command, model)}
    return tuple(sorted(weights, key=lambda one: (-weights[one], id_order(one))))


def _check_something_remains(model: ThreatModel, id: ThreatId) -> None:
    """Raise Rejected without an initial score to compare with, or without a verified mitigation."""
    if id not in scores_of(model):
        raise NotScored(id, field="threats")
    if not any(
        mitigation.state_for(id) is MitigationState.VERIFIED
        for mitigation in tracked_mitigations(model, None, utc_zone)
        if id in mitigation.threats
    ):
        raise NothingVerified(id, field="threats")


def _quorum(wanted: int | None, voters: int) -> int:
    if wanted is None:
        return default_quorum(voters)
    if not minimum_quorum(voters) <= wanted <= voters:
        raise Rejected(
            f"With {voters} voters, the quorum must be from {minimum_quorum(voters)} to {voters}. With "
            f"fewer numbers, the result of a metric stays sealed.",
            field="quorum",
        )
    return wanted


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


def _numbers(given: Numbers, metrics: tuple[Metric, ...]) -> Numbers:
    """Return the numbers of the metrics voted on; others are not kept."""
    kept: dict[str, int | None] = {}
    for metric in metrics:
        number = given.of(metric)
        if number is not None and not LOWEST <= number <= HIGHEST:
            raise OutOfRange(metric.label, field=metric.value)
        kept[metric.value] = number
    return Numbers(**kept)


MAX_REFERENCE_THREATS = 3
"""The highest number of reference threats in a model."""


def mark_reference_threat(command: MarkReferenceThreat, decision: Decision) -> Decision:
    """Mark a scored threat as a reference threat."""
    require_threat(decision.model, command.threat)
    if command.threat not in scores_of(decision.model):
        raise NotScored(command.threat)
    if command.threat in decision.model.reference_threats:
        return decision
    status = [threat for threat in decision.model.reference_threats if threat in decision.model.threats]
    if len(status) >= MAX_REFERENCE_THREATS:
        raise Rejected(
            f"A model can have {MAX_REFERENCE_THREATS} reference threats: {', '.join(sorted(status))}. "
            "Remove one first."
        )
    return decision.record(ReferenceThreatMarked(**decision.header, threat=command.threat))


def unmark_reference_threat(command: UnmarkReferenceThreat, decision: Decision) -> Decision:
    """Remove a threat from the reference threats."""
    return decision.record_if(
        command.threat in decision.model.reference_threats,
        ReferenceThreatUnmarked(**decision.header, threat=command.threat),
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


def take_medians(command: TakeMedians, decision: Decision) -> Decision:
    """End a second vote, so that the medians of the first vote stand."""
    one = require_round(decision.model, command.round)
    check_open(one)
    if one.revote_of is None:
        raise Rejected(
            f"{one.id} is a first vote, so there are no medians yet. Close the round when its quorum is met."
        )
    return decision.record(
        RoundClosed(**decision.header, round=one.id, cause=RoundEndCause.MEDIANS, threats=())
    )


def end_finished_rounds(decision: Decision, before: ThreatModel) -> Decision:
    """Close each open round in which all have voted, or no threats or voters remain."""
    model = decision.model
    if model.ballots is before.ballots and model.threats is before.threats and model.rounds is before.rounds:
        return decision
    decision = replace(decision, undoes=None)  # undoing an answer never undoes the end of a round
    for round in model.open_rounds():
        if not live_asks(decision.model, round):
            decision = _close(round, RoundEndCause.NO_THREATS, decision)
        elif not invited_voters(round):
            decision = _close(round, RoundEndCause.NO_VOTERS, decision)
        elif not any(missing_ballots(decision.model, round, voter) for voter in awaited_voters(round)):
            decision = _close(round, RoundEndCause.ALL_VOTED, decision)
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
