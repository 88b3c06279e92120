"""A decision is a value: each function of `domain/decide` returns a new one, and changes none."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain import decide
from domain.commands import AllowSharing
from domain.decide.decision import Decision, begin_decision
from domain.events import SharingAllowed, SharingForbidden
from domain.replay import replay
from tests.examples import ANA, at, started
from tests.for_each import for_each

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
    one.name
    for param in FUNCTIONS
    for one in param.values
    if isinstance(one, ast.FunctionDef) and one.returns and "Decision" in ast.unparse(one.returns)
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
