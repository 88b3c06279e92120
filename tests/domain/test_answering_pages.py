"""Answers to a page of questions, which touch only what nobody has answered."""

from hypothesis import given as random
from hypothesis import strategies as st

from domain.analysis.model_analysis import analyze
from domain.commands import (
    AddEntryPoint,
    AnswerOpenQuestions,
    AnswerQuestions,
    BulkReply,
    RemoveElement,
    Reply,
    Undo,
)
from domain.events import BulkAnswered, FactAnswered, RecordedEvent
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.rejections import ContentMissing, NoSuchQuestion
from domain.replay import replay
from tests.domain.suggested_threats import AMINA, BENJI, HOUSE, NEXT
from tests.examples import at, decide_all, given

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
        FactAnswered(by=BENJI, at=at(100), answer=NEXT, element=first, fact=FACT, reply=Answer.YES),
        BulkAnswered(by=BENJI, at=at(100), answer=NEXT, fact=FACT, elements=tuple(others), reply=Answer.NO),
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
    assert "for all others" in entry.text
    assert all(f"({one})" in entry.text for one in DOORS)


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
    stakes = [one.at_stake for one in analyze(replay(HOUSE)).found.questions]
    assert stakes == sorted(stakes, reverse=True)
