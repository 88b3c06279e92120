"""Threats that turn out to be the same live on as one."""

from msgspec.structs import replace

from domain.commands import MergeThreats, ReportThreat, ReviseThreat, Undo, WithdrawThreat
from domain.events import ThreatsMerged
from domain.history import timeline
from domain.kernel.stride import Stride
from domain.kernel.threat import MergedThreat, ThreatId
from domain.rejections import MergedWithItself, NoSuchThreat, ThreatGone, ThreatMerged
from domain.replay import replay
from tests.domain.suggested_threats import (
    BENJI,
    CHIYO,
    FRONT,
    HOUSE,
    NEXT,
    TH1,
    TH2,
    TH3,
    THROUGH_THE_FRONT,
    confirm,
    open_candidate_ids,
    register_of,
)
from tests.examples import at, decide_all, given

PLUMBER = ReportThreat(
    by=CHIYO,
    at=at(110),
    title="The plumber is none",
    stride=(Stride.ELEVATION_OF_PRIVILEGE, Stride.SPOOFING),
    description="Nobody called him",
    element=FRONT,
    link="https://house.example.org/archives/C1/p17",
)
TWO = decide_all(confirm(THROUGH_THE_FRONT), PLUMBER, after=HOUSE)


def merge(kept: ThreatId, merged: ThreatId, minute: int = 120) -> MergeThreats:
    return MergeThreats(by=CHIYO, at=at(minute), kept=kept, merged=merged)


def test_a_merged_threat_is_part_of_the_other_one() -> None:
    one = replay(TWO).threats[TH1]
    richer = replace(one, stride=(Stride.SPOOFING, Stride.ELEVATION_OF_PRIVILEGE), link=PLUMBER.link)
    given(*TWO).when(merge(TH1, TH2)).then(
        ThreatsMerged(by=CHIYO, at=at(120), answer=NEXT + 2, kept=richer, merged=TH2)
    )
    after = decide_all(merge(TH1, TH2), after=TWO)
    assert register_of(after).threats == (richer,)
    assert register_of(after).merged == (MergedThreat(threat=replay(TWO).threats[TH2], into=TH1),)
    assert timeline(after)[-1].text.startswith("merged the threat “The plumber is none” (TH-2) into “")


def test_a_candidate_goes_with_the_threat_that_it_was_confirmed_as() -> None:
    after = decide_all(merge(TH2, TH1), after=TWO)
    assert replay(after).threats[TH2].candidates == (THROUGH_THE_FRONT,)
    assert replay(after).threats[TH2].cwe == (306, 290)
    assert THROUGH_THE_FRONT not in open_candidate_ids(after)


def test_merged_and_withdrawn_threats_are_refused_in_words() -> None:
    merged = decide_all(merge(TH1, TH2), after=TWO)
    withdrawn = decide_all(WithdrawThreat(by=CHIYO, at=at(120), threat=TH2), after=TWO)
    for command in (
        merge(TH1, TH2, 121),
        merge(TH2, TH1, 121),
        WithdrawThreat(by=BENJI, at=at(121), threat=TH2),
        ReviseThreat(by=BENJI, at=at(121), threat=TH2, title="Fire", stride=(Stride.SPOOFING,)),
    ):
        given(*merged).when(command).then_refused(ThreatMerged, "TH-2 was merged into TH-1")
        given(*withdrawn).when(command).then_refused(ThreatGone, "TH-2 was withdrawn")
    given(*TWO).when(merge(TH1, TH3)).then_refused(NoSuchThreat, "TH-3")
    given(*TWO).when(merge(TH1, TH1)).then_refused(MergedWithItself, "into itself", field="kept")


def test_a_merging_can_be_taken_back() -> None:
    undone = decide_all(merge(TH1, TH2), Undo(by=CHIYO, at=at(121)), after=TWO)
    assert register_of(undone).threats == register_of(TWO).threats
    assert register_of(undone).merged == ()
