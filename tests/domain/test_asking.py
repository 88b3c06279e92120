"""Questions: handed to somebody, answered by the page or for the whole system, and counted."""

from collections.abc import Sequence

import pytest
from hypothesis import given as holds_for
from hypothesis import given as random
from hypothesis import note
from hypothesis import strategies as st
from msgspec.structs import replace
from rpds import HashTrieMap

from domain.analysis.model_analysis import analyze
from domain.analysis.possible_questions import possible_questions
from domain.analysis.question_order import QuestionProgress
from domain.analysis.rule_findings import Question, apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AddEntryPoint,
    AnswerOpenQuestions,
    AnswerQuestions,
    AskPerson,
    BeginAnalysis,
    BulkReply,
    Command,
    ConfirmSuggestedThreats,
    ConsiderRow,
    DismissSuggestedThreats,
    MissingControl,
    OpenQuestion,
    RemoveElement,
    Reply,
    Undo,
)
from domain.decide import decide
from domain.events import BulkAnswered, FactAnswered, PersonAsked, RecordedEvent
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.threat import SuggestedThreatId
from domain.model import ThreatModel, evolve
from domain.next_step.next_step_choice import NextStep, NextStepKind
from domain.register import ThreatRegister, register
from domain.rejections import CannotAnswer, ContentMissing, NoSuchElement, NoSuchQuestion, Rejected
from domain.replay import EMPTY, replay
from tests.bench.rules import busy
from tests.depth import examples
from tests.domain.catalogue.shop_model import PAGE, SHOP, SOFTWARE, STORE, answered, shop
from tests.domain.suggested_threats import AMINA, BENJI, CHIYO, HOUSE, NEXT
from tests.examples import STRANGER, answer_screening, at, decide_all, given, recorded, started
from tests.random_commands import FURNISHED, walks

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
    count = sum(question.at_stake and not question.answered_unknown for question in seen(screened).questions)
    assert seen(screened).next == NextStep(act=NextStepKind.ANSWER, text=f"Answer {count} open questions")
    assert seen(all_of_them).next.waits_for == CHIYO
    shared = decide_all(ask(DARIO, FIRST, minute=101), after=all_of_them)
    assert seen(shared).next.waits_for is None


def test_in_analysis_suggested_threats_come_first_then_a_round_then_questions_then_the_grid() -> None:
    analysing = decide_all(BeginAnalysis(by=AMINA, at=at(99)), after=HOUSE)
    suggested_threats = tuple(
        SuggestedThreatId(suggested_threat.id) for suggested_threat in seen(analysing).suggested_threats
    )
    assert seen(analysing).next.text == f"Review {len(suggested_threats)} suggested threats"
    confirm = ConfirmSuggestedThreats(by=BENJI, at=at(100), suggested_threats=suggested_threats)
    dismiss = DismissSuggestedThreats(
        by=BENJI, at=at(100), suggested_threats=suggested_threats, reason="We know"
    )
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


def _unanswered() -> list[Undo]:
    """The House's answers, and what was said after them, are taken back."""
    return [Undo(by=BENJI, at=at(105))]


def test_all_of_one_element_stand_together_after_what_is_software() -> None:
    asked = seen(decide_all(*_unanswered(), after=HOUSE)).questions
    order = [one.element for one in asked if one.fact != "software"]
    runs = [id for place, id in enumerate(order) if place == 0 or order[place - 1] != id]
    assert len(runs) == len(set(runs))


FACT = "rate_limited"
DOORS = tuple(one.id for one in replay(HOUSE).of_kind(Kind.ENTRY_POINT))


def page(
    *ticked: ElementId, others: tuple[ElementId, ...] = (), answer: Answer = Answer.NO, by: PersonId = BENJI
) -> AnswerOpenQuestions:
    bulk = (BulkReply(fact=FACT, elements=others, answer=answer),) if others else ()
    replies = tuple(Reply(element=one, fact=FACT, answer=Answer.YES) for one in ticked)
    return AnswerOpenQuestions(by=by, at=at(100), replies=replies, bulk=bulk)


def answers(events: list[RecordedEvent]) -> dict[ElementId, Answer]:
    return {element: answer for (element, fact), answer in replay(events).facts.items() if fact == FACT}


def test_ticked_elements_are_answered_one_by_one_and_the_others_in_bulk() -> None:
    first, *others = DOORS
    given(*HOUSE).when(page(first, others=tuple(others))).then(
        recorded(FactAnswered, element=first, fact=FACT, reply=Answer.YES),
        recorded(BulkAnswered, fact=FACT, elements=tuple(others), reply=Answer.NO),
    )


def test_a_page_leaves_alone_what_someone_else_answered_meanwhile() -> None:
    first, second, *_ = DOORS
    ana = AnswerQuestions(
        by=AMINA,
        at=at(99),
        replies=(
            Reply(element=first, fact=FACT, answer=Answer.NO),
            Reply(element=second, fact=FACT, answer=Answer.UNKNOWN),
        ),
    )
    after = decide_all(ana, page(first, others=DOORS[1:]), after=HOUSE)
    assert answers(after) == {first: Answer.NO, second: Answer.UNKNOWN, **dict.fromkeys(DOORS[2:], Answer.NO)}


def test_an_answer_of_ones_own_replaces_a_dont_know() -> None:
    first, *_ = DOORS
    unknown = AnswerQuestions(
        by=AMINA, at=at(99), replies=(Reply(element=first, fact=FACT, answer=Answer.UNKNOWN),)
    )
    assert answers(decide_all(unknown, page(first), after=HOUSE)) == {first: Answer.YES}


def test_a_page_leaves_out_an_element_that_was_removed_meanwhile() -> None:
    cellar = decide_all(AddEntryPoint(by=AMINA, at=at(98), name="Cellar door"), after=HOUSE)
    (new,) = {one.id for one in replay(cellar).of_kind(Kind.ENTRY_POINT)} - {*DOORS}
    gone = decide_all(RemoveElement(by=AMINA, at=at(99), element=new), after=cellar)
    after = decide_all(page(others=(*DOORS, new)), after=gone)
    assert answers(after) == dict.fromkeys(DOORS, Answer.NO)


def test_a_page_without_an_answer_says_what_is_wanted() -> None:
    given(*HOUSE).when(page()).then_refused(ContentMissing, "Answer at least one")


def test_a_fact_that_an_element_cannot_have_is_refused() -> None:
    command = AnswerOpenQuestions(
        by=BENJI, at=at(100), bulk=(BulkReply(fact="encrypted", elements=DOORS, answer=Answer.NO),)
    )
    given(*HOUSE).when(command).then_refused(NoSuchQuestion, "encrypted")


def test_a_bulk_answer_is_undone_as_a_whole() -> None:
    after = decide_all(page(others=DOORS), Undo(by=BENJI, at=at(101)), after=HOUSE)
    assert replay(after).facts == replay(HOUSE).facts


def test_the_history_names_the_elements_of_a_bulk_answer() -> None:
    entry = timeline(decide_all(page(others=DOORS), after=HOUSE))[-1]
    assert "answered “no”" in entry.text
    assert "in one line for " in entry.text
    assert all(f"({door})" in entry.text for door in DOORS)


@random(st.lists(st.sampled_from([*Answer, None]), min_size=len(DOORS), max_size=len(DOORS)))
def test_two_people_on_one_page_lose_nothing(anas: list[Answer | None]) -> None:
    """Whatever Ana said of each element stays, and each of Ben's options counts where she said nothing."""
    said = tuple(
        Reply(element=door, fact=FACT, answer=answer)
        for door, answer in zip(DOORS, anas, strict=True)
        if answer is not None
    )
    events = decide_all(AnswerQuestions(by=AMINA, at=at(99), replies=said), after=HOUSE) if said else HOUSE
    after = answers(decide_all(page(DOORS[0], others=DOORS[1:]), after=events))
    for door, hers in zip(DOORS, anas, strict=True):
        mine = Answer.YES if door == DOORS[0] else Answer.NO
        replaced = hers is None or (hers is Answer.UNKNOWN and mine is Answer.YES)
        assert after[door] is (mine if replaced else hers)


def test_questions_at_a_high_rated_asset_or_an_exposed_entry_point_come_first() -> None:
    stakes = [question.at_stake for question in analyze(replay(HOUSE)).found.questions]
    assert stakes == sorted(stakes, reverse=True)


def model_of_software() -> ThreatModel:
    return replace(answered(shop(), SOFTWARE), version=1, step="collection", participants=(PersonId("UANA"),))


def controls(model: ThreatModel) -> dict[str, tuple[ElementId, ...]]:
    return {control.fact: control.elements for control in analyze(model).counter.controls}


def answer(
    model: ThreatModel, bulk: tuple[BulkReply, ...] = (), missing: tuple[MissingControl, ...] = ()
) -> ThreatModel:
    command = AnswerOpenQuestions(by=PersonId("UANA"), at=at(5), bulk=bulk, missing=missing)
    return replay(decide(command, model), model)


def asked(model: ThreatModel) -> set[tuple[ElementId, str]]:
    questions = apply_rules(model).questions
    return {(question.element, question.fact) for question in questions if not question.answered_unknown}


def test_a_control_is_asked_about_before_whether_a_rule_applies() -> None:
    model = model_of_software()
    assert PAGE in controls(model)["queries_parameterized"]
    assert (PAGE, "reaches_query") not in asked(model), "one by one, the conditions come first"


def test_yes_for_all_elements_settles_the_rule_without_asking_whether_it_applies() -> None:
    model = answered(model_of_software(), [f"{PAGE} takes_input"])
    assert (PAGE, "reaches_query") in asked(model)
    reply = BulkReply(
        fact="queries_parameterized", elements=controls(model)["queries_parameterized"], answer=Answer.YES
    )
    after = answer(model, bulk=(reply,))
    assert (PAGE, "reaches_query") not in asked(after)
    assert "queries_parameterized" not in controls(after)
    assert analyze(after).counter.progress.settled > analyze(model).counter.progress.settled


def test_a_missing_control_presupposes_that_it_is_needed_there() -> None:
    model = model_of_software()
    assert not apply_rules(model).suggested_threats
    after = answer(model, missing=(MissingControl(element=PAGE, fact="queries_parameterized"),))
    assert [suggested_threat.id for suggested_threat in apply_rules(after).suggested_threats] == [
        f"T01@{PAGE}"
    ]
    assert after.facts[PAGE, "queries_parameterized"] is Answer.NO
    assert after.facts[PAGE, "takes_input"] is Answer.YES
    assert after.facts[PAGE, "reaches_query"] is Answer.YES


def test_a_question_about_a_control_states_what_a_missing_one_presupposes() -> None:
    model = model_of_software()
    questions = {control.fact: control for control in analyze(model).counter.controls}
    assert questions["queries_parameterized"].needed_where == "input reaches a database query"
    for question in questions.values():
        for element in question.elements:
            after = answer(model, missing=(MissingControl(element=element, fact=question.fact),))
            presupposed = {about for about in after.facts if about not in model.facts}
            said = {fact for _, fact in presupposed - {(element, question.fact)}}
            assert not said or question.needed_where in {BUILT_IN.facts[fact].statement for fact in said}


def test_what_an_element_is_and_how_it_is_rated_is_not_presupposed() -> None:
    model = replace(shop(), version=1, step="collection", participants=(PersonId("UANA"),))
    after = answer(model, missing=(MissingControl(element=STORE, fact="encrypted_at_rest"),))
    assert (STORE, "software") not in after.facts
    assert not apply_rules(after).suggested_threats


def test_an_answer_that_someone_gave_meanwhile_is_left_as_it_is() -> None:
    model = answered(model_of_software(), [f"{PAGE} queries_parameterized"])
    after = answer(model, missing=(MissingControl(element=PAGE, fact="queries_parameterized"),))
    assert after.facts == model.facts


def test_a_missing_control_of_another_kind_of_element_is_refused() -> None:
    with pytest.raises(NoSuchQuestion):
        answer(model_of_software(), missing=(MissingControl(element=STORE, fact="queries_parameterized"),))


def test_a_control_that_nobody_knows_of_asks_nothing_more() -> None:
    model = answered(model_of_software(), [f"{PAGE} takes_input"])
    reply = BulkReply(fact="queries_parameterized", elements=(PAGE,), answer=Answer.UNKNOWN)
    assert (PAGE, "reaches_query") not in asked(answer(model, bulk=(reply,)))


def test_what_an_element_is_comes_before_its_controls() -> None:
    assert not {"default_credentials_changed", "least_privilege"} & controls(shop()).keys()
    assert SHOP in controls(model_of_software())["least_privilege"]
    assert len(controls(replay(HOUSE))) < 5, "nobody is asked about the queries of a plumber"


def test_a_control_with_little_at_stake_everywhere_can_wait() -> None:
    model = model_of_software()
    lines = controls(model)
    at_stake = {question.fact for question in analyze(model).found.questions if question.at_stake}
    assert at_stake & lines.keys()
    assert all(elements for elements in lines.values())


said = st.sampled_from(Answer)


@examples(3, deep=200)
@holds_for(walks, st.data())
def test_the_counter_never_grows_while_people_answer(walk: Sequence[Command], data: st.DataObject) -> None:
    model = _walked(walk)
    _answer_everything(replace(model, facts=HashTrieMap()), data)


@examples(3, deep=120)
@holds_for(st.integers(3, 12), st.data())
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
    return [question for question in analyze(model).found.questions if not question.answered_unknown]


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
