"""All that a person has to do goes to another person: mitigations, approvals, questions, components."""

from msgspec.structs import replace

from domain.commands import (
    AddEntryPoint,
    AskPerson,
    ChooseParticipants,
    OpenQuestion,
    ProposeAcceptance,
    ReassignAll,
    Undo,
)
from domain.events import ApprovalReassigned, ComponentRevised, MitigationReassigned, PersonAsked
from domain.kernel.elements import Component, ElementId
from domain.register import register
from domain.rejections import CannotAnswer, NothingAssigned, SamePerson
from domain.replay import replay
from tests.domain.placed_mitigation import FOUR_PLACES, PLACED
from tests.domain.remediation_story import FRIDAY, MI1, TH2, VERIFIED
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, given, recorded

ENTERED = decide_all(
    AddEntryPoint(by=ANA, at=at(9), name="Sign-in", component=ElementId("CO-1")), after=PLACED
)
QUESTION = register(replay(ENTERED)).questions[0]
ASKED = AskPerson(
    by=ANA, at=at(11), person=CHI, questions=(OpenQuestion(element=QUESTION.element, fact=QUESTION.fact),)
)
PROPOSED = ProposeAcceptance(by=BEN, at=at(12), threat=TH2, reason="Rare", expires=FRIDAY, approver=CHI)
BUSY = decide_all(FOUR_PLACES, ASKED, PROPOSED, after=ENTERED)
TO_DEE = ReassignAll(by=ANA, at=at(20), of=CHI, person=DEE)
SHOP = replay(PLACED).elements[ElementId("CO-1")]
assert isinstance(SHOP, Component)


def test_everything_of_a_person_goes_to_another_person_in_one_step() -> None:
    given(*BUSY).when(TO_DEE).then(
        recorded(MitigationReassigned, mitigation=MI1, owner=DEE),
        recorded(PersonAsked, element=QUESTION.element, fact=QUESTION.fact, person=DEE),
        recorded(ApprovalReassigned, threat=TH2, approver=DEE),
        recorded(ComponentRevised, component=replace(SHOP, owner=DEE)),
    )
    assert CHI not in register(replay(decide_all(TO_DEE, after=BUSY))).duties


def test_one_undo_gives_all_of_it_back() -> None:
    before = register(replay(BUSY)).duties
    again = decide_all(TO_DEE, Undo(by=ANA, at=at(21)), after=BUSY)
    assert register(replay(again)).duties == before


def test_a_proposer_does_not_get_the_approval_of_their_own_proposal() -> None:
    given(*BUSY).when(replace(TO_DEE, person=BEN)).then(
        recorded(MitigationReassigned, mitigation=MI1, owner=BEN),
        recorded(PersonAsked, element=QUESTION.element, fact=QUESTION.fact, person=BEN),
        recorded(ComponentRevised, component=replace(SHOP, owner=BEN)),
    )


def test_questions_go_to_participants_only() -> None:
    few = decide_all(ChooseParticipants(by=ANA, at=at(15), participants=(BEN, CHI)), after=BUSY)
    given(*few).when(TO_DEE).then_refused(
        CannotAnswer,
        "@UDEE is not a participant of this model. Choose a participant, or ask the facilitator to add them.",
        field="person",
    )


def test_what_was_verified_or_never_assigned_is_not_reassigned() -> None:
    given(*VERIFIED).when(TO_DEE).then_refused(
        NothingAssigned,
        "@UCHI has nothing left to do in this model. Choose another person.",
        field="of",
    )


def test_it_goes_to_another_person() -> None:
    given(*BUSY).when(replace(TO_DEE, person=CHI)).then_refused(
        SamePerson, "Choose another person than the one who has it now.", field="person"
    )
