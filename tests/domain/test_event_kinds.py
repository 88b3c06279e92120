"""Every kind of event and element has its row, its code, its name and its words."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields
from rpds import HashTrieMap

from domain import decide
from domain.commands import (
    COMMAND_TYPES,
    AddCommand,
    AllowSharing,
    ArchiveThreatModel,
    NameElements,
    ReportThreat,
    ReviseCommand,
    Undo,
)
from domain.decide.decision import Decision, begin_decision
from domain.element_kinds import ADD_COMMANDS, NAMES_IN, REVISE_COMMANDS
from domain.events import EVENT_TYPES, SharingAllowed, SharingForbidden
from domain.kernel.elements import Kind, Rating
from domain.kernel.event_subjects import Side, Subject, coarse, subject_text
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.threat import Stride
from domain.model.phase_steps import step_position
from domain.register import register
from domain.replay import replay
from domain.wording import EVENT_KINDS, Lasting
from tests.domain.remediation_story import THREATS
from tests.domain.suggested_threats import AMINA, HOUSE
from tests.examples import ANA, at, closed, decide_all, started
from tests.for_each import for_each


def test_every_kind_of_event_has_a_row_and_only_one() -> None:
    assert list(EVENT_KINDS) == [*dict.fromkeys(EVENT_KINDS)]
    assert set(EVENT_KINDS) == set(EVENT_TYPES)


def test_every_command_has_a_function_that_decides_on_it() -> None:
    assert set(decide.DECISIONS) == {*COMMAND_TYPES} - {Undo}


def test_an_auditor_reads_what_decides_and_not_what_adds_to_what_is_known() -> None:
    decisions = {kind.__name__ for kind, row in EVENT_KINDS.items() if row.decides}
    assert decisions == {
        *(
            "ThreatModelStarted",
            "ThreatModelImported",
            "FacilitatorChanged",
            "SharingAllowed",
            "SharingForbidden",
        ),
        *("PhaseMoved", "ThreatModelClosed", "ThreatModelReopened", "ThreatModelArchived"),
        *("ClosingProposed", "ClosingDeclined", "ClosingWithdrawn"),
        *("ThreatWithdrawn", "ThreatsMerged", "ElementsMerged", "RoundClosed"),
        *(
            "SuggestedThreatConfirmed",
            "SuggestedThreatDismissed",
            "SuggestedThreatReopened",
            "PlacesAdded",
            "PlacesRemoved",
        ),
        *("ScreeningAnswered", "ScreeningWithdrawn", "ScreeningConfirmed", "AnswerChecked"),
        *("DraftSettled", "DraftReopened"),
        *("ResponseChosen", "ResponseCleared", "AcceptanceProposed", "AcceptanceWithdrawn"),
        *("AcceptanceApproved", "AcceptanceDeclined"),
        *("MitigationVerified", "VerificationRefused", "MitigationDropped"),
        *("MitigationUnlinked", "PolicyChosen", "WorkspaceSettingsApplied"),
        *("TrackerChosen", "IssueProposalDismissed"),
    }


def test_what_is_never_undone_are_events() -> None:
    assert set(get_args(Lasting)) <= set(EVENT_KINDS)


def test_every_kind_of_element_has_a_row_with_commands_of_its_own() -> None:
    assert set(ADD_COMMANDS) == set(REVISE_COMMANDS) == set(Kind)
    assert set(ADD_COMMANDS.values()) == set(get_args(AddCommand))
    assert set(REVISE_COMMANDS.values()) == set(get_args(ReviseCommand))
    assert set(NAMES_IN.values()) == set(NameElements.__struct_fields__) - {"by", "at", "choices"}


def test_a_refusal_names_no_two_subjects_alike() -> None:
    named = Counter(subject_text(one) for one in {coarse(Subject(side, "X-1")) for side in Side})
    assert {name for name, count in named.items() if count > 1} == set()


MODULES = sorted(Path(decide.__file__).parent.glob("*.py"))
FUNCTIONS = [
    pytest.param(node, id=f"{path.stem}.{node.name}")
    for path in MODULES
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.FunctionDef)
]


def test_a_further_event_leaves_a_decision_as_it_was() -> None:
    model = replay([started()])
    begun = begin_decision(AllowSharing(by=ANA, at=at(1)), model)
    allowed = begun.record(SharingAllowed(**begun.header))
    both = allowed.record(SharingForbidden(**begun.header))
    assert (begun.model, begun.events) == (model, ())
    assert (allowed.model.sharing_allowed, len(allowed.events)) == (True, 1)
    assert (both.model.sharing_allowed, both.events[:1]) == (False, allowed.events)
    assert [type(event) for event in both.events] == [SharingAllowed, SharingForbidden]


@pytest.mark.parametrize("name", Decision.__struct_fields__)
def test_no_field_of_a_decision_can_be_set(name: str) -> None:
    begun = begin_decision(AllowSharing(by=ANA, at=at(1)), replay([started()]))
    with pytest.raises(AttributeError, match="immutable"):
        setattr(begun, name, getattr(begun, name))


@for_each("function", FUNCTIONS)
def test_no_function_changes_what_it_is_given(function: ast.FunctionDef) -> None:
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    annotations = {one.arg: ast.unparse(one.annotation) for one in given if one.annotation}
    changeable = ("list[", "dict[", "set[", "deque[", "Mutable")
    assert not {name: text for name, text in annotations.items() if text.startswith(changeable)}
    assert not {ast.unparse(target) for target in changed_in(function) if root(target) in annotations}


DECIDING = {
    value.name
    for param in FUNCTIONS
    for value in param.values
    if isinstance(value, ast.FunctionDef) and value.returns and "Decision" in ast.unparse(value.returns)
}
"""The functions whose result must not be dropped."""


def test_functions_that_decide_are_found() -> None:
    assert {"record", "revise", "add", "end_finished_rounds", "_named_or_added"} <= DECIDING


@for_each("function", FUNCTIONS)
def test_no_returned_decision_is_ignored(function: ast.FunctionDef) -> None:
    calls = [node.value for node in ast.walk(function) if isinstance(node, ast.Expr)]
    ignored = {called(call) for call in calls if isinstance(call, ast.Call)} & DECIDING
    assert not ignored


def changed_in(function: ast.FunctionDef) -> Iterator[ast.Attribute | ast.Subscript]:
    """The attributes and items that a function assigns or deletes."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield node


def root(target: ast.expr) -> str:
    """The name at the start of an expression: `model` in `model.rounds[id]`."""
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def called(call: ast.Call) -> str:
    """The name of the function that is called, without its module or object."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


SIDES_OF_A_THING = {
    Side.THING,
    Side.ELEMENT,
    Side.FACTS,
    Side.ASSUMPTION,
    Side.THREAT,
    Side.SCORE,
    Side.SUGGESTED_THREAT,
    Side.MITIGATION,
}


@for_each("side", Side)
def test_every_side_has_a_name_and_only_the_sides_of_a_thing_are_named_by_its_id(side: Side) -> None:
    name = subject_text(Subject(side, "EP-1"))
    assert name
    assert (name == "EP-1") == (side in SIDES_OF_A_THING)


@for_each("side", Side)
def test_the_sides_of_a_thing_become_one_subject(side: Side) -> None:
    subject = Subject(side, "EP-1")
    assert coarse(subject) == (Subject(Side.THING, "EP-1") if side in SIDES_OF_A_THING else subject)


def test_an_id_with_braces_is_named_as_it_is() -> None:
    assert subject_text(Subject(Side.RESPONSE, "{0}")) == "the response to {0}"


@pytest.mark.parametrize(("rating", "weight"), [(Rating.LOW, 1), (Rating.MEDIUM, 2), (Rating.HIGH, 3)])
def test_a_rating_weighs_as_much_as_it_says(rating: Rating, weight: int) -> None:
    assert rating.weight == weight


@pytest.mark.parametrize(("count", "waiting"), [(1, "1 threat"), (2, "2 threats")])
def test_threats_that_wait_for_votes_are_counted(count: int, waiting: str) -> None:
    reported = (
        ReportThreat(by=AMINA, at=at(90), title=f"The glue {number}", stride=(Stride.TAMPERING,))
        for number in range(count)
    )
    said = register(replay(decide_all(*reported, after=HOUSE))).next.text
    assert said == f"Begin analysis: {waiting} to score"


def test_nothing_is_urgent_unless_somebody_says_so() -> None:
    urgent = {
        (kind.__name__, field.default)
        for kind in (*COMMAND_TYPES, *EVENT_TYPES)
        for field in fields(kind)
        if field.name == "urgent"
    }
    assert len(urgent) == 12
    assert {default for _, default in urgent} == {False}


def test_the_steps_of_a_phase_are_equally_far_on_the_way() -> None:
    way = (("",), ("collection",), ("identifying", "voting"), ("responding", "tracking"), ("closed",))
    assert [{step_position(step) for step in steps} for steps in way] == [{0}, {1}, {2}, {3}, {4}]


def test_an_archived_model_knows_the_step_that_it_left() -> None:
    archived = replay(decide_all(ArchiveThreatModel(by=ANA, at=at(90)), after=THREATS))
    assert archived.step_left == replay(THREATS).step
    over = closed(THREATS, minute=90)
    archived = replay(decide_all(ArchiveThreatModel(by=ANA, at=at(91)), after=over))
    assert archived.step_left == replay(over).step_left


@given(st.dictionaries(st.text(max_size=4), st.integers()), st.integers(0, 40))
def test_all_items_are_read_in_the_order_of_the_map(given: dict[str, int], removed: int) -> None:
    found: HashTrieMap[str, int] = HashTrieMap(given)
    for key in list(given)[:removed]:
        found = found.remove(key)
    assert items_of(found) == list(found.items())
    assert list(values_of(found)) == list(found.values())
