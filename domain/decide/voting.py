"""Deciding about rounds of votes: opening, casting, closing, settling, and what follows by itself."""

from datetime import datetime, timedelta

from domain.commands import (
    CastBallot,
    CloseRound,
    ExplainBallot,
    LeaveRound,
    MarkYardstick,
    OpenRound,
    SettleRound,
    UnmarkYardstick,
)
from domain.deadlines import past_weekends, usual_deadline
from domain.decide.checks import clean_text
from domain.decide.draft import Draft
from domain.dread.metrics import HIGHEST, LOWEST, Ballot, Metric, Numbers, voted_metrics
from domain.dread.rubric import NEWEST
from domain.elements import SYSTEM, PersonId
from domain.events import (
    BallotCast,
    BallotExplained,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    VoterLeft,
    YardstickMarked,
    YardstickUnmarked,
)
from domain.limits import SENTENCE
from domain.model import ThreatModel
from domain.own_threats import ThreatId
from domain.rejections import (
    AlreadyInARound,
    BallotTooLate,
    NoSuchRound,
    NoSuchThreat,
    NotAVoter,
    NothingSaid,
    NothingToSettle,
    NotInTheRound,
    NotScored,
    NotTheFacilitator,
    OutOfRange,
    QuorumNotMet,
    Rejected,
    RoundIsOver,
    TooMany,
)
from domain.rounds import MOST_THREATS, Ask, Cause, Round, RoundId, RoundKind
from domain.scores import extremes_of, scores_of, scores_of_round
from domain.voting import (
    ballots_by_threat,
    fewest,
    has_quorum,
    invited,
    lacks,
    live_asks,
    participates,
    usual_quorum,
)

MOST_YARDSTICKS = 3
"""Threats of one model that others are measured by; a longer ruler is not looked at."""

LONGEST = timedelta(days=60)
"""How far ahead a deadline may lie."""


def open_round(command: OpenRound, draft: Draft) -> None:
    """Let a team score threats."""
    voters = _voters(command, draft.model)
    deadline = usual_deadline(draft.at) if command.deadline is None else command.deadline
    if deadline <= draft.at:
        raise Rejected("The deadline must lie ahead.", field="deadline")
    if deadline > draft.at + LONGEST:
        raise Rejected(f"A round may last {LONGEST.days} days at most.", field="deadline")
    metrics = voted_metrics(command.discoverability)
    draft.say(
        RoundOpened(
            **draft.said,
            round=Round(
                id=draft.next_round(),
                kind=command.kind,
                asks=tuple(Ask(threat=one, metrics=metrics) for one in _threats(command, draft.model)),
                voters=voters,
                opened_at=draft.at,
                deadline=deadline,
                quorum=_quorum(command.quorum, len(voters)),
                discoverability=command.discoverability,
                rubric=NEWEST,
            ),
        )
    )


def cast_ballot(command: CastBallot, draft: Draft) -> None:
    """Take somebody's numbers for one threat."""
    one = _round(draft.model, command.round)
    if one.ending is not None or one.fell_short or one.deadline <= draft.at:
        raise BallotTooLate(one.id, over=one.ending is not None)
    if draft.by not in invited(draft.model, one):
        raise NotAVoter(one.id, draft.model.facilitator)
    if command.threat not in draft.model.threats or not one.asked(command.threat):
        raise NotInTheRound(command.threat, one.id)
    ballot = Ballot(
        numbers=_numbers(command.numbers, one.asked(command.threat)),
        reason=clean_text(command.reason, what="The reason", field="reason", limit=SENTENCE),
        confidence=command.confidence,
    )
    if draft.model.ballots.get((one.id, command.threat, draft.by)) != ballot:
        draft.say(BallotCast(**draft.said, round=one.id, threat=command.threat, ballot=ballot))


def close_round(command: CloseRound, draft: Draft) -> None:
    """End a round that has its quorum; the clock also extends one that has not, or gives it up."""
    one = _round(draft.model, command.round)
    if draft.by == SYSTEM:
        _at_deadline(one, draft)
        return
    _open(one)
    if not has_quorum(draft.model, one):
        raise QuorumNotMet(one.id, min(one.quorum, len(invited(draft.model, one))))
    _close(one, Cause.FACILITATOR, draft)


def settle_round(command: SettleRound, draft: Draft) -> None:
    """End a round that fell short, with the ballots there are."""
    one = _round(draft.model, command.round)
    _open(one)
    if not one.fell_short:
        raise NothingToSettle(one.id)
    reason = clean_text(command.reason, what="The reason", field="reason")
    if not reason:
        raise NothingSaid("Please say why the ballots there are should do.", field="reason")
    _close(one, Cause.SETTLED, draft, reason=reason)


def leave_round(command: LeaveRound, draft: Draft) -> None:
    """Wait for somebody no longer."""
    one, voter = _round(draft.model, command.round), command.voter or command.by
    if draft.by not in (SYSTEM, voter, draft.model.facilitator):
        raise NotTheFacilitator(draft.model.facilitator)
    _open(one)
    if voter in one.voters:
        draft.say(VoterLeft(**draft.said, round=one.id, voter=voter))
    elif voter == draft.by:
        raise NotAVoter(one.id, draft.model.facilitator)


def explain_ballot(command: ExplainBallot, draft: Draft) -> None:
    """Take the sentence of somebody whose number was the lowest or the highest."""
    asked = {(one.round, one.threat, one.metric) for one in extremes_of(draft.model, draft.by)}
    if (command.round, command.threat, command.metric) not in asked:
        raise Rejected(
            "Only those are asked why whose number was the lowest or the highest, "
            "while the metric is being voted on again."
        )
    text = clean_text(command.text, what="The sentence", field="text", limit=SENTENCE)
    if not text:
        raise NothingSaid("Please write a sentence.", field="text")
    draft.say(
        BallotExplained(
            **draft.said,
            round=command.round,
            threat=command.threat,
            metric=command.metric,
            text=text,
            named=command.named,
        )
    )


def mark_yardstick(command: MarkYardstick, draft: Draft) -> None:
    """Measure by a scored threat."""
    _threat(draft.model, command.threat)
    if command.threat not in scores_of(draft.model):
        raise NotScored(command.threat)
    if command.threat in draft.model.yardsticks:
        return
    standing = [one for one in draft.model.yardsticks if one in draft.model.threats]
    if len(standing) >= MOST_YARDSTICKS:
        raise Rejected(
            f"{MOST_YARDSTICKS} yardsticks are enough: {', '.join(sorted(standing))}. Give one up first."
        )
    draft.say(YardstickMarked(**draft.said, threat=command.threat))


def unmark_yardstick(command: UnmarkYardstick, draft: Draft) -> None:
    """Measure by a threat no longer."""
    if command.threat in draft.model.yardsticks:
        draft.say(YardstickUnmarked(**draft.said, threat=command.threat))


def end_finished_rounds(draft: Draft, before: ThreatModel) -> None:
    """End each open round that has nothing to wait for after what was said: all voted, or nothing is left."""
    model = draft.model
    if (
        model.ballots is before.ballots
        and model.threats is before.threats
        and model.rounds is before.rounds
        and model.participants is before.participants
    ):
        return
    draft.undoes = None  # an end is never part of what is taken back
    for one in model.open_rounds():
        voters, asks = invited(draft.model, one), live_asks(draft.model, one)
        if not asks:
            _close(one, Cause.NO_THREATS, draft)
        elif not voters:
            _close(one, Cause.NO_VOTERS, draft)
        elif not any(lacks(draft.model, one, voter) for voter in voters):
            _close(one, Cause.ALL_VOTED, draft)


def _at_deadline(one: Round, draft: Draft) -> None:
    """What the clock does; nothing where another replica was faster."""
    if one.ending is not None or one.fell_short or draft.at < one.deadline:
        return
    if has_quorum(draft.model, one):
        _close(one, Cause.DEADLINE, draft)
    elif one.extended:
        draft.say(RoundFellShort(**draft.said, round=one.id))
    else:
        # From now where the clock was late: nobody could have used the time in between.
        half = (one.deadline - one.opened_at) / 2
        deadline = past_weekends(max(one.deadline, draft.at) + half)
        draft.say(RoundExtended(**draft.said, round=one.id, deadline=deadline))


def _close(one: Round, cause: Cause, draft: Draft, *, reason: str = "") -> None:
    cast = ballots_by_threat(draft.model, one)
    fewest_ballots = one.quorum if cause is Cause.NO_VOTERS else 1
    threats = tuple(
        ask.threat for ask in live_asks(draft.model, one) if len(cast[ask.threat]) >= fewest_ballots
    )
    draft.say(RoundClosed(**draft.said, round=one.id, cause=cause, threats=threats, reason=reason))
    if one.revote_of is None:
        _vote_again(one, draft)


def _vote_again(one: Round, draft: Draft) -> None:
    """Open a second round of what was contested in the first: once, by the same voters, half as long."""
    scores = scores_of_round(draft.model, draft.model.rounds[one.id], None)
    voters = invited(draft.model, one)
    asks = tuple(
        Ask(threat=threat, metrics=score.tally.contested)
        for threat, score in scores.items()
        if score.tally.contested
    )
    if not asks or not voters:
        return
    draft.say(
        RoundOpened(
            **draft.said,
            round=Round(
                id=draft.next_round(),
                kind=one.kind,
                asks=asks,
                voters=voters,
                opened_at=draft.at,
                deadline=_half_as_long(one, draft.at),
                quorum=min(one.quorum, len(voters)),
                discoverability=one.discoverability,
                rubric=one.rubric,
                revote_of=one.id,
            ),
        )
    )


def _half_as_long(one: Round, at: datetime) -> datetime:
    return past_weekends(at + (one.deadline - one.opened_at) / 2)


def _voters(command: OpenRound, model: ThreatModel) -> tuple[PersonId, ...]:
    voters = tuple(dict.fromkeys(command.voters or model.participants))
    if not voters:
        raise NothingSaid("Please say who may vote.", field="voters")
    strangers = tuple(one for one in voters if not participates(model, one))
    if strangers:
        raise Rejected(
            f"@{strangers[0]} is not among the participants; add them first.",
            field="voters",
            people=strangers[:1],
        )
    return voters


def _threats(command: OpenRound, model: ThreatModel) -> tuple[ThreatId, ...]:
    threats = tuple(dict.fromkeys(command.threats))
    if not threats:
        raise NothingSaid("Please choose at least one threat.", field="threats")
    if len(threats) > MOST_THREATS:
        raise TooMany("threats", count=len(threats), limit=MOST_THREATS, field="threats")
    scores = scores_of(model) if command.kind is RoundKind.RESIDUAL else {}
    for id in threats:
        _threat(model, id)
        if command.kind is RoundKind.RESIDUAL and id not in scores:
            raise NotScored(id, field="threats")
        for one in model.open_rounds():
            if one.asked(id):
                raise AlreadyInARound(id, one.id)
    return threats


def _quorum(wanted: int | None, voters: int) -> int:
    if wanted is None:
        return usual_quorum(voters)
    if not fewest(voters) <= wanted <= voters:
        raise Rejected(
            f"With {voters} invited, the quorum can be {fewest(voters)} to {voters}: "
            "fewer ballots than three are not secret.",
            field="quorum",
        )
    return wanted


def _numbers(told: Numbers, metrics: tuple[Metric, ...]) -> Numbers:
    """The numbers of the metrics asked for; what was not asked is not kept."""
    kept: dict[str, int | None] = {}
    for metric in metrics:
        number = told.of(metric)
        if number is not None and not LOWEST <= number <= HIGHEST:
            raise OutOfRange(metric.words, field=metric.value)
        kept[metric.value] = number
    return Numbers(**kept)


def _round(model: ThreatModel, id: RoundId) -> Round:
    found = model.rounds.get(id)
    if found is None:
        raise NoSuchRound(id)
    return found


def _open(one: Round) -> None:
    if one.ending is not None:
        raise RoundIsOver(one.id)


def _threat(model: ThreatModel, id: ThreatId) -> None:
    if id not in model.threats:
        raise NoSuchThreat(id)
