"""The counter of questions: all that answers could raise, and how many of them are settled."""

from collections.abc import Sequence

from hypothesis import given, note
from hypothesis import strategies as st
from msgspec.structs import replace
from rpds import HashTrieMap

from domain.analysis.model_analysis import analyze
from domain.analysis.possible_questions import possible_questions
from domain.analysis.question_order import QuestionProgress
from domain.analysis.rule_findings import Question
from domain.commands import Command
from domain.decide import decide
from domain.kernel.answer import Answer
from domain.model import ThreatModel, evolve
from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.rejections import Rejected
from domain.replay import EMPTY, replay
from tests.bench.rules import busy
from tests.depth import examples
from tests.domain.suggested_threats import AMINA, HOUSE
from tests.examples import answer_screening, decide_all, started
from tests.random_commands import FURNISHED, walks

said = st.sampled_from(Answer)


@examples(3, deep=200)
@given(walks, st.data())
def test_the_counter_never_grows_while_people_answer(walk: Sequence[Command], data: st.DataObject) -> None:
    model = _walked(walk)
    _answer_everything(replace(model, facts=HashTrieMap()), data)


@examples(3, deep=120)
@given(st.integers(3, 12), st.data())
def test_the_counter_never_grows_for_a_model_with_every_kind_of_element(
    size: int, data: st.DataObject
) -> None:
    _answer_everything(replace(busy(size), facts=HashTrieMap()), data)


def _answer_everything(model: ThreatModel, data: st.DataObject) -> None:
    """Answer one open question after the other, checking the counter each time.

    What was screened out is settled from the start; what assumptions rule out never is without an answer.
    """
    every = possible_questions(model)
    before = _progress(model)
    assert before.total == len(every)
    assert before.settled == 0 or len(model.screening)
    while left := _open(model):
        assert {(one.element, one.fact) for one in left} <= every
        asked = data.draw(st.sampled_from(left))
        answer = data.draw(said)
        note(f"{asked.element} {asked.fact}: {answer}")
        model = replace(model, facts=model.facts.insert((asked.element, asked.fact), answer))
        now = _progress(model)
        assert now.total == before.total
        assert now.settled > before.settled
        before = now
    assert before.settled + before.assumed == before.total


def test_a_question_that_was_answered_with_do_not_know_is_settled() -> None:
    model = replay(HOUSE)
    first = _open(model)[0]
    known = replace(model, facts=model.facts.insert((first.element, first.fact), Answer.UNKNOWN))
    assert _progress(known).settled > _progress(model).settled


def test_questions_with_little_at_stake_can_wait_and_nobody_is_pushed() -> None:
    model = replay(decide_all(answer_screening(AMINA), after=HOUSE))
    while left := [one for one in _open(model) if one.at_stake]:
        model = replace(model, facts=model.facts.insert((left[0].element, left[0].fact), Answer.UNKNOWN))
    waiting = _open(model)
    assert waiting
    assert register(model).next.act is NextStepKind.BEGIN_ANALYSIS
    assert register(model).next.text == f"Enough to begin analysis: {len(waiting)} other questions can wait"


def test_only_changes_of_the_model_change_the_number_of_all_questions() -> None:
    model = replay(HOUSE)
    door = next(id for id in model.elements if id.startswith("EP-"))
    fewer = replace(model, elements=model.elements.remove(door))
    assert _progress(fewer).total < _progress(model).total


def _progress(model: ThreatModel) -> QuestionProgress:
    return analyze(model).counter.progress


def _open(model: ThreatModel) -> list[Question]:
    return [one for one in analyze(model).found.questions if not one.answered_unknown]


def _walked(walk: Sequence[Command]) -> ThreatModel:
    model = evolve(EMPTY, started())
    for command in (*FURNISHED, *walk):
        try:
            for event in decide(command, model, tuple):
                model = evolve(model, event)
        except Rejected:
            continue
    return model


def test_two_threads_that_count_at_once_both_get_the_count() -> None:
    """A thread may find the counter among those counted before the other has stored the result in it."""
    counter = register(replay(HOUSE)).question_counter
    counted = counter.progress

    del vars(counter)["progress"]

    assert counter.progress == counted
