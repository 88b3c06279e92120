"""Moving between the phases: guards, reasons, going back, closing, reopening, putting away."""

from datetime import date
from typing import get_args

import pytest

from domain.commands import (
    COMMAND_TYPES,
    AddAsset,
    AddEntryPoint,
    AddTrustLevel,
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    CloseThreatModel,
    DrawFlows,
    FlowByNames,
    PhaseMoveCommand,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
    TakeOver,
)
from domain.events import PhaseMoved, ThreatModelArchived, ThreatModelClosed, ThreatModelReopened
from domain.kernel.elements import PersonId
from domain.kernel.gate_overrides import GateOverride
from domain.lifecycle import (
    ALLOWED,
    LEAVES,
    TRANSITION_OF,
    ThreatModelLifecycle,
    diagram,
    phase_of,
    step_after,
)
from domain.model import ThreatModel
from domain.rejections import GatesOpen, NotInThisPhase, NotTheFacilitator, Rejected
from domain.replay import replay
from tests.examples import ANA, BEN, at, decide_all, given, started
from tests.for_each import for_each

COLLECTED = decide_all(
    AddAsset(by=ANA, at=at(1), name="Key"),
    AddEntryPoint(by=ANA, at=at(1), name="Door"),
    AddTrustLevel(by=ANA, at=at(1), name="Residents"),
    DrawFlows(by=ANA, at=at(1), flows=(FlowByNames(source="Guest", target="House"),)),
    after=[started()],
)
NEXT = len(COLLECTED) + 1


def test_with_enough_collected_the_facilitator_moves_on_to_analysis() -> None:
    given(*COLLECTED).when(BeginAnalysis(by=ANA, at=at(2))).then(
        PhaseMoved(by=ANA, at=at(2), answer=NEXT, step="identifying")
    )


def test_what_is_missing_for_analysis_is_said() -> None:
    given(started()).when(BeginAnalysis(by=ANA, at=at(2))).then_refused(
        GatesOpen, "Missing: an asset, an entry point, a trust level, a data flow", field="reason_collected"
    )


def test_a_stated_reason_opens_the_guard_and_is_kept_with_what_was_missing() -> None:
    events = decide_all(AddAsset(by=ANA, at=at(1), name="Key"), after=[started()])
    given(*events).when(BeginAnalysis(by=ANA, at=at(2), reason=" a first look ")).then(
        PhaseMoved(
            by=ANA,
            at=at(2),
            answer=3,
            step="identifying",
            overrides=(
                GateOverride(
                    gate="collected",
                    text="Missing: an entry point, a trust level, a data flow",
                    reason="a first look",
                    until=date(2027, 3, 2),
                ),
            ),
        )
    )


def test_others_than_the_facilitator_are_told_who_it_is() -> None:
    given(*COLLECTED).when(BeginAnalysis(by=BEN, at=at(2))).then_refused(NotTheFacilitator, "@UANA")
    taken = decide_all(TakeOver(by=BEN, at=at(2)), after=COLLECTED)
    given(*taken).when(BeginAnalysis(by=BEN, at=at(3))).then(
        PhaseMoved(by=BEN, at=at(3), answer=NEXT + 1, step="identifying")
    )


def test_going_back_loses_nothing() -> None:
    there = decide_all(BeginAnalysis(by=ANA, at=at(2)), after=COLLECTED)
    back = decide_all(ReturnToCollection(by=ANA, at=at(3), reason="we forgot the garage"), after=there)
    before, after = replay(COLLECTED), replay(back)
    assert after.step == "collection"
    assert (after.elements, after.facts) == (before.elements, before.facts)


def test_a_phase_is_not_jumped_over() -> None:
    given(*COLLECTED).when(BeginRemediation(by=ANA, at=at(2), reason="hurry")).then_refused(
        NotInThisPhase, "TM-1 is in the collection"
    )
    given(*COLLECTED).when(ReturnToAnalysis(by=ANA, at=at(2))).then_refused(
        NotInThisPhase, "TM-1 is in the collection phase. This action is available only in the remediation"
    )


def test_without_threats_remediation_needs_a_reason() -> None:
    analysing = decide_all(BeginAnalysis(by=ANA, at=at(2)), after=COLLECTED)
    given(*analysing).when(BeginRemediation(by=ANA, at=at(3))).then_refused(
        GatesOpen,
        "A condition for remediation is not met. No threat is recorded",
        field="reason_threats_found",
    )
    given(*analysing).when(BeginRemediation(by=ANA, at=at(3), reason="a drill")).then(
        PhaseMoved(
            by=ANA,
            at=at(3),
            answer=NEXT + 1,
            step="responding",
            overrides=(
                GateOverride(
                    gate="threats_found",
                    text="No threat is recorded",
                    reason="a drill",
                    until=date(2027, 3, 2),
                ),
            ),
        )
    )


def test_closing_with_an_open_gate_needs_a_reason_and_names_the_gate() -> None:
    given(started()).when(CloseThreatModel(by=ANA, at=at(2))).then_refused(
        GatesOpen, "Missing: an asset,", field="reason_collected"
    )
    closed = decide_all(CloseThreatModel(by=ANA, at=at(2), reason="cancelled"), after=[started()])[-1]
    assert isinstance(closed, ThreatModelClosed)
    assert [(one.gate, one.reason) for one in closed.overrides] == [("collected", "cancelled")]
    assert closed.reason == "", "the reason belongs to the only gate that was open"


def test_a_closed_model_takes_no_answers_until_it_is_reopened() -> None:
    closed = decide_all(CloseThreatModel(by=ANA, at=at(2), reason="done"), after=COLLECTED)
    given(*closed).when(AddAsset(by=BEN, at=at(3), name="Purse")).then_refused(
        NotInThisPhase, "TM-1 is closed. Reopen it first"
    )
    given(*closed).when(ReopenThreatModel(by=ANA, at=at(3), reason="one more")).then(
        ThreatModelReopened(by=ANA, at=at(3), answer=NEXT + 1, step="collection", reason="one more")
    )


def test_an_archived_model_comes_back_where_it_was_left() -> None:
    events = decide_all(
        BeginAnalysis(by=ANA, at=at(2)),
        CloseThreatModel(by=ANA, at=at(3), reason="done"),
        after=COLLECTED,
    )
    given(*events).when(ArchiveThreatModel(by=ANA, at=at(4))).then(
        ThreatModelArchived(by=ANA, at=at(4), answer=NEXT + 2)
    )
    archived = decide_all(ArchiveThreatModel(by=ANA, at=at(4)), after=events)
    assert replay(archived).step == "archived"
    given(*archived).when(ReopenThreatModel(by=ANA, at=at(5))).then(
        ThreatModelReopened(by=ANA, at=at(5), answer=NEXT + 3, step="identifying")
    )


def test_someone_can_take_over_a_model_that_was_put_away() -> None:
    archived = decide_all(ArchiveThreatModel(by=ANA, at=at(4)), TakeOver(by=BEN, at=at(5)), after=COLLECTED)
    assert replay(archived).facilitator == BEN


def test_every_command_has_its_place_in_the_chart() -> None:
    assert set(TRANSITION_OF) == set(COMMAND_TYPES)
    declared = {str(event) for event in ThreatModelLifecycle.events}
    assert declared == set(TRANSITION_OF.values()), "a transition that no command asks for"


MOVES: list[tuple[str, type[PhaseMoveCommand]]] = [
    (step, move) for step in sorted(LEAVES - {"unstarted"}) for move in get_args(PhaseMoveCommand)
]


@for_each("step, move", MOVES)
def test_the_compiled_table_says_what_the_chart_does(step: str, move: type[PhaseMoveCommand]) -> None:
    model = ThreatModel(version=3, key=replay(COLLECTED).key, step=step, step_left="collection")
    try:
        after = step_after(model, move(by=PersonId("UANA"), at=at(1), reason="to see"))
    except Rejected:
        assert step not in ALLOWED[move]
    else:
        assert step in ALLOWED[move]
        assert after in LEAVES


def test_every_step_belongs_to_a_phase_and_the_diagram_shows_it() -> None:
    for step in LEAVES:
        assert phase_of(step)
        assert step in diagram()


@pytest.mark.parametrize(("left", "step"), [("identifying", "identifying"), ("tracking", "responding")])
def test_a_model_is_reopened_in_the_phase_it_was_left_in(left: str, step: str) -> None:
    model = ThreatModel(version=3, key=replay(COLLECTED).key, step="closed", step_left=left)
    assert step_after(model, ReopenThreatModel(by=ANA, at=at(1))) == step
