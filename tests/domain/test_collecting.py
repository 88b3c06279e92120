"""Adding, revising and removing elements, answering, and warnings where a model does not fit together."""

from typing import Any

import pytest

from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddTrustBoundary,
    AddTrustLevel,
    AnswerQuestions,
    BeginAnalysis,
    Command,
    CompleteRegister,
    ConsiderRow,
    OrderTrustLevels,
    RecordAssumption,
    RemoveElement,
    ReopenRegister,
    Reply,
    ReviseAsset,
    ReviseAssumption,
    ReviseCommand,
    ReviseComponent,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseExternalDependency,
    ReviseTrustBoundary,
    ReviseTrustLevel,
    WithdrawAssumption,
)
from domain.events import (
    AssetAdded,
    AssetRevised,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    DataFlowAdded,
    ElementRemoved,
    EntryPointAdded,
    FactAnswered,
    RegisterCompleted,
    RegisterReopened,
    TrustLevelAdded,
    TrustLevelsOrdered,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Assumption,
    AssumptionId,
    DataFlow,
    ElementId,
    EntryPoint,
    Exposure,
    Kind,
    Rating,
    TrustBoundary,
    TrustLevel,
    kind_of,
    references,
)
from domain.register import register
from domain.rejections import (
    BoundaryInItself,
    ContentMissing,
    FlowAlreadyDrawn,
    NameMissing,
    NameTaken,
    NoSuchAssumption,
    NoSuchElement,
    NoSuchQuestion,
    OrderIncomplete,
    OthersReferToIt,
    Rejected,
    SameEnds,
    StillUsed,
    TooLong,
    WrongKind,
)
from domain.replay import replay
from tests.domain.placed_components import (
    ENTITY,
    HOME,
    PROCESS,
    STORE,
    element_id,
    placed_model,
    register_after,
    reply,
)
from tests.examples import ANA, BEN, CHI, at, decide_all, given, house, id_of_element, recorded, started

AMINA = replay(house()).facilitator
KEY = AddAsset(by=BEN, at=at(1), name="Key", confidentiality=Rating.HIGH)


def test_an_asset_is_added_with_its_ratings() -> None:
    given(started()).when(KEY).then(
        recorded(AssetAdded, asset=Asset(id=ElementId("AS-1"), name="Key", confidentiality=Rating.HIGH))
    )


def test_names_are_unique_within_a_register_whatever_their_case() -> None:
    events = decide_all(KEY, after=[started()])
    given(*events).when(AddAsset(by=ANA, at=at(2), name="KEY")).then_refused(
        NameTaken, "The name “KEY” is already used by asset AS-1", field="name"
    )


def test_the_same_name_may_stand_in_two_registers() -> None:
    events = decide_all(KEY, after=[started()])
    given(*events).when(AddEntryPoint(by=ANA, at=at(2), name="Key")).then(
        recorded(EntryPointAdded, entry_point=EntryPoint(id=ElementId("EP-1"), name="Key"))
    )


def test_an_id_is_not_used_again_after_its_element_is_gone() -> None:
    events = decide_all(KEY, RemoveElement(by=BEN, at=at(2), element=ElementId("AS-1")), after=[started()])
    given(*events).when(AddAsset(by=ANA, at=at(3), name="Key")).then(
        recorded(AssetAdded, asset=Asset(id=ElementId("AS-2"), name="Key"))
    )


def test_a_nested_entry_point_is_numbered_within_its_parent() -> None:
    events = decide_all(AddEntryPoint(by=ANA, at=at(1), name="Door"), after=[started()])
    events = decide_all(
        AddEntryPoint(by=ANA, at=at(2), name="Cat flap", parent=ElementId("EP-1")),
        AddEntryPoint(by=ANA, at=at(2), name="Letter box", parent=ElementId("EP-1")),
        AddEntryPoint(by=ANA, at=at(2), name="Window"),
        after=events,
    )
    items = register(replay(events)).items(Kind.ENTRY_POINT)
    assert [(item.id, item.name, item.parent) for item in items] == [
        ("EP-1", "Door", None),
        ("EP-1.1", "Cat flap", "EP-1"),
        ("EP-1.2", "Letter box", "EP-1"),
        ("EP-2", "Window", None),
    ]


def test_a_trust_level_goes_in_between_two_others() -> None:
    events = decide_all(
        AddTrustLevel(by=ANA, at=at(1), name="Strangers"),
        AddTrustLevel(by=ANA, at=at(1), name="Residents"),
        after=[started()],
    )
    command = AddTrustLevel(by=ANA, at=at(2), name="Guests", above=ElementId("TL-1"))
    given(*events).when(command).then(
        recorded(TrustLevelAdded, level=TrustLevel(id=ElementId("TL-3"), name="Guests", rank=3)),
        recorded(TrustLevelsOrdered, order=(ElementId("TL-1"), ElementId("TL-3"), ElementId("TL-2"))),
    )


def test_a_trust_level_goes_above_one_that_is_there_and_never_above_itself() -> None:
    command = AddTrustLevel(by=ANA, at=at(1), name="Guests", above=ElementId("TL-1"))
    given(started()).when(command).then_refused(
        NoSuchElement, "This model has no element TL-1", field="above"
    )


def test_an_order_must_name_every_level_once() -> None:
    events = decide_all(AddTrustLevel(by=ANA, at=at(1), name="Strangers"), after=[started()])
    given(*events).when(OrderTrustLevels(by=ANA, at=at(2), order=())).then_refused(
        OrderIncomplete, "The order must contain every trust level once", field="order"
    )


def test_a_flow_without_a_name_is_called_after_its_ends() -> None:
    events = decide_all(
        KEY,
        AddComponent(by=ANA, at=at(2), name="Guest"),
        AddComponent(by=ANA, at=at(2), name="House"),
        after=[started()],
    )
    flow = AddDataFlow(
        by=ANA, at=at(3), source=ElementId("CO-1"), target=ElementId("CO-2"), assets=(ElementId("AS-1"),)
    )
    given(*events).when(flow).then(
        recorded(
            DataFlowAdded,
            flow=DataFlow(
                id=ElementId("DF-1"),
                source=ElementId("CO-1"),
                target=ElementId("CO-2"),
                assets=(ElementId("AS-1"),),
            ),
        )
    )
    events = decide_all(flow, after=events)
    assert register(replay(events)).items(Kind.DATA_FLOW)[0].name == "Guest → House: Key"
    given(*events).when(flow).then_refused(FlowAlreadyDrawn, "Guest → House: Key", field="target")


def test_a_flow_is_not_revised_into_one_that_is_drawn_after_it() -> None:
    ends: dict[str, Any] = {"source": ElementId("CO-1"), "target": ElementId("CO-2")}
    events = decide_all(
        AddEntryPoint(by=ANA, at=at(1), name="Door"),
        AddComponent(by=ANA, at=at(2), name="Guest"),
        AddComponent(by=ANA, at=at(2), name="House"),
        AddDataFlow(by=ANA, at=at(3), **ends),
        AddDataFlow(by=ANA, at=at(3), entry_point=ElementId("EP-1"), **ends),
        after=[started()],
    )
    revise = ReviseDataFlow(
        by=ANA, at=at(4), element=ElementId("DF-1"), entry_point=ElementId("EP-1"), **ends
    )
    given(*events).when(revise).then_refused(FlowAlreadyDrawn, "Guest → House", field="target")


def test_a_flow_needs_two_ends() -> None:
    events = decide_all(AddComponent(by=ANA, at=at(2), name="House"), after=[started()])
    flow = AddDataFlow(by=ANA, at=at(3), source=ElementId("CO-1"), target=ElementId("CO-1"))
    given(*events).when(flow).then_refused(SameEnds, "Choose two different components", field="target")


def test_references_are_to_what_is_there_and_of_the_right_kind() -> None:
    events = decide_all(KEY, after=[started()])
    missing = AddEntryPoint(by=ANA, at=at(2), name="Door", parent=ElementId("EP-9"))
    wrong = AddEntryPoint(by=ANA, at=at(2), name="Door", component=ElementId("AS-1"))
    given(*events).when(missing).then_refused(NoSuchElement, "This model has no element EP-9", field="parent")
    given(*events).when(wrong).then_refused(WrongKind, "AS-1 is not a component", field="component")


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("", NameMissing, "The name is missing"),
        ("\u0000\u0007", NameMissing, "The name is missing"),
        ("\u200b\ufeff", NameMissing, "The name is missing"),
        ("n" * 151, TooLong, "151 characters. Shorten it to 150"),
    ],
)
def test_a_name_is_there_and_fits(name: str, kind: type[NameMissing], words: str) -> None:
    given(started()).when(AddAsset(by=ANA, at=at(1), name=name)).then_refused(kind, words, field="name")


def test_revising_tells_the_element_again() -> None:
    events = decide_all(KEY, after=[started()])
    command = ReviseAsset(by=ANA, at=at(2), element=ElementId("AS-1"), name="Spare key")
    given(*events).when(command).then(
        recorded(AssetRevised, asset=Asset(id=ElementId("AS-1"), name="Spare key"))
    )


def test_saying_the_same_again_changes_nothing() -> None:
    events = decide_all(KEY, after=[started()])
    same = ReviseAsset(by=ANA, at=at(2), element=ElementId("AS-1"), name="Key", confidentiality=Rating.HIGH)
    given(*events).when(same).then_nothing_happens()


def test_what_others_still_name_is_not_removed_under_them() -> None:
    events = house()
    garage = id_of_element(replay(events), Kind.COMPONENT, "Garage")
    command = RemoveElement(by=AMINA, at=at(90), element=garage)
    given(*events).when(command).then_refused(
        StillUsed,
        f"“Garage” ({garage}) is used by “Resident → Garage: Valuables” (DF-4), "
        "“Garage → House: Valuables” (DF-5). Change or remove these references first.",
    )


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("together", [True, False])
def test_after_a_removal_nothing_refers_to_the_element(kind: Kind, *, together: bool) -> None:
    model = replay(house())
    for element in (one for one in model.elements.values() if kind_of(one) is kind):
        others = [one.id for one in model.elements.values() if kind_of(one) is kind and one != element]
        command = RemoveElement(
            by=AMINA,
            at=at(90),
            element=element.id,
            together=together,
            replacement=None if together or not others else others[-1],
            dependents=sum(element.id in references(one) for one in model.elements.values()),
        )
        try:
            after = replay(decide_all(command, after=house()))
        except StillUsed:
            assert not together
            assert not others
            continue
        left = [one for one in after.elements.values() if element.id in references(one)]
        assert left == []
        assert element.id not in after.elements
        assert all(data_flow.source != data_flow.target for data_flow in after.of_type(DataFlow))


def test_a_boundary_inside_a_removed_one_moves_outwards() -> None:
    outer, middle, inner = (ElementId(f"TB-{number}") for number in (1, 2, 3))
    nested = decide_all(
        AddTrustBoundary(by=ANA, at=at(1), name="Cloud"),
        AddTrustBoundary(by=ANA, at=at(2), name="Cluster", parent=outer),
        AddTrustBoundary(by=ANA, at=at(3), name="Namespace", parent=middle),
        after=[started()],
    )
    for command in (
        RemoveElement(by=ANA, at=at(4), element=middle, together=True),
        RemoveElement(by=ANA, at=at(4), element=middle, replacement=inner),
    ):
        after = replay(decide_all(command, after=nested)).elements[inner]
        assert isinstance(after, TrustBoundary)
        assert after.parent == outer


def test_a_removal_is_refused_if_others_refer_to_the_element_than_the_person_saw() -> None:
    garage = id_of_element(replay(house()), Kind.COMPONENT, "Garage")
    command = RemoveElement(by=AMINA, at=at(90), element=garage, together=True, dependents=1)
    given(*house()).when(command).then_refused(OthersReferToIt, "Open it again")


def test_what_nothing_names_is_removed() -> None:
    events = decide_all(KEY, after=[started()])
    given(*events).when(RemoveElement(by=ANA, at=at(2), element=ElementId("AS-1"))).then(
        recorded(ElementRemoved, element=ElementId("AS-1"))
    )


def test_boundaries_never_nest_in_a_circle() -> None:
    events = decide_all(
        AddTrustBoundary(by=ANA, at=at(1), name="Fence"),
        AddTrustBoundary(by=ANA, at=at(1), name="Locks", parent=ElementId("TB-1")),
        after=[started()],
    )
    circle = ReviseTrustBoundary(
        by=ANA, at=at(2), element=ElementId("TB-1"), name="Fence", parent=ElementId("TB-2")
    )
    given(*events).when(circle).then_refused(BoundaryInItself, "TB-1 cannot be inside itself", field="parent")


@pytest.mark.parametrize(
    "command",
    [
        ReviseExternalDependency(by=AMINA, at=at(90), element=ElementId("XD-1"), name="Mains", owner="Grid"),
        ReviseEntryPoint(
            by=AMINA, at=at(90), element=ElementId("EP-1"), name="condition", exposure=Exposure.INTERNET
        ),
        ReviseTrustLevel(by=AMINA, at=at(90), element=ElementId("TL-1"), name="Strangers"),
        ReviseComponent(by=AMINA, at=at(90), element=ElementId("CO-1"), name="Owner"),
        ReviseDataFlow(
            by=AMINA,
            at=at(90),
            element=ElementId("DF-1"),
            source=ElementId("CO-1"),
            target=ElementId("CO-2"),
            name="Coming home",
        ),
    ],
    ids=lambda command: type(command).__name__,
)
def test_every_kind_of_element_can_be_described_again(command: ReviseCommand) -> None:
    item = register(replay(decide_all(command, after=house()))).item(command.element)
    assert item is not None
    assert item.name == command.name


def test_a_new_level_may_be_the_least_trusted() -> None:
    events = decide_all(AddTrustLevel(by=ANA, at=at(1), name="Guests"), after=[started()])
    lowest = AddTrustLevel(by=ANA, at=at(2), name="Strangers", lowest=True)
    items = register(replay(decide_all(lowest, after=events))).items(Kind.TRUST_LEVEL)
    assert [item.name for item in items] == ["Strangers", "Guests"]


def test_what_steers_a_terminal_or_turns_the_reading_is_no_part_of_a_name() -> None:
    given(started()).when(AddAsset(by=ANA, at=at(1), name="K\u202ee\x07y\tring")).then(
        recorded(AssetAdded, asset=Asset(id=ElementId("AS-1"), name="Key ring"))
    )


EP1 = ElementId("EP-1")
DOOR = decide_all(AddEntryPoint(by=ANA, at=at(1), name="Door"), after=[started()])


def _reply(answer: Answer, fact: str = "caller_authenticated", element: ElementId = EP1) -> AnswerQuestions:
    return AnswerQuestions(by=BEN, at=at(2), replies=(Reply(element=element, fact=fact, answer=answer),))


def test_an_answer_is_a_fact() -> None:
    given(*DOOR).when(_reply(Answer.NO)).then(
        recorded(FactAnswered, element=EP1, fact="caller_authenticated", reply=Answer.NO)
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
    given(*DOOR).when(complete).then(recorded(RegisterCompleted, register=Kind.ASSET))
    marked = decide_all(complete, after=DOOR)
    given(*marked).when(complete).then_nothing_happens()
    given(*marked).when(reopen).then(recorded(RegisterReopened, register=Kind.ASSET))
    given(*DOOR).when(reopen).then_nothing_happens()


def test_components_are_no_register() -> None:
    command = CompleteRegister(by=BEN, at=at(2), register=Kind.COMPONENT)
    given(*DOOR).when(command).then_refused(Rejected, "not one of the five registers")


def test_an_assumption_is_held_by_someone() -> None:
    nailed = RecordAssumption(by=ANA, at=at(2), text="The windows are nailed shut", held_by=CHI)
    assumption = Assumption(id=AssumptionId("AU-1"), text="The windows are nailed shut", held_by=CHI)
    given(*DOOR).when(nailed).then(recorded(AssumptionRecorded, assumption=assumption))
    events = decide_all(nailed, after=DOOR)
    reworded = ReviseAssumption(by=BEN, at=at(3), assumption=AssumptionId("AU-1"), text="They are glued")
    given(*events).when(reworded).then(
        recorded(
            AssumptionRevised,
            assumption=Assumption(id=AssumptionId("AU-1"), text="They are glued", held_by=CHI),
        )
    )
    withdraw = WithdrawAssumption(by=BEN, at=at(3), assumption=AssumptionId("AU-1"))
    given(*events).when(withdraw).then(recorded(AssumptionWithdrawn, assumption=AssumptionId("AU-1")))
    given(*decide_all(withdraw, after=events)).when(withdraw).then_refused(NoSuchAssumption, "AU-1")
    given(*decide_all(withdraw, after=events)).when(nailed).then(
        recorded(
            AssumptionRecorded,
            assumption=Assumption(id=AssumptionId("AU-2"), text="The windows are nailed shut", held_by=CHI),
        )
    )


def test_an_empty_assumption_is_none() -> None:
    given(*DOOR).when(RecordAssumption(by=ANA, at=at(2), text=" ")).then_refused(
        ContentMissing, "Enter what is assumed to be true", field="text"
    )


@pytest.mark.parametrize(
    ("warning", "more"),
    [
        ("in_no_flow@CO-4", [AddComponent(by=ANA, at=at(3), name="Shed")]),
        (
            "carries_nothing@DF-3",
            [AddDataFlow(by=ANA, at=at(3), source=element_id("CO-2"), target=element_id("CO-1"))],
        ),
        ("neither_stored_nor_moved@AS-2", [AddAsset(by=ANA, at=at(3), name="Purse")]),
        ("level_undefined@CO-4", [AddComponent(by=ANA, at=at(3), name="Shed")]),
        ("level_unused@TL-3", [AddTrustLevel(by=ANA, at=at(3), name="Nobody")]),
        ("boundary_uncrossed@TB-2", [AddTrustBoundary(by=ANA, at=at(3), name="Fence")]),
        ("entry_point_unpassed@EP-2", [AddEntryPoint(by=ANA, at=at(3), name="Window")]),
        ("store_never_read@CO-3", []),
        (
            "process_without_output@CO-4",
            [
                AddComponent(by=ANA, at=at(3), name="Oven", sort=PROCESS),
                AddDataFlow(by=ANA, at=at(3), source=element_id("CO-2"), target=element_id("CO-4")),
            ],
        ),
        (
            "flows_alike@DF-3",
            [
                AddDataFlow(
                    by=ANA,
                    at=at(3),
                    name="Again",
                    source=element_id("CO-2"),
                    target=element_id("CO-3"),
                    assets=(element_id("AS-1"),),
                )
            ],
        ),
        ("many_unknown", [reply("EP-1", "caller_authenticated", Answer.UNKNOWN)]),
    ],
)
def test_a_warning_says_what_does_not_fit(warning: str, more: list[Command]) -> None:
    events = placed_model(*HOME)
    if more:
        assert warning not in [one.id for one in register_after(events).warnings]
    found = {one.id: one for one in register_after(events, *more).warnings}
    assert warning in found, list(found)
    assert found[warning].text.endswith(".") or warning == "many_unknown"


def test_before_a_first_flow_there_is_nothing_to_warn_of() -> None:
    named = decide_all(
        AddAsset(by=ANA, at=at(1), name="Key"),
        AddEntryPoint(by=ANA, at=at(1), name="Door"),
        AddTrustLevel(by=ANA, at=at(1), name="Guests"),
        AddComponent(by=ANA, at=at(1), name="House"),
        after=[started()],
    )
    assert register_after(named).warnings == ()


@pytest.mark.parametrize(
    ("considered", "rest"), [(("CO-2",), ""), ((), " and 1 more")], ids=["three", "four"]
)
def test_three_elements_that_nobody_has_decided_on_are_named_and_the_rest_counted(
    considered: tuple[str, ...], rest: str
) -> None:
    begin = BeginAnalysis(by=ANA, at=at(4), reason="a short story")
    decided = (ConsiderRow(by=ANA, at=at(5), element=element_id(one), reason="Seen") for one in considered)
    seen = register_after(placed_model(*HOME), begin, *decided)
    (said,) = [warning.text for warning in seen.warnings if warning.id == "cells_undecided"]
    assert len(seen.coverage.open) == 4 - len(considered)
    assert said.count("“") == 3
    assert said.endswith(f"){rest}.")


def test_a_store_that_is_only_read_is_never_written() -> None:
    events = decide_all(
        AddComponent(by=ANA, at=at(1), name="Ledger", sort=STORE),
        AddComponent(by=ANA, at=at(1), name="Reader", sort=PROCESS),
        AddDataFlow(by=ANA, at=at(1), source=element_id("CO-1"), target=element_id("CO-2")),
        after=[started()],
    )
    assert "store_never_written@CO-1" in [warning.id for warning in register_after(events).warnings]


def test_strangers_from_the_internet_need_a_level() -> None:
    events = decide_all(
        AddEntryPoint(by=ANA, at=at(1), name="Web page", exposure=Exposure.INTERNET),
        AddTrustLevel(by=ANA, at=at(1), name="Everybody"),
        after=[started()],
    )
    assert "X03@EP-1" in [warning.id for warning in register_after(events).warnings]
    assert "X03@EP-1" not in [
        warning.id for warning in register_after(events, AddTrustLevel(by=ANA, at=at(2), name="Us")).warnings
    ]


def test_an_old_history_may_name_what_is_removed_and_is_shown_so() -> None:
    events = [
        *placed_model(*HOME),
        ElementRemoved(by=ANA, at=at(5), answer=17, element=element_id("AS-1")),
    ]
    assert "names_removed@DF-1" in [warning.id for warning in register(replay(events)).warnings]


def test_a_two_way_flow_writes_to_a_store_and_reads_from_it() -> None:
    query = AddDataFlow(
        by=ANA,
        at=at(3),
        source=element_id("CO-2"),
        target=element_id("CO-4"),
        assets=(element_id("AS-1"),),
        assets_back=(element_id("AS-1"),),
    )
    store = AddComponent(by=ANA, at=at(3), name="Drawer", sort=STORE)
    found = [warning.id for warning in register_after(placed_model(*HOME), store, query).warnings]
    assert not {"store_never_read@CO-4", "store_never_written@CO-4"} & {*found}


def test_who_only_takes_or_only_gives_is_no_process_and_no_store() -> None:
    outside = AddComponent(by=ANA, at=at(3), name="Neighbour", sort=ENTITY)
    parcel = AddDataFlow(
        by=ANA, at=at(3), source=element_id("CO-2"), target=element_id("CO-4"), assets=(element_id("AS-1"),)
    )
    found = [warning.id for warning in register_after(placed_model(*HOME), outside, parcel).warnings]
    assert not [one for one in found if one.endswith("@CO-4") and not one.startswith("level_")]
    assert "store_never_read@CO-2" not in found
    assert "process_without_output@CO-2" not in found


def test_an_entry_point_is_passed_through_the_ones_nested_in_it() -> None:
    nested = AddEntryPoint(by=ANA, at=at(3), name="Cat flap", parent=element_id("EP-1"))
    found = [warning.id for warning in register_after(placed_model(*HOME), nested).warnings]
    assert "entry_point_unpassed@EP-1.1" in found
    assert "entry_point_unpassed@EP-1" not in found
