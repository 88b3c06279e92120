"""Shared example of the tests of quick ballots: the House with confirmed threats, and one without a rule."""

from collections.abc import Sequence
from typing import Any

from domain.commands import BallotEntry, BeginAnalysis, CastBallot, CastBallots, OpenRound, ReportThreat
from domain.dread.metrics import BallotLength, Metric, Numbers
from domain.events import RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.threat import Stride, ThreatId
from domain.kernel.voting_round import RoundId
from domain.replay import replay
from domain.voting.scores import Score, scores_of
from tests.domain.suggested_threats import AMINA, BENJI, CHIYO, HOUSE, THROUGH_THE_FRONT, VISITORS, confirm
from tests.examples import at, decide_all, reasons_for_conditions

DARIO = PersonId("UDARIO")
PANEL = (AMINA, BENJI, CHIYO, DARIO)
TH1, TH2, TH3 = (ThreatId(f"TH-{number}") for number in (1, 2, 3))
OTHERS = (Metric.REPRODUCIBILITY, Metric.AFFECTED_USERS, Metric.DISCOVERABILITY)
"""What a quick ballot leaves out."""
RD1, RD2 = RoundId("RD-1"), RoundId("RD-2")

CONFIRMED = decide_all(
    confirm(THROUGH_THE_FRONT),
    confirm(VISITORS),
    ReportThreat(by=BENJI, at=at(101), title="A rumor", stride=(Stride.TAMPERING,)),
    BeginAnalysis(by=AMINA, at=at(102), reasons=reasons_for_conditions()),
    after=HOUSE,
)
"""TH-1 and TH-2 come from a rule and have a place; TH-3 was reported without one."""


def open_quick_round(*threats: ThreatId, **fields: Any) -> list[RecordedEvent]:
    """Amina opens a round of quick ballots for the four."""
    asked: dict[str, Any] = {
        "by": AMINA,
        "at": at(110),
        "threats": threats or (TH1, TH2, TH3),
        "voters": PANEL,
        "length": BallotLength.QUICK,
    }
    return decide_all(OpenRound(**{**asked, **fields}), after=CONFIRMED)


def entry(threat: ThreatId, *given: int | None, follow_up: bool = False) -> BallotEntry:
    """A quick ballot: Damage and Exploitability."""
    damage, exploitability = given
    numbers = Numbers(damage=damage, exploitability=exploitability)
    return BallotEntry(threat=threat, numbers=numbers, follow_up=follow_up)


def cast(by: PersonId, *ballots: BallotEntry, round: RoundId = RD1, minute: int = 120) -> CastBallots:
    """The ballots of one page."""
    return CastBallots(by=by, at=at(minute), round=round, ballots=ballots)


def voted(
    *given: tuple[int | None, int | None],
    panel: Sequence[PersonId] = PANEL,
    requested_by: Sequence[PersonId] = (),
    **fields: Any,
) -> list[RecordedEvent]:
    """The four vote on TH-1 alone, by quick ballots."""
    ballots = [
        cast(who, entry(TH1, *numbers, follow_up=who in requested_by))
        for who, numbers in zip(panel, given, strict=True)
    ]
    return decide_all(*ballots, after=open_quick_round(TH1, voters=tuple(panel), **fields))


def answered(events: Sequence[RecordedEvent], *given: tuple[int | None, ...]) -> list[RecordedEvent]:
    """The four answer the second vote: reproducibility, affected users, discoverability."""
    ballots = [
        CastBallot(
            by=who,
            at=at(130),
            round=RD2,
            threat=TH1,
            numbers=Numbers(**dict(zip(OTHERS, numbers, strict=False))),
        )
        for who, numbers in zip(PANEL, given, strict=False)
    ]
    return decide_all(*ballots, after=events)


def score_of(events: Sequence[RecordedEvent], threat: ThreatId = TH1) -> Score:
    """The score of a threat; fails the test where there is none."""
    return scores_of(replay(events))[threat]
