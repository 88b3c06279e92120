"""Voting rounds: voters, threats and metrics, deadline, quorum, and how a round ended."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NewType

import msgspec

from domain.dread.metrics import BallotLength, Discoverability, Metric, Numbers
from domain.dread.scoring import Band, DisagreementTest
from domain.kernel.elements import PersonId
from domain.kernel.inherited_settings import ReminderFrequency
from domain.kernel.threat import ThreatId

RoundId = NewType("RoundId", str)

MAX_THREATS = 100
"""The highest number of threats in a round, which is what a select in a form can offer."""

QUICK_FROM = 12
"""The number of threats from which a quick ballot is proposed."""

MAX_QUORUM = 50
"""The highest quorum that can be chosen."""


class VotingTerms(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A team's defaults for a model: what new rounds start with, and how often owners are reminded.

    A round can be opened with other values; without a quorum the default applies.
    """

    quorum: int | None = None
    discoverability: Discoverability = Discoverability.VOTED
    reminders: ReminderFrequency = ReminderFrequency.USUAL


class RoundKind(StrEnum):
    """Whether a round scores the initial or the residual risk."""

    INITIAL = "initial"
    RESIDUAL = "residual"


class RoundEndCause(StrEnum):
    """The cause of the end of a round."""

    ALL_VOTED = "all_voted"
    DEADLINE = "deadline"
    FACILITATOR = "facilitator"
    SETTLED = "settled"
    MEDIANS = "medians"
    """The facilitator ended a second vote: none of its ballots count, and the first result stands."""
    NO_THREATS = "no_threats"
    NO_VOTERS = "no_voters"


class BallotItem(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A threat in a round, with the metrics that are voted on."""

    threat: ThreatId
    metrics: tuple[Metric, ...]
    length: BallotLength = BallotLength.FULL


class DerivedNumbers(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The numbers of a threat for the metrics that a quick ballot left out, as the model was at the end."""

    threat: ThreatId
    numbers: Numbers


_Count = Annotated[int, msgspec.Meta(ge=0, le=9_999)]


class MetricCount(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """How often each number from 1 to 10 was given for a metric, and how many ballots have none."""

    metric: Metric
    counts: Annotated[tuple[_Count, ...], msgspec.Meta(min_length=10, max_length=10)]
    abstained: _Count = 0


class VoteResult(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """What a vote on one threat shows, without its ballots: outside the database, a round consists of these.

    For the metrics in `stands`, the result of an earlier vote stands. `bands` are the lowest and the highest
    one of single ballots; `reasons` are in alphabetical order.
    """

    threat: ThreatId
    ballots: _Count
    metrics: tuple[MetricCount, ...] = ()
    stands: tuple[Metric, ...] = ()
    bands: tuple[Band, Band] | None = None
    reasons: tuple[str, ...] = ()


class RoundEnd(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The end of a round, with the threats for which its ballots count.

    A round from a file has `results` in place of ballots.
    """

    at: datetime
    cause: RoundEndCause
    threats: tuple[ThreatId, ...]
    reason: str = ""
    derived: tuple[DerivedNumbers, ...] = ()
    results: tuple[VoteResult, ...] = ()

    def result_of(self, threat: ThreatId) -> VoteResult | None:
        """Return what a file says of the vote on a threat; None for a round of this model."""
        return next((result for result in self.results if result.threat == threat), None)

    def derived_of(self, threat: ThreatId) -> Numbers | None:
        """Return the derived numbers of a threat; None if all metrics were voted on."""
        return next((one.numbers for one in self.derived if one.threat == threat), None)


class Round(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A voting round; `revote_of` names the first round of a second vote.

    A second vote repeats the contested metrics of that round, and asks for the metrics that its quick
    ballots left out, where someone requested that or the band is close to critical.
    `voters` is the panel: it is fixed when the round opens, so that the number of people among whom a
    number could be anyone's never shrinks. `left` are members of it whose ballots are no longer awaited. A
    round that `fell_short` waits until the facilitator extends or settles it.
    """

    id: RoundId
    kind: RoundKind
    asks: tuple[BallotItem, ...]
    voters: tuple[PersonId, ...]
    opened_at: datetime
    deadline: datetime
    quorum: int
    discoverability: Discoverability
    rubric: int
    test: DisagreementTest = DisagreementTest.THIRDS
    revote_of: RoundId | None = None
    left: tuple[PersonId, ...] = ()
    extended: bool = False
    fell_short: bool = False
    ending: RoundEnd | None = None

    def asked(self, threat: ThreatId) -> tuple[Metric, ...]:
        """Return the metrics voted on for a threat; empty if it is not in the round."""
        return next((ask.metrics for ask in self.asks if ask.threat == threat), ())

    def length_of(self, threat: ThreatId) -> BallotLength:
        """Return the length of the ballots on a threat."""
        return next((ask.length for ask in self.asks if ask.threat == threat), BallotLength.FULL)
