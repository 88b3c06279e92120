"""Taking back one's own last answer."""

from domain.commands import (
    AddAsset,
    AddEntryPoint,
    AnswerQuestions,
    BeginAnalysis,
    CompleteRegister,
    DrawFlows,
    FlowByNames,
    NameElements,
    RemoveElement,
    Reply,
    ReviseAsset,
    ReviseScope,
    TakeOver,
    Undo,
)
from domain.events import (
    AssetRevised,
    ElementRemoved,
    ElementRestored,
    Erased,
    FactAnswered,
    RegisterReopened,
    ScopeRevised,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import Asset, ElementId, Kind
from domain.rejections import NameTaken, NothingToUndo, UndoBlocked, WordsErased
from domain.replay import replay
from tests.examples import ANA, BEN, CHI, at, decide_all, given, started

AS1, EP1 = ElementId("AS-1"), ElementId("EP-1")
KEY = AddAsset(by=BEN, at=at(1), name="Key")
UNDO = Undo(by=BEN, at=at(9))


def test_what_was_added_is_removed() -> None:
    given(*decide_all(KEY, after=[started()])).when(UNDO).then(
        ElementRemoved(by=BEN, at=at(9), answer=3, undoes=2, element=AS1)
    )


def test_what_was_revised_is_as_before() -> None:
    events = decide_all(
        AddAsset(by=ANA, at=at(1), name="Key"),
        ReviseAsset(by=BEN, at=at(2), element=AS1, name="Spare key"),
        after=[started()],
    )
    given(*events).when(UNDO).then(
        AssetRevised(by=BEN, at=at(9), answer=4, undoes=3, asset=Asset(id=AS1, name="Key"))
    )


def test_what_was_removed_comes_back_under_its_id() -> None:
    events = decide_all(KEY, RemoveElement(by=BEN, at=at(2), element=AS1), after=[started()])
    given(*events).when(UNDO).then(ElementRestored(by=BEN, at=at(9), answer=4, undoes=3, element=AS1))


def test_an_answer_of_many_lines_is_taken_back_as_one_the_last_line_first() -> None:
    events = decide_all(
        DrawFlows(by=BEN, at=at(1), flows=(FlowByNames(source="Guest", target="House", assets=("Key",)),)),
        after=[started()],
    )
    given(*events).when(UNDO).then(
        *(
            ElementRemoved(by=BEN, at=at(9), answer=6, undoes=2, element=ElementId(element))
            for element in ("DF-1", "AS-1", "CO-2", "CO-1")
        )
    )


def test_a_reply_goes_back_to_the_reply_before_or_to_none() -> None:
    def reply(answer: Answer, minute: int) -> AnswerQuestions:
        replies = (Reply(element=EP1, fact="caller_authenticated", answer=answer),)
        return AnswerQuestions(by=BEN, at=at(minute), replies=replies)

    first = decide_all(
        AddEntryPoint(by=ANA, at=at(1), name="Door"), reply(Answer.UNKNOWN, 2), after=[started()]
    )
    second = decide_all(reply(Answer.NO, 3), after=first)
    back = FactAnswered(
        by=BEN, at=at(9), answer=5, undoes=4, element=EP1, fact="caller_authenticated", reply=Answer.UNKNOWN
    )
    given(*second).when(UNDO).then(back)
    given(*second, back).when(UNDO).then(
        FactAnswered(by=BEN, at=at(9), answer=6, undoes=3, element=EP1, fact="caller_authenticated")
    )


def test_scope_and_marks_are_answers_too() -> None:
    scope = decide_all(ReviseScope(by=BEN, at=at(1), name="Castle"), after=[started()])
    given(*scope).when(UNDO).then(ScopeRevised(by=BEN, at=at(9), answer=3, undoes=2, name="The House"))
    mark = decide_all(CompleteRegister(by=BEN, at=at(1), register=Kind.ASSET), after=[started()])
    given(*mark).when(UNDO).then(RegisterReopened(by=BEN, at=at(9), answer=3, undoes=2, register=Kind.ASSET))


def test_only_ones_own_answers_are_taken_back() -> None:
    events = decide_all(KEY, AddAsset(by=ANA, at=at(2), name="Purse"), after=[started()])
    given(*events).when(UNDO).then(ElementRemoved(by=BEN, at=at(9), answer=4, undoes=2, element=AS1))
    given(*events).when(Undo(by=CHI, at=at(9))).then_refused(NothingToUndo, "You have no change left to undo")


def test_going_on_taking_back_reaches_the_earlier_answers_and_then_nothing() -> None:
    events = decide_all(KEY, AddAsset(by=BEN, at=at(2), name="Purse"), UNDO, UNDO, after=[started()])
    assert not replay(events).elements
    given(*events).when(UNDO).then_refused(NothingToUndo, "You have no change left to undo")


def test_someone_who_built_on_it_is_named_with_what_they_did() -> None:
    events = decide_all(
        KEY, ReviseAsset(by=ANA, at=at(2), element=AS1, name="Front door key"), after=[started()]
    )
    given(*events).when(UNDO).then_refused(
        UndoBlocked, "since then, @UANA revised the asset “Front door key” (AS-1), formerly “Key” (AS-1)"
    )


def test_a_later_flow_that_carries_it_counts_as_built_on_it() -> None:
    flow = DrawFlows(by=ANA, at=at(2), flows=(FlowByNames(source="Guest", target="House", assets=("Key",)),))
    events = decide_all(KEY, flow, after=[started()])
    given(*events).when(UNDO).then_refused(UndoBlocked, "@UANA added the data flow")
    after_ana_took_hers_back = decide_all(Undo(by=ANA, at=at(3)), after=events)
    given(*after_ana_took_hers_back).when(UNDO).then(
        ElementRemoved(by=BEN, at=at(9), answer=len(after_ana_took_hers_back) + 1, undoes=2, element=AS1)
    )


def test_a_name_taken_meanwhile_is_refused() -> None:
    events = decide_all(
        KEY,
        RemoveElement(by=BEN, at=at(2), element=AS1),
        AddAsset(by=ANA, at=at(3), name="key"),
        after=[started()],
    )
    given(*events).when(UNDO).then_refused(
        NameTaken, "The name “Key” is already used by asset AS-2", field="name"
    )


def test_moves_and_taking_over_are_never_taken_back_but_answers_before_them_are() -> None:
    events = decide_all(
        KEY,
        TakeOver(by=BEN, at=at(2)),
        BeginAnalysis(by=BEN, at=at(3), reason="a look"),
        after=[started()],
    )
    given(*events).when(UNDO).then(ElementRemoved(by=BEN, at=at(9), answer=5, undoes=2, element=AS1))
    given(started()).when(Undo(by=ANA, at=at(9))).then_refused(
        NothingToUndo, "You have no change left to undo"
    )


def test_an_erased_past_is_passed_over() -> None:
    events = decide_all(NameElements(by=BEN, at=at(1), assets=("Key", "Purse")), after=[started()])
    given(events[0], events[1], Erased()).when(UNDO).then(
        ElementRemoved(by=BEN, at=at(9), answer=4, undoes=2, element=AS1)
    )
    given(events[0], Erased(), Erased()).when(UNDO).then_refused(
        NothingToUndo, "You have no change left to undo"
    )


def test_what_was_erased_cannot_be_brought_back() -> None:
    revised = decide_all(KEY, ReviseAsset(by=BEN, at=at(2), element=AS1, name="Spare"), after=[started()])
    given(revised[0], Erased(), revised[2]).when(UNDO).then_refused(WordsErased, "has been erased")
