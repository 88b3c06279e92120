"""Shared example of the voting tests: three threats and four voters."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from domain.commands import (
    BeginAnalysis,
    CastBallot,
    CloseRound,
    Command,
    LeaveRound,
    OpenRound,
    ReportThreat,
    SettleRound,
)
from domain.decide import decide
from domain.dread.metrics import (
    QUICK_METRICS,
    BallotLength,
    Discoverability,
    Metric,
    Numbers,
    voted_metrics,
)
from domain.dread.scoring import MetricVote, Tally, bands_of_ballots, tally_votes
from domain.events import RecordedEvent, RoundOpened
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.threat import Stride, ThreatId
from domain.kernel.voting_round import RoundId
from domain.rejections import Rejected
from domain.replay import replay
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, started

VOTERS = (ANA, BEN, CHI, DEE)
TH1, TH2, TH3 = (ThreatId(f"TH-{number}") for number in (1, 2, 3))
RD1, RD2 = RoundId("RD-1"), RoundId("RD-2")
DAY = 24 * 60

IDENTIFIED = decide_all(
    BeginAnalysis(by=ANA, at=at(1), reason="to have something to vote on"),
    *(
        ReportThreat(by=BEN, at=at(2), title=title, stride=(Stride.TAMPERING,))
        for title in ("The plumber", "The glue", "The garage")
    ),
    after=[started()],
)
"""Ana facilitates; there are three threats to score."""


def open_round_command(*threats: ThreatId, **fields: Any) -> OpenRound:
    """Ana opens a round at five past nine on a Monday, for the four."""
    asked: dict[str, Any] = {"by": ANA, "at": at(5), "threats": threats or (TH1,), "voters": VOTERS}
    return OpenRound(**{**asked, **fields})


def numbers(*given: int | None) -> Numbers:
    """The numbers in the order of the letters."""
    return Numbers(**{metric.value: one for metric, one in zip(Metric, given, strict=False)})


def ballot_of(
    by: PersonId,
    *given: int | None,
    on: ThreatId = TH1,
    round: RoundId = RD1,
    minute: int = 10,
    **fields: Any,
) -> CastBallot:
    """A ballot; with one number it is the same for every metric."""
    five = given * 5 if len(given) == 1 else given
    return CastBallot(by=by, at=at(minute), round=round, threat=on, numbers=numbers(*five), **fields)


def close_round_by_system(minute: int, round: RoundId = RD1) -> CloseRound:
    """Return the system's command to close a round at a given minute."""
    return CloseRound(by=SYSTEM, at=at(minute), round=round)


def tally_of(
    ballots: Sequence[Numbers],
    policy: Discoverability = Discoverability.VOTED,
    *,
    fewest: int = 1,
    length: BallotLength = BallotLength.FULL,
    derived: Numbers | None = None,
) -> Tally | None:
    """The result of a first vote on a threat that no one voted on before."""
    votes: dict[Metric, MetricVote] = {}
    for metric in voted_metrics(policy, length):
        given = sorted(number for ballot in ballots if (number := ballot.of(metric)) is not None)
        if len(given) >= fewest:
            votes[metric] = MetricVote(numbers=tuple(given), abstained=len(ballots) - len(given))
    bands = bands_of_ballots(ballots, [*votes], policy, length)
    return tally_votes(
        votes, policy, ballots=len(ballots), fewest=fewest, length=length, bands=bands, derived=derived
    )


OPENED = decide_all(open_round_command(), after=IDENTIFIED)
"""A round on the plumber alone."""

Answers = Mapping[PersonId, tuple[int | None, ...]]
"""The numbers of each voter, in the order of the letters."""

CONTESTED = decide_all(
    ballot_of(ANA, 2, 5, 5, 5, 5, reason="nothing breaks"),
    ballot_of(BEN, 9, 5, 5, 5, 5, reason="everything breaks"),
    ballot_of(CHI, 4, 5, 5, 5, 5),
    ballot_of(DEE, 5, 5, 5, 5, 5),
    after=OPENED,
)
"""All agree but about the damage, so that a second round is open."""


def open_round(*threats: ThreatId, **fields: Any) -> list[RecordedEvent]:
    """A round on these threats."""
    return decide_all(open_round_command(*threats, **fields), after=IDENTIFIED)


def monday_at(hour: int, minute: int = 5, *, days: int = 0) -> datetime:
    """A moment of the Monday on which the round is opened, or of a day after it."""
    return at(days * DAY + (hour - 9) * 60 + minute)


def play_both_votes(
    panel: tuple[PersonId, ...],
    first: Answers,
    second: Answers,
    gone: Sequence[PersonId],
    gone_later: Sequence[PersonId],
    length: BallotLength = BallotLength.FULL,
    requesting: Sequence[PersonId] = (),
) -> list[RecordedEvent]:
    """Both votes with these ballots and departures; the clock and the facilitator end what is left open.

    With quick ballots, those who are `requesting` ask for a follow-up.
    """
    events = accepted_events([open_round_command(TH1, voters=panel)], IDENTIFIED)
    if length is BallotLength.QUICK:
        events = [_with_quick_ballots(event) for event in events]
    for round, answers, leaving in ((RD1, first, gone), (RD2, second, gone_later)):
        known = replay(events).rounds.get(round)
        if known is None:
            continue  # nothing was contested
        since = int((known.opened_at - at(0)).total_seconds()) // 60
        steps: list[Command] = [
            ballot_of(who, *given, round=round, minute=since + 1, follow_up=who in requesting)
            for who, given in answers.items()
        ]
        steps += [LeaveRound(by=SYSTEM, at=at(since + 2), round=round, voter=one) for one in leaving]
        steps += [close_round_by_system(since + days * DAY, round) for days in (4, 8)]
        steps += [SettleRound(by=ANA, at=at(since + 8 * DAY), round=round, reason="it is enough")]
        events = accepted_events(steps, events)
    return events


def _with_quick_ballots(event: RecordedEvent) -> RecordedEvent:
    """The opening of a round as if its threats had a rule and a place."""
    if not isinstance(event, RoundOpened):
        return event
    asks = tuple(replace(ask, metrics=QUICK_METRICS, length=BallotLength.QUICK) for ask in event.round.asks)
    return replace(event, round=replace(event.round, asks=asks))


def accepted_events(steps: Sequence[Command], after: Sequence[RecordedEvent]) -> list[RecordedEvent]:
    """The events that follow when what is refused is passed over."""
    events = list(after)
    for step in steps:
        try:
            events += decide(step, replay(events), lambda so_far=tuple(events): so_far)
        except Rejected:
            continue  # not a voter, or over already
    return events
