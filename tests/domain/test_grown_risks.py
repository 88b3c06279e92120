"""An accepted risk that has grown: what it touches is rated higher than when somebody agreed to bear it."""

from datetime import UTC, datetime

import pytest

from domain.commands import (
    AddAsset,
    ApproveAcceptance,
    BeginAnalysis,
    BeginRemediation,
    ChooseResponse,
    Command,
    MergeThreats,
    ProposeAcceptance,
    ReportThreat,
    ReviseAsset,
)
from domain.kernel.elements import ElementId, Rating
from domain.kernel.response import ResponseKind
from domain.kernel.stride import Stride
from domain.kernel.threat import ThreatId
from domain.register import register
from domain.replay import replay
from tests.domain.placed_components import HOME, element_id, placed_model
from tests.domain.remediation_story import SPRING
from tests.examples import ANA, BEN, CHI, at, decide_all

TH1, TH2 = ThreatId("TH-1"), ThreatId("TH-2")
PROPOSE = ProposeAcceptance(by=BEN, at=at(10), threat=TH1, expires=SPRING, reason="Nobody knows of it")
APPROVE = ApproveAcceptance(by=CHI, at=at(11), threat=TH1)
AFTER_SPRING = datetime(2026, 7, 1, tzinfo=UTC)


def rated(asset: str, rating: Rating | None, minute: int = 20) -> ReviseAsset:
    """The key or the purse; the key was rated high for confidentiality, which stays."""
    name, secrecy = ("Key", Rating.HIGH) if asset == "AS-1" else ("Purse", None)
    return ReviseAsset(
        by=ANA, at=at(minute), element=element_id(asset), name=name, confidentiality=secrecy, integrity=rating
    )


def grown(*steps: Command, about: str = "EP-1", now: datetime | None = None) -> list[str]:
    """The warnings of X05 after the key was rated low for integrity, a threat reported, and these steps."""
    events = decide_all(
        rated("AS-1", Rating.LOW, 4),
        AddAsset(by=ANA, at=at(4), name="Purse", integrity=Rating.LOW),
        report(about),
        BeginAnalysis(by=ANA, at=at(6), reason="a short story"),
        BeginRemediation(by=ANA, at=at(7), reason="a short story"),
        *steps,
        after=placed_model(*HOME),
    )
    seen = register(replay(events), now=now or at(60))
    return [one.text for one in seen.warnings if one.id.startswith("X05@")]


def report(about: str, title: str = "The lock is picked") -> ReportThreat:
    return ReportThreat(by=ANA, at=at(5), title=title, stride=(Stride.TAMPERING,), element=ElementId(about))


@pytest.mark.parametrize("about", ["AS-1", "EP-1", "DF-1", "CO-2"])
def test_a_rating_that_rose_asks_for_the_acceptance_again(about: str) -> None:
    assert grown(PROPOSE, APPROVE, rated("AS-1", Rating.HIGH), about=about) == [
        "AS-1 “Key”: accepted risk has grown (TH-1). Renew or withdraw the acceptance."
    ]


def test_nothing_is_asked_while_no_rating_rose() -> None:
    assert grown(PROPOSE, APPROVE) == []
    assert grown(PROPOSE, APPROVE, rated("AS-1", None)) == []
    assert grown(rated("AS-1", Rating.HIGH, 8), PROPOSE, APPROVE, rated("AS-1", Rating.MEDIUM)) == []


def test_what_the_threat_does_not_touch_may_rise() -> None:
    assert grown(PROPOSE, APPROVE, rated("AS-2", Rating.HIGH)) == []


def test_only_an_acceptance_in_force_is_asked_for_again() -> None:
    risen = rated("AS-1", Rating.HIGH)
    assert grown(PROPOSE, risen) == []
    assert grown(PROPOSE, APPROVE, risen, now=AFTER_SPRING) == []
    other = ChooseResponse(by=BEN, at=at(30), threat=TH1, response=ResponseKind.MITIGATE)
    assert grown(PROPOSE, APPROVE, risen, other) == []


def test_accepting_it_again_settles_the_warning() -> None:
    again = ProposeAcceptance(by=BEN, at=at(30), threat=TH1, expires=SPRING, reason="Still so")
    agreed = ApproveAcceptance(by=CHI, at=at(31), threat=TH1)
    assert grown(PROPOSE, APPROVE, rated("AS-1", Rating.HIGH), again, agreed) == []


def test_the_warning_names_the_threat_in_which_an_accepted_one_lives_on() -> None:
    merged = MergeThreats(by=ANA, at=at(25), kept=TH2, merged=TH1)
    (text,) = grown(
        report("EP-1", "The lock is drilled"), PROPOSE, APPROVE, rated("AS-1", Rating.HIGH), merged
    )
    assert "(TH-2)" in text
