"""Commands about voting rounds, explanations and yardsticks."""

from datetime import datetime

from domain.commands.base_command import BaseCommand
from domain.dread.metrics import Confidence, Discoverability, Metric, Numbers
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId, RoundKind


class OpenRound(BaseCommand, frozen=True, kw_only=True, tag="OpenRound"):
    """Open a voting round, in which a team scores threats by secret ballot.

    The defaults: the model's participants as voters, a deadline in two days, the default quorum.
    """

    threats: tuple[ThreatId, ...]
    voters: tuple[PersonId, ...] = ()
    deadline: datetime | None = None
    quorum: int | None = None
    discoverability: Discoverability = Discoverability.VOTED
    kind: RoundKind = RoundKind.INITIAL


class CastBallot(BaseCommand, frozen=True, kw_only=True, tag="CastBallot"):
    """Cast a ballot on one threat of an open round; the last ballot counts."""

    round: RoundId
    threat: ThreatId
    numbers: Numbers
    reason: str = ""
    confidence: Confidence | None = None


class CloseRound(BaseCommand, frozen=True, kw_only=True, tag="CloseRound"):
    """Close a round whose quorum is met; from the system, process its deadline."""

    round: RoundId


class ExtendRound(BaseCommand, frozen=True, kw_only=True, tag="ExtendRound"):
    """Extend a round that stayed below its quorum by half its time so far."""

    round: RoundId


class SettleRound(BaseCommand, frozen=True, kw_only=True, tag="SettleRound"):
    """Settle a round that stayed below its quorum with the ballots cast, with a reason."""

    round: RoundId
    reason: str = ""


class LeaveRound(BaseCommand, frozen=True, kw_only=True, tag="LeaveRound"):
    """Leave a round; the facilitator and the system may remove others."""

    round: RoundId
    voter: PersonId | None = None


class ExplainBallot(BaseCommand, frozen=True, kw_only=True, tag="ExplainBallot"):
    """Explain one's lowest or highest number; `named` if one's name may be shown with it."""

    round: RoundId
    threat: ThreatId
    metric: Metric
    text: str
    named: bool = False


class MarkYardstick(BaseCommand, frozen=True, kw_only=True, tag="MarkYardstick"):
    """Mark a scored threat as a yardstick for others."""

    threat: ThreatId


class UnmarkYardstick(BaseCommand, frozen=True, kw_only=True, tag="UnmarkYardstick"):
    """Remove a threat from the yardsticks."""

    threat: ThreatId


VotingCommand = (
    OpenRound
    | CastBallot
    | CloseRound
    | ExtendRound
    | SettleRound
    | LeaveRound
    | ExplainBallot
    | MarkYardstick
    | UnmarkYardstick
)
"""Commands about rounds and their results."""
