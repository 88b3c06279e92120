"""Questions that are handed to somebody who knows, and what the team is to do next."""

from domain.analysis.rule_findings import SimilarElements
from domain.commands import (
    AnswerQuestions,
    AskPerson,
    BeginAnalysis,
    ConfirmCandidates,
    ConsiderRow,
    DismissCandidates,
    OpenQuestion,
    Reply,
    Undo,
)
from domain.events import PersonAsked, RecordedEvent
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import ElementId, PersonId
from domain.next_step.next_step_choice import NextStep, NextStepKind
from domain.register import ThreatRegister, register
from domain.rejections import CannotAnswer, ContentMissing, NoSuchElement, NoSuchQuestion
from domain.replay import replay
from tests.domain.suggested_threats import AMINA, BENJI, CHIYO, HOUSE, NEXT
from tests.examples import STRANGER, answer_screening, at, decide_all, given

DARIO = PersonId("UDARIO")


def seen(events: list[RecordedEvent]) -> ThreatRegister:
    return register(replay(events))


def still_open(events: list[RecordedEvent]) -> tuple[OpenQuestion, ...]:
    return tuple(OpenQuestion(element=one.element, fact=one.fact) for one in seen(events).questions)


def ask(person: PersonId, *questions: OpenQuestion, minute: int = 100) -> AskPerson:
    return AskPerson(by=BENJI, at=at(minute), person=person, questions=questions)


FIRST, SECOND, *_ = still_open(HOUSE)


def test_a_question_handed_to_someone_says_so() -> None:
    given(*HOUSE).when(ask(CHIYO, FIRST, SECOND)).then(
        *(
            PersonAsked(by=BENJI, at=at(100), answer=NEXT, element=one.element, fact=one.fact, person=CHIYO)
            for one in (FIRST, SECOND)
        )
    )
    asked = seen(decide_all(ask(CHIYO, FIRST), after=HOUSE)).questions
    assert [one.asked_of for one in asked][:2] == [CHIYO, None]


def test_a_question_that_was_handed_on_and_taken_back_is_as_it_was() -> None:
    back = decide_all(ask(CHIYO, FIRST), Undo(by=BENJI, at=at(101)), after=HOUSE)
    assert replay(back).asked_of == replay(HOUSE).asked_of
    assert seen(back).questions == seen(HOUSE).questions


def test_no_one_is_asked_the_same_twice() -> None:
    asked = decide_all(ask(CHIYO, FIRST), after=HOUSE)
    given(*asked).when(ask(CHIYO, FIRST, minute=101)).then_nothing_happens()
    handed_on = decide_all(ask(DARIO, FIRST, minute=101), after=asked)
    assert seen(handed_on).questions[0].asked_of == DARIO


def test_only_who_may_answer_is_asked_and_only_what_is_a_question() -> None:
    nonsense = OpenQuestion(element=FIRST.element, fact="nonsense")
    nowhere = OpenQuestion(element=ElementId("EP-99"), fact=FIRST.fact)
    given(*HOUSE).when(ask(STRANGER, FIRST)).then_refused(
        CannotAnswer, "@UEVE is not a participant of this model", field="person"
    )
    given(*HOUSE).when(ask(CHIYO)).then_refused(ContentMissing, "Select at least one", field="questions")
    given(*HOUSE).when(ask(CHIYO, nonsense)).then_refused(NoSuchQuestion, "nonsense")
    given(*HOUSE).when(ask(CHIYO, nowhere)).then_refused(NoSuchElement, "EP-99")


def test_an_asking_can_be_taken_back_and_then_whoever_was_asked_before_is_asked_again() -> None:
    asked = decide_all(ask(CHIYO, FIRST), after=HOUSE)
    undone = decide_all(Undo(by=BENJI, at=at(101)), after=asked)
    assert seen(undone).questions == seen(HOUSE).questions
    handed_on = decide_all(ask(DARIO, FIRST, minute=101), Undo(by=BENJI, at=at(102)), after=asked)
    assert seen(handed_on).questions == seen(asked).questions


def test_history_mentions_who_was_asked() -> None:
    last = timeline(decide_all(ask(CHIYO, FIRST), after=HOUSE))[-1]
    assert last.text.startswith(f"assigned @{CHIYO} “")
    assert last.people == (CHIYO,)


def test_the_next_action_waits_for_one_person_where_all_is_handed_to_them() -> None:
    screened = decide_all(answer_screening(BENJI), after=HOUSE)
    all_of_them = decide_all(ask(CHIYO, *still_open(screened)), after=screened)
    count = sum(one.at_stake and not one.answered_unknown for one in seen(screened).questions)
    assert seen(screened).next == NextStep(act=NextStepKind.ANSWER, text=f"Answer {count} open questions")
    assert seen(all_of_them).next.waits_for == CHIYO
    shared = decide_all(ask(DARIO, FIRST, minute=101), after=all_of_them)
    assert seen(shared).next.waits_for is None


def test_in_analysis_candidates_come_first_then_a_round_then_questions_then_the_grid() -> None:
    analysing = decide_all(BeginAnalysis(by=AMINA, at=at(99)), after=HOUSE)
    candidates = tuple(CandidateId(one.id) for one in seen(analysing).candidates)
    assert seen(analysing).next.text == f"Review {len(candidates)} suggested threats"
    confirm = ConfirmCandidates(by=BENJI, at=at(100), candidates=candidates)
    dismiss = DismissCandidates(by=BENJI, at=at(100), candidates=candidates, reason="We know")
    confirmed, dismissed = decide_all(confirm, after=analysing), decide_all(dismiss, after=analysing)
    assert seen(confirmed).next.act is NextStepKind.OPEN_ROUND, (
        "a vote takes days, in which questions are answered"
    )
    assert seen(dismissed).next.act is NextStepKind.ANSWER
    nobody_knows = AnswerQuestions(
        by=BENJI,
        at=at(101),
        replies=tuple(
            Reply(element=one.element, fact=one.fact, answer=Answer.UNKNOWN) for one in still_open(confirmed)
        ),
    )
    unknown = decide_all(nobody_knows, after=confirmed)
    assert len(seen(unknown).questions) == len(still_open(confirmed)), "unknown keeps a question listed"
    without_threats = decide_all(nobody_knows, after=dismissed)
    assert seen(without_threats).next.act is NextStepKind.COVER
    covered = decide_all(
        *(
            ConsiderRow(by=CHIYO, at=at(102), element=row.element, reason="We looked")
            for row in seen(without_threats).coverage.open
        ),
        after=without_threats,
    )
    assert seen(covered).next.act is NextStepKind.BEGIN_REMEDIATION


def test_one_answer_may_be_for_all_that_are_alike_but_never_for_what_was_answered_by_name() -> None:
    unanswered = decide_all(*_unanswered(), after=HOUSE)
    alike = [one for one in seen(unanswered).questions if one.fact == "caller_authenticated" and one.similar]
    doors = [one.element for one in alike if one.element.startswith("EP-")]
    assert len(doors) == 3
    assert {one.similar for one in alike} == {
        SimilarElements(name="entry points without an exposure", count=3)
    }
    said = decide_all(
        AnswerQuestions(
            by=BENJI,
            at=at(110),
            replies=(
                Reply(element=doors[0], fact="caller_authenticated", answer=Answer.YES, for_all_alike=True),
                Reply(element=doors[1], fact="caller_authenticated", answer=Answer.NO),
            ),
        ),
        after=unanswered,
    )
    facts = replay(said).facts
    answers = [facts[door, "caller_authenticated"] for door in doors]
    assert answers == [Answer.YES, Answer.NO, Answer.YES]


def _unanswered() -> list[Undo]:
    """The House's answers, and what was said after them, are taken back."""
    return [Undo(by=BENJI, at=at(105))]


def test_all_of_one_element_stand_together_after_what_is_software() -> None:
    asked = seen(decide_all(*_unanswered(), after=HOUSE)).questions
    order = [one.element for one in asked if one.fact != "software"]
    runs = [id for place, id in enumerate(order) if place == 0 or order[place - 1] != id]
    assert len(runs) == len(set(runs))
