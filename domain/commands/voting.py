"""Commands about voting rounds, explanations and reference threats."""

from datetime import datetime

import msgspec

from domain.commands.base_command import BaseCommand
from domain.dread.metrics import BallotLength, Confidence, Discoverability, Metric, Numbers
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId, RoundKind


class OpenRound(BaseCommand, frozen=True, kw_only=True, tag="OpenRound"):
    """Open a voting round, in which a team scores threats by secret ballot.

    The defaults: the model's participants as voters, a deadline in two days, the default quorum. Threats
    without a rule or a place get a full ballot also in a round of quick ones.
    """

    threats: tuple[ThreatId, ...]
    voters: tuple[PersonId, ...] = ()
    deadline: datetime | None = None
    quorum: int | None = None
    discoverability: Discoverability = Discoverability.VOTED
    kind: RoundKind = RoundKind.INITIAL
    length: BallotLength = BallotLength.FULL


class _OfRound(BaseCommand, frozen=True, kw_only=True):
    round: RoundId


class CastBallot(_OfRound, frozen=True, kw_only=True, tag="CastBallot"):
    """Cast a ballot on one threat of an open round; the last ballot counts.

    `follow_up` asks for a vote on the metrics that a quick ballot left out.
    """

    threat: ThreatId
    numbers: Numbers
    reason: str = ""
    confidence: Confidence | None = None
    follow_up: bool = False


class BallotEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One of several ballots that are cast together."""

    threat: ThreatId
    numbers: Numbers
    follow_up: bool = False


class CastBallots(_OfRound, frozen=True, kw_only=True, tag="CastBallots"):
    """Cast ballots on several threats of an open round; a reason given earlier stays."""

    ballots: tuple[BallotEntry, ...]


class CloseRound(_OfRound, frozen=True, kw_only=True, tag="CloseRound"):
    """Close a round whose quorum is met; from the system, process its deadline."""


class ExtendRound(_OfRound, frozen=True, kw_only=True, tag="ExtendRound"):
    """Extend a round that stayed below its quorum by half its time so far."""


class SettleRound(_OfRound, frozen=True, kw_only=True, tag="SettleRound"):
    """Settle a round that stayed below its quorum with the ballots cast, with a reason."""

    reason: str = ""


class TakeMedians(_OfRound, frozen=True, kw_only=True, tag="TakeMedians"):
    """End a second vote without its ballots, so that the medians of the first vote stand."""


class LeaveRound(_OfRound, frozen=True, kw_only=True, tag="LeaveRound"):
    """Leave a round; the facilitator and the system may remove others."""

    voter: PersonId | None = None


class ExplainBallot(_OfRound, frozen=True, kw_only=True, tag="ExplainBallot"):
    """Explain one's extreme number; the reason is shown without a name."""

    threat: ThreatId
    metric: Metric
    text: str


class MarkReferenceThreat(BaseCommand, frozen=True, kw_only=True, tag="MarkReferenceThreat"):
    """Mark a scored threat as a reference threat for others."""

    threat: ThreatId


class UnmarkReferenceThreat(BaseCommand, frozen=True, kw_only=True, tag="UnmarkReferenceThreat"):
    """Remove a threat from the reference threats."""

    threat: ThreatId


VotingCommand = (
    OpenRound
    | CastBallot
    | CastBallots
    | CloseRound
    | ExtendRound
    | SettleRound
    | TakeMedians
    | LeaveRound
    | ExplainBallot
    | MarkReferenceThreat
    | UnmarkReferenceThreat
)
"""Commands about rounds and their results."""
