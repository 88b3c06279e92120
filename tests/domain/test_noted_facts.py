"""Answers to questions, complete registers, assumptions."""

from domain.commands import (
    AddEntryPoint,
    AnswerQuestions,
    CompleteRegister,
    RecordAssumption,
    ReopenRegister,
    Reply,
    ReviseAssumption,
    WithdrawAssumption,
)
from domain.events import (
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    FactAnswered,
    RegisterCompleted,
    RegisterReopened,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import Assumption, AssumptionId, ElementId, Kind
from domain.rejections import ContentMissing, NoSuchAssumption, NoSuchElement, NoSuchQuestion, Rejected
from tests.examples import ANA, BEN, CHI, at, decide_all, given, started

EP1 = ElementId("EP-1")
DOOR = decide_all(AddEntryPoint(by=ANA, at=at(1), name="Door"), after=[started()])


def _reply(answer: Answer, fact: str = "caller_authenticated", element: ElementId = EP1) -> AnswerQuestions:
    return AnswerQuestions(by=BEN, at=at(2), replies=(Reply(element=element, fact=fact, answer=answer),))


def test_an_answer_is_a_fact() -> None:
    given(*DOOR).when(_reply(Answer.NO)).then(
        FactAnswered(by=BEN, at=at(2), answer=3, element=EP1, fact="caller_authenticated", reply=Answer.NO)
    )


def test_the_same_answer_again_changes_nothing() -> None:
    events = decide_all(_reply(Answer.UNKNOWN), after=DOOR)
    given(*events).when(_reply(Answer.UNKNOWN)).then_nothing_happens()


def test_an_answer_to_no_question_is_refused() -> None:
    given(*DOOR).when(_reply(Answer.NO, fact="encrypted")).then_refused(NoSuchQuestion, "EP-1")
    given(*DOOR).when(_reply(Answer.NO, element=ElementId("EP-7"))).then_refused(NoSuchElement, "EP-7")
    given(*DOOR).when(AnswerQuestions(by=BEN, at=at(2), replies=())).then_refused(
        ContentMissing, "Answer at least one"
    )


def test_a_register_is_marked_complete_and_reopened() -> None:
    complete = CompleteRegister(by=BEN, at=at(2), register=Kind.ASSET)
    reopen = ReopenRegister(by=BEN, at=at(3), register=Kind.ASSET)
    given(*DOOR).when(complete).then(RegisterCompleted(by=BEN, at=at(2), answer=3, register=Kind.ASSET))
    marked = decide_all(complete, after=DOOR)
    given(*marked).when(complete).then_nothing_happens()
    given(*marked).when(reopen).then(RegisterReopened(by=BEN, at=at(3), answer=4, register=Kind.ASSET))
    given(*DOOR).when(reopen).then_nothing_happens()


def test_components_are_no_register() -> None:
    command = CompleteRegister(by=BEN, at=at(2), register=Kind.COMPONENT)
    given(*DOOR).when(command).then_refused(Rejected, "not one of the five registers")


def test_an_assumption_is_held_by_someone() -> None:
    nailed = RecordAssumption(by=ANA, at=at(2), text="The windows are nailed shut", held_by=CHI)
    assumption = Assumption(id=AssumptionId("AU-1"), text="The windows are nailed shut", held_by=CHI)
    given(*DOOR).when(nailed).then(AssumptionRecorded(by=ANA, at=at(2), answer=3, assumption=assumption))
    events = decide_all(nailed, after=DOOR)
    reworded = ReviseAssumption(by=BEN, at=at(3), assumption=AssumptionId("AU-1"), text="They are glued")
    given(*events).when(reworded).then(
        AssumptionRevised(
            by=BEN,
            at=at(3),
            answer=4,
            assumption=Assumption(id=AssumptionId("AU-1"), text="They are glued", held_by=CHI),
        )
    )
    withdraw = WithdrawAssumption(by=BEN, at=at(3), assumption=AssumptionId("AU-1"))
    given(*events).when(withdraw).then(
        AssumptionWithdrawn(by=BEN, at=at(3), answer=4, assumption=AssumptionId("AU-1"))
    )
    given(*decide_all(withdraw, after=events)).when(withdraw).then_refused(NoSuchAssumption, "AU-1")
    given(*decide_all(withdraw, after=events)).when(nailed).then(
        AssumptionRecorded(
            by=ANA,
            at=at(2),
            answer=5,
            assumption=Assumption(id=AssumptionId("AU-2"), text="The windows are nailed shut", held_by=CHI),
        )
    )


def test_an_empty_assumption_is_none() -> None:
    given(*DOOR).when(RecordAssumption(by=ANA, at=at(2), text=" ")).then_refused(
        ContentMissing, "Enter what is assumed to be true", field="text"
    )
