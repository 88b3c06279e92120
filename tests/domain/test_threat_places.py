"""A threat lies at its element and at the elements of the candidates that it was confirmed from."""

from domain.analysis.candidate_groups import count_places
from domain.commands import AddAsset, RemoveElement, ReportThreat
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import ElementId
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat, ThreatId, places_of
from domain.model.threat_places import places_phrase
from domain.replay import replay
from tests.examples import ANA, at, decide_all, started


def threat(element: str | None, *candidates: str) -> Threat:
    return Threat(
        id=ThreatId("TH-1"),
        title="Missing authentication",
        stride=(Stride.SPOOFING,),
        element=ElementId(element) if element else None,
        candidates=tuple(CandidateId(one) for one in candidates),
    )


def test_its_own_element_comes_first_and_no_element_twice() -> None:
    assert places_of(threat("EP-2", "S01@EP-1", "S01@EP-2")) == ("EP-2", "EP-1")


def test_the_element_that_a_candidate_is_compared_with_is_no_place() -> None:
    assert places_of(threat("EP-1", "X01@EP-1@AS-4")) == ("EP-1",)


def test_a_threat_without_an_element_has_no_place() -> None:
    assert places_of(threat(None)) == ()


def test_an_element_counts_once_however_many_peers_its_candidates_have() -> None:
    flow = [CandidateId("I04@DF-1@AS-1"), CandidateId("I04@DF-1@AS-2")]
    assert count_places(flow) == "1 data flow"
    assert count_places([*flow, CandidateId("I04@DF-2@AS-1")]) == "2 data flows"
    assert count_places([*flow, CandidateId("I04@XD-1")]) == "2 places"
    assert count_places([CandidateId("X04@XD-1"), CandidateId("X04@XD-2")]) == "2 external dependencies"


def test_a_ballot_says_that_the_element_of_its_threat_was_removed() -> None:
    asset = AddAsset(by=ANA, at=at(1), name="Key")
    copied = ReportThreat(
        by=ANA, at=at(2), title="It is copied", element=ElementId("AS-1"), stride=(Stride.SPOOFING,)
    )
    events = decide_all(
        asset, copied, RemoveElement(by=ANA, at=at(3), element=ElementId("AS-1")), after=[started()]
    )
    model = replay(events)
    assert places_phrase(model, model.threats[ThreatId("TH-1")]) == "Key (removed)"
