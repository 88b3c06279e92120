"""A threat lies at its element and at the elements of the candidates that it was confirmed from."""

from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import ElementId
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat, ThreatId, places_of


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
