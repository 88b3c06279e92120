"""A mitigation is implemented place by place: ticked at some, it stays open for the others."""

from msgspec.structs import replace

from domain.commands import (
    Command,
    ImplementMitigation,
    MergeThreats,
    RefuseVerification,
    Undo,
    UnlinkMitigation,
    VerifyMitigation,
)
from domain.events import MitigationImplemented, RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationLink, MitigationState
from domain.kernel.threat import PlaceId
from domain.register import register
from domain.rejections import NotLinked
from domain.remediation.status import ThreatState, TrackedMitigation
from domain.replay import replay
from tests.domain.placed_mitigation import FOUR, FOUR_PLACES, LINKS, PLACED
from tests.domain.remediation_story import MI1
from tests.examples import BEN, CHI, DEE, at, decide_all, given, recorded

PLANNED = decide_all(FOUR_PLACES, after=PLACED)


def implement(
    *links: MitigationLink, by: PersonId = CHI, minute: int = 20, evidence: str = "PR 1"
) -> ImplementMitigation:
    return ImplementMitigation(by=by, at=at(minute), mitigation=MI1, evidence=evidence, links=links)


def tracked(*commands: Command, after: list[RecordedEvent] = PLANNED) -> TrackedMitigation:
    return register(replay(decide_all(*commands, after=after)), at(90)).mitigations[0]


SHOP_AND_BILLING = implement(*LINKS[:2])
REST = implement(*LINKS[2:], by=DEE, minute=21, evidence="PR 2")


def test_it_is_implemented_at_some_places_and_left_at_the_others() -> None:
    given(*PLANNED).when(SHOP_AND_BILLING).then(
        recorded(MitigationImplemented, mitigation=MI1, evidence="PR 1", links=LINKS[:2])
    )
    seen = tracked(SHOP_AND_BILLING)
    assert seen.mitigation.state is MitigationState.STARTED
    assert (seen.places_done, seen.at, seen.unimplemented) == (
        "2 of 4 places",
        "Search, Archive",
        LINKS[2:],
    )


def test_the_last_place_completes_it_with_the_evidence_of_all() -> None:
    seen = tracked(SHOP_AND_BILLING, REST)
    assert seen.mitigation.state is MitigationState.IMPLEMENTED
    assert (seen.places_done, seen.mitigation.evidence) == ("", "PR 1\nPR 2")
    assert {CHI, DEE} <= {*seen.mitigation.owned_by}, "neither may verify it"


def test_without_a_choice_it_is_implemented_at_all_that_is_left() -> None:
    whole = recorded(MitigationImplemented, mitigation=MI1, evidence="PR 2")
    given(*decide_all(SHOP_AND_BILLING, after=PLANNED)).when(REST).then(whole)
    given(*decide_all(SHOP_AND_BILLING, after=PLANNED)).when(replace(REST, links=())).then(whole)


def test_what_another_person_ticked_meanwhile_is_not_ticked_again() -> None:
    given(*decide_all(SHOP_AND_BILLING, after=PLANNED)).when(implement(LINKS[0], minute=22)).then()


def test_a_place_that_it_does_not_serve_is_refused() -> None:
    other = MitigationLink(threat=FOUR[0], place=PlaceId("CO-4"))
    given(*PLANNED).when(implement(other)).then_refused(NotLinked, NotLinked(MI1, FOUR[0]).sentence)


def test_a_refusal_for_one_place_leaves_only_that_one() -> None:
    refused = RefuseVerification(by=BEN, at=at(30), mitigation=MI1, reason="Not there", links=(LINKS[3],))
    seen = tracked(SHOP_AND_BILLING, REST, refused)
    assert (seen.places_done, seen.unimplemented) == ("3 of 4 places", (LINKS[3],))
    again = tracked(SHOP_AND_BILLING, REST, replace(refused, links=()))
    assert again.unimplemented == LINKS, "without a choice it does not hold anywhere"


def test_a_threat_is_mitigated_only_where_all_was_verified() -> None:
    verified = VerifyMitigation(by=BEN, at=at(40), mitigation=MI1)
    assert tracked(SHOP_AND_BILLING, REST, verified).mitigation.state is MitigationState.VERIFIED
    states = register(replay(decide_all(SHOP_AND_BILLING, after=PLANNED))).statuses
    assert {one.state for one in states.values()} == {ThreatState.IN_PROGRESS}


def test_ticks_follow_a_merge_and_an_undo() -> None:
    merged = MergeThreats(by=BEN, at=at(30), kept=FOUR[1], merged=FOUR[0])
    assert tracked(SHOP_AND_BILLING, merged).places_done == "1 of 3 places", "one threat is gone"
    assert tracked(SHOP_AND_BILLING, Undo(by=CHI, at=at(30))).places_done == ""
    removed = UnlinkMitigation(by=BEN, at=at(30), mitigation=MI1, threat=FOUR[0])
    assert tracked(SHOP_AND_BILLING, removed).places_done == "1 of 3 places"
