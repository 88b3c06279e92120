"""Taking back one's own last answer of each kind, and refusals name all reasons."""

from datetime import timedelta

import pytest

from domain.changes import difference
from domain.commands import (
    AddAsset,
    AddComponent,
    AddEntryPoint,
    AllowSharing,
    AnswerQuestions,
    AskPerson,
    BeginAnalysis,
    BeginRemediation,
    ChooseLabels,
    ChooseParticipants,
    ChooseResponse,
    ChooseTerms,
    Command,
    CompleteRegister,
    ConsiderRow,
    DrawFlows,
    FlowByNames,
    ForbidSharing,
    NameElements,
    OpenQuestion,
    OpenRound,
    OrderTrustLevels,
    PlanMitigation,
    ProposeAcceptance,
    RecordAssumption,
    RemoveElement,
    ReopenRegister,
    ReopenRow,
    ReopenSuggestedThreat,
    Reply,
    ReportThreat,
    ReviseAsset,
    ReviseAssumption,
    ReviseMitigation,
    ReviseScope,
    ReviseThreat,
    StartThreatModel,
    TakeOver,
    Undo,
    WithdrawAssumption,
    WithdrawThreat,
)
from domain.decide import decide
from domain.events import (
    AssetRevised,
    ElementRemoved,
    ElementRestored,
    Erased,
    FactAnswered,
    RegisterReopened,
    ScopeRevised,
)
from domain.history import UndoPreview, preview_undo
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import AnswerBasis, BasisKind
from domain.kernel.elements import SYSTEM, Asset, AssumptionId, ChannelId, ElementId, Kind
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ResponseKind, Stride
from domain.model import ThreatModel
from domain.register import register
from domain.rejections import NameTaken, NothingToUndo, Rejected, UndoBlocked, WordsErased
from domain.replay import EMPTY, replay
from tests.domain.suggested_threats import (
    AMINA,
    BENJI,
    CHIYO,
    FRONT,
    HOUSE,
    TH1,
    THROUGH_THE_FRONT,
    confirm,
    dismiss,
)
from tests.examples import ANA, BEN, CHI, at, decide_all, given, house, started

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
        by=BEN,
        at=at(9),
        answer=5,
        undoes=4,
        element=EP1,
        fact="caller_authenticated",
        reply=Answer.UNKNOWN,
        basis=AnswerBasis(kind=BasisKind.STATED, by=BEN, at=at(2)),
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


def test_a_preview_says_what_would_be_reverted_and_which_later_change_stays() -> None:
    added = decide_all(KEY, after=[started()])
    moved = decide_all(
        TakeOver(by=BEN, at=at(2)), BeginAnalysis(by=BEN, at=at(3), reason="a look"), after=added
    )
    reverts = "added the asset “Key” (AS-1)"
    before, after = preview_undo(added, BEN), preview_undo(moved, BEN)
    assert before == UndoPreview(reverts=reverts, people=frozenset())
    assert after is not None
    assert (after.reverts, after.stays.partition(",")[0]) == (reverts, "moved to analysis")
    assert preview_undo(moved, CHI) is None


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


AU2 = AssumptionId("AU-2")
BELIEVED = RecordAssumption(by=BENJI, at=at(60), text="The lock holds")
LEVELS = tuple(level.id for level in replay(HOUSE).trust_levels())
DOOR = ConsiderRow(by=BENJI, at=at(100), element=FRONT, reason="Seen")


SAID: dict[str, tuple[Command, ...]] = {
    "a register is complete": (CompleteRegister(by=BENJI, at=at(100), register=Kind.ASSET),),
    "a register is open again": (
        CompleteRegister(by=BENJI, at=at(100), register=Kind.ASSET),
        ReopenRegister(by=CHIYO, at=at(101), register=Kind.ASSET),
    ),
    "an order": (OrderTrustLevels(by=BENJI, at=at(100), order=LEVELS[::-1]),),
    "an assumption": (BELIEVED,),
    "an assumption is revised": (
        BELIEVED,
        ReviseAssumption(by=BENJI, at=at(101), assumption=AU2, text="The lock holds a year"),
    ),
    "an assumption is withdrawn": (BELIEVED, WithdrawAssumption(by=BENJI, at=at(101), assumption=AU2)),
    "a component is removed with its flows": (
        RemoveElement(by=BENJI, at=at(100), element=ElementId("CO-2"), together=True),
    ),
    "a component takes the place of another one": (
        RemoveElement(by=BENJI, at=at(100), element=ElementId("CO-2"), replacement=ElementId("CO-3")),
    ),
    "a threat is confirmed": (confirm(THROUGH_THE_FRONT),),
    "a threat is revised": (
        confirm(THROUGH_THE_FRONT),
        ReviseThreat(by=CHIYO, at=at(101), threat=TH1, title="Somebody else", stride=(Stride.SPOOFING,)),
    ),
    "a threat is withdrawn": (
        confirm(THROUGH_THE_FRONT),
        WithdrawThreat(by=CHIYO, at=at(101), threat=TH1),
    ),
    "a suggested threat is dismissed": (dismiss(THROUGH_THE_FRONT),),
    "a suggested threat is open again": (
        dismiss(THROUGH_THE_FRONT),
        ReopenSuggestedThreat(by=CHIYO, at=at(101), suggested_threat=THROUGH_THE_FRONT),
    ),
    "a row is considered": (DOOR,),
    "a row is open again": (DOOR, ReopenRow(by=CHIYO, at=at(101), element=FRONT)),
    "a person is asked": (
        AskPerson(
            by=BENJI,
            at=at(100),
            person=CHIYO,
            questions=(OpenQuestion(element=FRONT, fact="rate_limited"),),
        ),
    ),
    "sharing is allowed": (AllowSharing(by=AMINA, at=at(100)),),
    "sharing is forbidden": (AllowSharing(by=AMINA, at=at(100)), ForbidSharing(by=AMINA, at=at(101))),
    "participants": (ChooseParticipants(by=AMINA, at=at(100), participants=(BENJI,)),),
    "labels": (ChooseLabels(by=AMINA, at=at(100), labels=("team: garden",)),),
    "terms": (ChooseTerms(by=AMINA, at=at(100), quorum=4),),
}


@pytest.mark.parametrize("what", SAID)
def test_it_is_taken_back(what: str) -> None:
    *earlier, last = SAID[what]
    before = decide_all(*earlier, after=HOUSE)
    answered = decide_all(last, after=before)
    assert len(answered) > len(before)
    undone = decide_all(Undo(by=last.by, at=at(120)), after=answered)
    assert difference(register(replay(before)), register(replay(undone)), undone) == ()
    assert register(replay(before)) != register(replay(answered))


LONG = "x" * 10_000
PAST = at(0).date() - timedelta(days=400)
NOW = at(600)


def remediating() -> ThreatModel:
    """The House with a threat and a mitigation, in remediation."""
    model = replay(house())
    for said in (
        ReportThreat(by=AMINA, at=NOW, title="A plumber who is none", stride=(Stride.SPOOFING,)),
        BeginAnalysis(by=SYSTEM, at=NOW, reason="to try it"),
        BeginRemediation(by=SYSTEM, at=NOW, reason="to try it"),
        PlanMitigation(by=AMINA, at=NOW, threat=TH1, title="A look at their card"),
    ):
        model = replay(decide(said, model), model)
    return model


def refused(command: Command, model: ThreatModel) -> set[str | None]:
    with pytest.raises(Rejected) as found:
        decide(command, model)
    return {one.field for one in (found.value, *found.value.also)}


def test_a_start_is_refused_for_all_that_is_wrong() -> None:
    start = StartThreatModel(
        by=AMINA, at=at(0), name="", channel=ChannelId("C0HOUSE01"), description=LONG, answers_by=PAST
    )
    assert refused(start, EMPTY) == {"name", "description", "answers_by"}


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (ReviseScope(by=AMINA, at=NOW, name="", out_of_scope=LONG), {"name", "out_of_scope"}),
        (
            AddComponent(by=AMINA, at=NOW, name="", description=LONG, trust_level=ElementId("TL-99")),
            {"name", "description", "trust_level"},
        ),
        (
            ReportThreat(by=AMINA, at=NOW, title="", description=LONG, stride=()),
            {"title", "stride", "description"},
        ),
        (
            PlanMitigation(
                by=AMINA, at=NOW, threat=TH1, title="", description=LONG, due=PAST, ticket="<none>"
            ),
            {"title", "description", "due", "ticket"},
        ),
        (
            ReviseMitigation(
                by=AMINA, at=NOW, mitigation=MitigationId("MI-1"), title="", description=LONG, ticket="<none>"
            ),
            {"title", "description", "ticket"},
        ),
        (
            ProposeAcceptance(by=AMINA, at=NOW, threat=TH1, expires=PAST, reason="", approver=AMINA),
            {"reason", "expires", "approver"},
        ),
        (
            ChooseResponse(by=AMINA, at=NOW, threat=TH1, response=ResponseKind.TRANSFER, due=PAST),
            {"transferred_to", "reason", "due"},
        ),
        (
            OpenRound(by=AMINA, at=NOW, threats=(), deadline=at(0), quorum=99),
            {"threats", "deadline", "quorum"},
        ),
    ],
)
def test_a_command_is_refused_for_all_that_is_wrong(command: Command, fields: set[str]) -> None:
    assert refused(command, remediating()) == fields
