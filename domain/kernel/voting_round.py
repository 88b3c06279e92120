"""Voting rounds: voters, threats and metrics, deadline, quorum, and how a round ended."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from domain.dread.metrics import Discoverability, Metric
from domain.kernel.elements import PersonId
from domain.kernel.reminder_frequency import ReminderFrequency
from domain.kernel.threat import ThreatId

RoundId = NewType("RoundId", str)

MAX_THREATS = 6
"""The highest number of threats in a round: one page each, and attention does not last longer."""


MAX_QUORUM = 50
"""The highest quorum that can be chosen."""


class VotingTerms(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A team's defaults for a model: what new rounds start with, and how often owners are reminded.

    A round can be opened with other values; without a quorum the default applies.
    """

    quorum: int | None = None
    discoverability: Discoverability = Discoverability.VOTED
    reminders: ReminderFrequency = msgspec.field(default=ReminderFrequency.USUAL, name="nudges")


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
    NO_THREATS = "no_threats"
    NO_VOTERS = "no_voters"


class BallotItem(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """A threat in a round, with the metrics that are voted on."""

    threat: ThreatId
    metrics: tuple[Metric, ...]


class RoundEnd(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The end of a round, with the threats for which its ballots count."""

    at: datetime
    cause: RoundEndCause
    threats: tuple[ThreatId, ...]
    reason: str = ""


class Round(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A voting round; `revote_of` names the round whose contested metrics are voted on again.

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
    revote_of: RoundId | None = None
    left: tuple[PersonId, ...] = ()
    extended: bool = False
    fell_short: bool = False
    ending: RoundEnd | None = None

    def asked(self, threat: ThreatId) -> tuple[Metric, ...]:
        """Return the metrics voted on for a threat; empty if it is not in the round."""
        return next((one.metrics for one in self.asks if one.threat == threat), ())


class Explanation(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A voter's reason for the lowest or highest number; `named` if they agreed to be named."""

    text: str
    named: bool = False
