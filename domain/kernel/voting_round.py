"""A round of votes: who is asked what, until when, and how it ended."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from domain.dread.metrics import Discoverability, Metric
from domain.kernel.elements import PersonId
from domain.kernel.nudge_policy import NudgePolicy
from domain.kernel.threat import ThreatId

RoundId = NewType("RoundId", str)

MOST_THREATS = 6
"""Threats that one round may be about: a page each, and nobody votes well for longer."""


MOST_QUORUM = 50
"""The highest quorum that can be asked for."""


class VotingTerms(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """What a team has agreed on for a model: what rounds begin with, and how often owners are reminded.

    Whoever opens a round may say otherwise; no quorum is the usual one.
    """

    quorum: int | None = None
    discoverability: Discoverability = Discoverability.VOTED
    nudges: NudgePolicy = NudgePolicy.USUAL


class RoundKind(StrEnum):
    """Whether a threat is scored as it is, or as it remains after its mitigations."""

    INITIAL = "initial"
    RESIDUAL = "residual"


class RoundEndCause(StrEnum):
    """What ended a round."""

    ALL_VOTED = "all_voted"
    DEADLINE = "deadline"
    FACILITATOR = "facilitator"
    SETTLED = "settled"
    NO_THREATS = "no_threats"
    NO_VOTERS = "no_voters"


class BallotItem(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """A threat, and the metrics that are asked about it."""

    threat: ThreatId
    metrics: tuple[Metric, ...]


class RoundEnd(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """How a round ended, and for which of its threats the ballots count."""

    at: datetime
    cause: RoundEndCause
    threats: tuple[ThreatId, ...]
    reason: str = ""


class Round(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One round with all its terms; `revote_of` names the round whose contested metrics are voted again.

    `voters` is the panel: it is frozen when the round opens, so that the number of people among whom a
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
        """The metrics that are asked about a threat, none if it is not in the round."""
        return next((one.metrics for one in self.asks if one.threat == threat), ())


class Explanation(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Why somebody's number was the lowest or the highest; `named` if they agreed to be named."""

    text: str
    named: bool = False
