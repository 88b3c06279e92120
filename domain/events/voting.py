"""Events about voting rounds, explanations and reference threats."""

from datetime import datetime

from domain.dread.metrics import Ballot, Metric
from domain.events.base_event import BaseEvent
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import DerivedNumbers, Round, RoundEndCause, RoundId, VoteResult


class RoundOpened(BaseEvent, frozen=True, kw_only=True, tag="RoundOpened"):
    """A voting round was opened."""

    round: Round


class _OfRound(BaseEvent, frozen=True, kw_only=True):
    round: RoundId


class BallotCast(_OfRound, frozen=True, kw_only=True, tag="BallotCast"):
    """A voter cast a ballot on a threat; it replaces their earlier one."""

    threat: ThreatId
    ballot: Ballot


class RoundExtended(_OfRound, frozen=True, kw_only=True, tag="RoundExtended"):
    """A round below its quorum was extended."""

    deadline: datetime


class RoundFellShort(_OfRound, frozen=True, kw_only=True, tag="RoundFellShort"):
    """A round stayed below its quorum at the second deadline: it takes no ballots and waits to be settled."""


class VoterLeft(_OfRound, frozen=True, kw_only=True, tag="VoterLeft"):
    """A voter left a round; their ballots stay."""

    voter: PersonId


class RoundClosed(_OfRound, frozen=True, kw_only=True, tag="RoundClosed"):
    """A round was closed; `threats` are those for which its ballots count.

    `derived` are the numbers that quick ballots left out, so that later edits of the model change no score.
    A round that comes from a file has `results`, and no ballots.
    """

    cause: RoundEndCause
    threats: tuple[ThreatId, ...]
    reason: str = ""
    derived: tuple[DerivedNumbers, ...] = ()
    results: tuple[VoteResult, ...] = ()


class BallotExplained(_OfRound, frozen=True, kw_only=True, tag="BallotExplained"):
    """A voter explained an extreme number."""

    threat: ThreatId
    metric: Metric
    text: str


class ReferenceThreatMarked(BaseEvent, frozen=True, kw_only=True, tag="ReferenceThreatMarked"):
    """A scored threat was marked as a reference threat for others."""

    threat: ThreatId


class ReferenceThreatUnmarked(BaseEvent, frozen=True, kw_only=True, tag="ReferenceThreatUnmarked"):
    """A threat is no longer a reference threat."""

    threat: ThreatId


VotingEvent = (
    RoundOpened
    | BallotCast
    | RoundExtended
    | RoundFellShort
    | VoterLeft
    | RoundClosed
    | BallotExplained
    | ReferenceThreatMarked
    | ReferenceThreatUnmarked
)
"""Events of rounds and reference threats."""
