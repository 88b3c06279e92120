"""What should happen next, and who it waits for."""

from enum import StrEnum

import msgspec

from domain.elements import REGISTERS, ElementId, Kind, PersonId, counted
from domain.gates import Gate
from domain.lifecycle import missing_for_analysis, phase_of
from domain.model import ThreatModel
from domain.threats import Analysis


class Act(StrEnum):
    """The things that a team is asked to do next."""

    NAME = "name"
    DRAW = "draw"
    PLACE = "place"
    ANSWER = "answer"
    ADD_MISSING = "add_missing"
    BEGIN_ANALYSIS = "begin_analysis"
    DECIDE_CANDIDATES = "decide_candidates"
    BEGIN_REMEDIATION = "begin_remediation"
    CLOSE = "close"
    NOTHING = "nothing"


class NextAction(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence on what to do next; `waits_for` is a person, or None where anybody may do it."""

    act: Act
    text: str
    waits_for: PersonId | None = None


def next_action(
    model: ThreatModel, unplaced: tuple[ElementId, ...], found: Analysis, checked: tuple[Gate, ...]
) -> NextAction:
    """The first thing that is not done yet, in the order of the work."""
    match phase_of(model.step):
        case "collection":
            return _in_collection(model, unplaced, found)
        case "analysis":
            return _in_analysis(model, found)
        case "remediation":
            open_gates = sum(not gate.met for gate in checked)
            text = f"Close the model ({open_gates} gates are still open)" if open_gates else "Close the model"
            return NextAction(act=Act.CLOSE, text=text, waits_for=model.facilitator)
        case _:
            return NextAction(act=Act.NOTHING, text="Nothing is waiting")


def _in_collection(model: ThreatModel, unplaced: tuple[ElementId, ...], found: Analysis) -> NextAction:
    if not any(model.of_kind(kind) for kind in REGISTERS):
        return NextAction(act=Act.NAME, text="Name what there is: four boxes, one name per line")
    if not model.of_kind(Kind.DATA_FLOW):
        return NextAction(act=Act.DRAW, text="Write the data flows, one per line")
    if unplaced:
        some = counted(Kind.COMPONENT, len(unplaced))
        return NextAction(act=Act.PLACE, text=f"Place {some}: kind, trust level, boundary")
    missing = missing_for_analysis(model)
    if missing:
        return NextAction(act=Act.ADD_MISSING, text=f"Add what is missing: {', '.join(missing)}")
    if found.questions:
        return NextAction(act=Act.ANSWER, text=_questions(len(found.questions)))
    return NextAction(act=Act.BEGIN_ANALYSIS, text="Move on to analysis", waits_for=model.facilitator)


def _in_analysis(model: ThreatModel, found: Analysis) -> NextAction:
    if found.questions:
        return NextAction(act=Act.ANSWER, text=_questions(len(found.questions)))
    if found.candidates:
        count = len(found.candidates)
        some = "1 candidate" if count == 1 else f"{count} candidates"
        return NextAction(act=Act.DECIDE_CANDIDATES, text=f"Look at {some}")
    return NextAction(act=Act.BEGIN_REMEDIATION, text="Move on to remediation", waits_for=model.facilitator)


def _questions(count: int) -> str:
    return "Answer 1 open question" if count == 1 else f"Answer {count} open questions"
