"""Owners and days of open questions: assigned, or following from a *don't know*."""

from datetime import UTC, date

import pytest
from msgspec.structs import replace

from domain.analysis.question_owners import QuestionOwner, question_owner
from domain.commands import AnswerQuestions, AskPerson, ChooseParticipants, OpenQuestion, Reply
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, DataFlow, ElementId, EntryPoint, PersonId
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.domain.suggested_threats import AMINA, BENJI, CHIYO, HOUSE
from tests.examples import at, decide_all

FIRST = register(replay(HOUSE)).questions[0]
ABOUT = (FIRST.element, FIRST.fact)
NO_ONE_KNOWS = AnswerQuestions(
    by=CHIYO,
    at=at(100),
    replies=(Reply(element=FIRST.element, fact=FIRST.fact, answer=Answer.UNKNOWN),),
)
ASK = AskPerson(
    by=BENJI,
    at=at(110),
    person=AMINA,
    questions=(OpenQuestion(element=FIRST.element, fact=FIRST.fact),),
)


def owner_and_day(events: list[RecordedEvent]) -> tuple[PersonId, date] | None:
    owner = question_owner(replay(events), *ABOUT)
    return (owner.person, owner.due) if owner else None


def test_a_question_that_no_one_has_looked_at_has_no_owner() -> None:
    assert FIRST.asked_of is FIRST.due is None


def test_a_dont_know_belongs_for_a_week_to_whoever_said_it() -> None:
    events = decide_all(NO_ONE_KNOWS, after=HOUSE)
    assert owner_and_day(events) == (CHIYO, date(2026, 3, 9))
    question = next(one for one in register(replay(events)).questions if (one.element, one.fact) == ABOUT)
    assert (question.asked_of, question.due, question.answered_unknown) == (CHIYO, date(2026, 3, 9), True)


def test_an_assignment_comes_before_whoever_said_it_and_has_a_day_of_its_own() -> None:
    said = decide_all(NO_ONE_KNOWS, after=HOUSE)
    assert owner_and_day(decide_all(ASK, after=said)) == (AMINA, date(2026, 3, 9))
    later = replace(ASK, due=date(2026, 4, 1))
    assert owner_and_day(decide_all(later, after=said)) == (AMINA, date(2026, 4, 1))
    again = decide_all(ASK, replace(later, at=at(120)), after=said)
    assert owner_and_day(again) == (AMINA, date(2026, 4, 1)), "the day alone can be changed"


@pytest.mark.parametrize("answer", [Answer.YES, Answer.NO, Answer.NOT_APPLICABLE])
def test_an_answer_ends_the_task(answer: Answer) -> None:
    reply = Reply(element=FIRST.element, fact=FIRST.fact, answer=answer)
    known = AnswerQuestions(by=BENJI, at=at(120), replies=(reply,))
    events = decide_all(NO_ONE_KNOWS, known, after=HOUSE)
    assert owner_and_day(events) is None
    assert ABOUT not in {(one.element, one.fact) for one in register(replay(events)).questions}


def test_someone_who_may_no_longer_answer_is_replaced_by_the_facilitator() -> None:
    others = ChooseParticipants(by=AMINA, at=at(110), participants=(AMINA, BENJI))
    assert owner_and_day(decide_all(NO_ONE_KNOWS, others, after=HOUSE)) == (AMINA, date(2026, 3, 9))


def owned(model: ThreatModel, id: ElementId, owner: PersonId | None) -> ThreatModel:
    component = model.elements[id]
    assert isinstance(component, Component)
    return replace(model, elements=model.elements.insert(id, replace(component, owner=owner)))


def test_a_dont_know_belongs_to_the_owner_of_the_component_that_it_is_about() -> None:
    model = replay(decide_all(NO_ONE_KNOWS, after=HOUSE))
    flow = model.of_type(DataFlow)[0]
    for element in (flow.target, flow.id, *(one.id for one in model.of_type(EntryPoint) if one.component)):
        place = model.elements[element]
        component = getattr(place, "component", None) or getattr(place, "target", element)
        facts = model.facts.insert((element, "any"), Answer.UNKNOWN)
        bases = model.bases.insert((element, "any"), model.bases[ABOUT])
        known = owned(replace(model, facts=facts, bases=bases), component, BENJI)
        expected = QuestionOwner(person=BENJI, due=date(2026, 3, 9), since=model.bases[ABOUT].at)
        assert question_owner(known, element, "any") == expected
        assert expected.since.tzinfo is UTC
