"""What happened to rounds of voting and to what they led to."""

from datetime import datetime

from domain.dread.metrics import Ballot, Metric
from domain.events.base_event import BaseEvent
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import Round, RoundEndCause, RoundId


class RoundOpened(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RoundOpened"):
    """A round of votes began, under these terms."""

    round: Round


class BallotCast(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="BallotCast"):
    """A voter said their numbers for one threat; an earlier ballot of theirs is history."""

    round: RoundId
    threat: ThreatId
    ballot: Ballot


class RoundExtended(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RoundExtended"):
    """Too few had voted at the deadline, so there is another one."""

    round: RoundId
    deadline: datetime


class RoundFellShort(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RoundFellShort"):
    """Too few had voted at the second deadline too: the round takes no ballots and waits to be settled."""

    round: RoundId


class VoterLeft(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="VoterLeft"):
    """Somebody is not waited for any more; the ballots they cast stay."""

    round: RoundId
    voter: PersonId


class RoundClosed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RoundClosed"):
    """A round ended; `threats` are those for which its ballots count."""

    round: RoundId
    cause: RoundEndCause
    threats: tuple[ThreatId, ...]
    reason: str = ""


class BallotExplained(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="BallotExplained"):
    """Somebody whose number was the lowest or the highest said why; `named` if they may be named."""

    round: RoundId
    threat: ThreatId
    metric: Metric
    text: str
    named: bool = False


class YardstickMarked(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="YardstickMarked"):
    """Other threats are measured by this one."""

    threat: ThreatId


class YardstickUnmarked(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="YardstickUnmarked"):
    """Other threats are measured by this one no longer."""

    threat: ThreatId


VotingEvent = (
    RoundOpened
    | BallotCast
    | RoundExtended
    | RoundFellShort
    | VoterLeft
    | RoundClosed
    | BallotExplained
    | YardstickMarked
    | YardstickUnmarked
)
"""What happened in rounds, and what they are held against."""
