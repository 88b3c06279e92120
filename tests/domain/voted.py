"""The story that the tests of voting share: three threats of the house, and four people who score them."""

from datetime import datetime
from typing import Any

from domain.commands import BeginAnalysis, CastBallot, CloseRound, OpenRound, ReportThreat
from domain.dread.metrics import Metric, Numbers
from domain.elements import SYSTEM, PersonId
from domain.events import Past
from domain.own_threats import ThreatId
from domain.rounds import RoundId
from domain.stride import Stride
from tests.examples import ANA, BEN, CHI, DEE, at, started, told

VOTERS = (ANA, BEN, CHI, DEE)
TH1, TH2, TH3 = (ThreatId(f"TH-{number}") for number in (1, 2, 3))
RD1, RD2 = RoundId("RD-1"), RoundId("RD-2")
DAY = 24 * 60

IDENTIFIED = told(
    BeginAnalysis(by=ANA, at=at(1), reason="to have something to vote on"),
    *(
        ReportThreat(by=BEN, at=at(2), title=title, stride=(Stride.TAMPERING,))
        for title in ("The plumber", "The glue", "The garage")
    ),
    after=[started()],
)
"""Ana facilitates; there are three threats to score."""


def opening(*threats: ThreatId, **fields: Any) -> OpenRound:
    """Ana opens a round at five past nine on a Monday, for the four."""
    asked: dict[str, Any] = {"by": ANA, "at": at(5), "threats": threats or (TH1,), "voters": VOTERS}
    return OpenRound(**{**asked, **fields})


def numbers(*given: int | None) -> Numbers:
    """The numbers in the order of the letters."""
    return Numbers(**{metric.value: one for metric, one in zip(Metric, given, strict=False)})


def vote(
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


def clock(minute: int, round: RoundId = RD1) -> CloseRound:
    """What the system asks for at a moment."""
    return CloseRound(by=SYSTEM, at=at(minute), round=round)


OPENED = told(opening(), after=IDENTIFIED)
"""A round on the plumber alone."""

CONTESTED = told(
    vote(ANA, 2, 5, 5, 5, 5, reason="nothing breaks"),
    vote(BEN, 9, 5, 5, 5, 5, reason="everything breaks"),
    vote(CHI, 4, 5, 5, 5, 5),
    vote(DEE, 5, 5, 5, 5, 5),
    after=OPENED,
)
"""All agree but about the damage, so that a second round is open."""


def opened(*threats: ThreatId, **fields: Any) -> list[Past]:
    """A round on these threats."""
    return told(opening(*threats, **fields), after=IDENTIFIED)


def monday(hour: int, minute: int = 5, *, days: int = 0) -> datetime:
    """A moment of the Monday on which the round is opened, or of a day after it."""
    return at(days * DAY + (hour - 9) * 60 + minute)
