"""What one may ask of rounds of voting and of what they led to."""

from datetime import datetime

from domain.commands.base_command import BaseCommand
from domain.dread.metrics import Confidence, Discoverability, Metric, Numbers
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId, RoundKind


class OpenRound(BaseCommand, frozen=True, kw_only=True, tag="OpenRound"):
    """Let a team score threats, each voter unseen by the others.

    No voters means the model's participants; no deadline two days from now, no quorum the usual one.
    """

    threats: tuple[ThreatId, ...]
    voters: tuple[PersonId, ...] = ()
    deadline: datetime | None = None
    quorum: int | None = None
    discoverability: Discoverability = Discoverability.VOTED
    kind: RoundKind = RoundKind.INITIAL


class CastBallot(BaseCommand, frozen=True, kw_only=True, tag="CastBallot"):
    """Say one's numbers for one threat of an open round; the last ballot counts."""

    round: RoundId
    threat: ThreatId
    numbers: Numbers
    reason: str = ""
    confidence: Confidence | None = None


class CloseRound(BaseCommand, frozen=True, kw_only=True, tag="CloseRound"):
    """End a round whose quorum is met; from the system, do what its deadline demands."""

    round: RoundId


class ExtendRound(BaseCommand, frozen=True, kw_only=True, tag="ExtendRound"):
    """Give a round that stayed below its quorum more time, half as much as it had so far."""

    round: RoundId


class SettleRound(BaseCommand, frozen=True, kw_only=True, tag="SettleRound"):
    """End a round that stayed below its quorum, with the ballots there are, for a stated reason."""

    round: RoundId
    reason: str = ""


class LeaveRound(BaseCommand, frozen=True, kw_only=True, tag="LeaveRound"):
    """Be waited for no longer in a round; the facilitator and the system may say so of others."""

    round: RoundId
    voter: PersonId | None = None


class ExplainBallot(BaseCommand, frozen=True, kw_only=True, tag="ExplainBallot"):
    """Say why one's number was the lowest or the highest; `named` if one's name may stand beside it."""

    round: RoundId
    threat: ThreatId
    metric: Metric
    text: str
    named: bool = False


class MarkYardstick(BaseCommand, frozen=True, kw_only=True, tag="MarkYardstick"):
    """Make a scored threat one that others are measured by."""

    threat: ThreatId


class UnmarkYardstick(BaseCommand, frozen=True, kw_only=True, tag="UnmarkYardstick"):
    """Measure by a threat no longer."""

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
"""The commands about rounds and what they led to."""
